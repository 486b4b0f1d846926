"""``robench doctor``: the mistakes that give wrong numbers and no error message."""

import sys
from typing import Any

import click

from robench.cli.model_options import opened, optional_model_options
from robench.cli.run_options import data_dir_option

EXAMPLE = """
\b
Examples:
  robench doctor --model resnet20.th --arch resnet20 --suite cifar-10-c --data-dir data
  robench doctor --suite cifar-10-c --data-dir data        the data alone
  robench doctor --data-dir data                           all data there
"""
SOMETHING_IS_WRONG = 1


@click.command(name="doctor", epilog=EXAMPLE)
@optional_model_options
@click.option("--suite", help="Benchmark.  [default: all whose data is there]")
@data_dir_option
@click.option(
    "--limit",
    type=int,
    default=500,
    show_default=True,
    metavar="N",
    help="Clean images for the model; more find smaller mistakes.",
)
@click.option("--batch-size", type=int, help="[default: by the size of the images]")
@click.option("--device", help="Such as cpu or cuda:1.  [default: a GPU if there is one]")
def command(
    suite: str | None,
    data_dir: str | None,
    limit: int,
    batch_size: int | None,
    device: str | None,
    **model_choice: Any,
) -> None:
    """Examine data and model for what makes numbers wrong without an error.

    Incomplete or changed files, images cropped twice, a wrong normalisation or channel order, classes in
    another order, probabilities in the place of logits. Exits with 1 when something is wrong.
    """
    from robench.doctor import (
        Diagnosis,
        diagnose,
        measured_or_finding,
        open_for_examination,
        place_of_data,
        the_one,
    )

    place = place_of_data(suite, data_dir)
    benchmarks, findings = open_for_examination(suite, place)
    model = None
    if model_choice["specs"]:
        chosen = the_one(benchmarks)
        loaded = opened(classes=len(chosen.full.classes), **model_choice)
        guess = not model_choice["no_guess"]
        model, unknown = measured_or_finding(loaded, chosen, guess, device, click.echo)
        findings += unknown
        click.echo(f"model: {(model or loaded).description()}")
    for finding in findings:
        click.echo(str(finding))
    for number, benchmark in enumerate(benchmarks):
        click.echo(f"data: {benchmark.suite.name}, {benchmark.description()}")
        diagnosis = diagnose(
            model if number == 0 else None,
            benchmark,
            data_dir=place,
            limit=limit,
            batch_size=batch_size,
            device=device,
        )
        click.echo("\n".join(map(str, diagnosis.findings)))
        findings += diagnosis.findings
    whole = Diagnosis(tuple(findings))
    click.echo(whole.conclusion())
    if not whole.is_healthy:
        sys.exit(SOMETHING_IS_WRONG)
