"""``robench detect``: does the model know what it does not know?"""

import sys
from pathlib import Path
from typing import Any

import click

from robench.cli.choices import number_or_auto
from robench.cli.model_options import opened, optional_model_options
from robench.cli.run_options import data_dir_option, run_options

EXAMPLE = """
\b
Examples:
  robench detect --model resnet20.th --arch resnet20 --normalisation imagenet \\
      --in cifar-10 --out-data cifar-100 --out-data pictures/textures --data-dir data --out runs/ood
  robench detect --model timm:resnet50 --in imagenet-o-reference --out-data imagenet-o \\
      --data-dir data --out runs/o                     ImageNet-O as published
  robench detect ... --out runs/ood                    again: go on, or add another --out-data
  robench detect runs/inside runs/outside              two runs that there are already
"""


@click.command(name="detect", epilog=EXAMPLE)
@click.argument("runs", nargs=-1, metavar="[RUN_IN RUN_OUT...]")
@optional_model_options
@click.option("--in", "inside", metavar="SUITE|FOLDER", help="Images of the model's classes.")
@click.option(
    "--out-data",
    "outside",
    multiple=True,
    metavar="SUITE|FOLDER",
    help="Images of none of them; a folder of pictures in any layout. May be repeated.",
)
@click.option("--out", metavar="RUN", help="Run directory to write.")
@data_dir_option
@click.option("--limit", type=int, metavar="N", help="Only N images of each side.")
@run_options
def command(
    runs: tuple[str, ...],
    inside: str | None,
    outside: tuple[str, ...],
    out: str | None,
    data_dir: str | None,
    limit: int | None,
    batch_size: str,
    device: str | None,
    precision: str,
    resume: bool,
    quiet: bool,
    **model_choice: Any,
) -> None:
    """Tell images of none of the model's classes from images of them.

    AUROC, AUPR and FPR95 of the maximum softmax, the maximum logit and the energy, with 95% intervals. The
    outside images are the positives: they are what is to be detected. Both sides are resized and cropped alike.
    Writes RUN as `robench eval` does, RUN/outside/NAME beside it, and RUN/scores.csv.
    """
    from tqdm import tqdm

    from reports.terminal import detection_table
    from robench import detection, scoring
    from robench.errors import RobenchError
    from robench.records import open_run

    asked = (inside, out, *outside, *model_choice["specs"])
    if runs and any(asked):
        raise RobenchError("give two runs, or --model, --in, --out-data and --out; not both")
    if runs:
        if len(runs) < 2:
            raise RobenchError(
                f"{runs[0]} alone cannot be compared; name the run on outside images"
            )
        known, *unknown = [open_run(path) for path in runs]
        click.echo(f"inside: {known.info['data']['description']}")
        for run in unknown:
            click.echo(f"outside: {run.info['data']['description']}")
            click.echo(detection_table(scoring.score_anomalies(run, known)))
        return
    if not (inside and outside and out and model_choice["specs"]):
        raise RobenchError("needs --model, --in, --out-data and --out; or two runs")
    shown = detection.open_inside(inside, data_dir, limit=limit)
    others = [detection.open_outside(each, shown, data_dir, limit=limit) for each in outside]
    model = opened(classes=len(shown.full.classes), benchmark=shown, device=device, **model_choice)
    click.echo(f"model: {model.description()}")
    click.echo(f"inside: {shown.description()}")
    for other in others:
        click.echo(f"outside: {other.description()}")
    done = detection.detect(
        model,
        shown,
        others,
        out,
        batch_size=number_or_auto("--batch-size", batch_size),
        device=device,
        precision=precision,
        resume=resume,
        command=["robench", *sys.argv[1:]],
        progress=not quiet,
        say=tqdm.write,
    )
    if done[0].failed:
        raise RobenchError(done[0].failure_sentence())
    scores = scoring.write_scores(done[0].run)
    click.echo(detection_table(scores))
    click.echo(
        f"\nscores: {Path(out) / 'scores.csv'}   page: robench report {out} --out {out}/report"
    )
    for each in done:
        if each.failed:
            raise RobenchError(each.failure_sentence())
