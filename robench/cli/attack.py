"""``robench attack``: the adversarial error of a model."""

import math
import sys
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import click

from robench.cli.model_options import model_options, opened
from robench.cli.run_options import data_dir_option, dry_run_option

EXAMPLE = """
\b
Examples:
  robench attack --model resnet4b.pth --arch resnet4b --normalisation cifar-10 \\
      --dataset cifar-10 --data-dir data --norm linf --epsilon 2/255 --steps 20
  robench attack --model net.pt --dataset digits --norm l2 --epsilon 0.5 --restarts 5
  robench attack --model net.pt --dataset digits --attack autoattack --limit 100
"""


class Ratio(click.ParamType):
    """A number such as ``2/255`` or ``0.5``."""

    name = "ratio"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Return the number, or fail with what it looks like."""
        try:
            number = float(Fraction(value)) if isinstance(value, str) else float(value)
        except (ValueError, ZeroDivisionError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            self.fail(f"a number like 2/255 or 0.5 is expected, got {value!r}", param, ctx)
        return number


@click.command(name="attack", epilog=EXAMPLE)
@model_options
@click.option("--dataset", required=True, help="Clean images; see `robench list datasets`.")
@data_dir_option
@click.option(
    "--attack", "method", type=click.Choice(["pgd", "autoattack"]), default="pgd", show_default=True
)
@click.option(
    "--norm", default="linf", show_default=True, metavar="linf|l2", help="Of the perturbation."
)
@click.option(
    "--epsilon",
    type=Ratio(),
    default="8/255",
    show_default=True,
    help="Its bound, for pixels in [0, 1].",
)
@click.option("--steps", type=int, default=20, show_default=True, help="Of PGD.")
@click.option(
    "--step-size", type=Ratio(), metavar="RATIO", help="Of PGD.  [default: 2.5 epsilon / steps]"
)
@click.option("--restarts", type=int, default=1, show_default=True, help="Of PGD.")
@click.option("--limit", type=int, metavar="N", help="Only N images, spread over the classes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the random starts.")
@click.option("--batch-size", type=click.IntRange(min=1), default=128, show_default=True)
@click.option("--device", help="Such as cpu or cuda:1.  [default: a GPU if there is one]")
@click.option("--out", metavar="DIR", help="Write attack.json and records.parquet there.")
@dry_run_option
@click.option("--quiet", is_flag=True, help="No progress bar.")
def command(
    dataset: str,
    data_dir: str | None,
    method: str,
    norm: str,
    epsilon: float,
    steps: int,
    step_size: float | None,
    restarts: int,
    limit: int | None,
    seed: int,
    batch_size: int,
    device: str | None,
    out: str | None,
    dry_run: bool,
    quiet: bool,
    **model_choice: Any,
) -> None:
    """Change every test image within a bound until the model errs, and print the error under attack.

    PGD gives a lower bound of the adversarial error; AutoAttack (pip install 'robench[attacks]') a
    tighter one, many times slower. An image misclassified without an attack counts as wrong.
    """
    from robench import attacks, datasets
    from robench.attacks.forecast import forecast_attack
    from robench.attacks.outcome import lines, write
    from robench.doctor import benchmark_of
    from robench.download import open_or_advise
    from robench.inference import chosen_device

    place = chosen_device(device)
    source, _ = open_or_advise(
        lambda folder: datasets.load(dataset, "test", folder), data_dir, dataset
    )
    model = opened(
        classes=len(source.classes), benchmark=benchmark_of(source), device=device, **model_choice
    )
    if limit is not None:
        source = source.select(datasets.stratified(source.labels, limit))
    settings: dict[str, Any] = {"norm": norm, "epsilon": epsilon, "seed": seed}
    if method == "pgd":
        step_size = attacks.usual_step_size(epsilon, steps) if step_size is None else step_size
        settings |= {"steps": steps, "step_size": step_size, "restarts": restarts}
    click.echo(f"model: {model.description()}")
    click.echo(f"data: {len(source.labels)} images of {source.description}")
    run = partial(getattr(attacks, method), model, device=place, **settings)
    if dry_run:
        forecast = forecast_attack(run, source, out, batch_size=batch_size)
        click.echo("\n".join(forecast.lines()))
        return
    result = attacks.adversarial_error(run, source, batch_size=batch_size, progress=not quiet)
    click.echo("\n".join(lines(result, method, settings)))
    if out:
        asked = ["robench", *sys.argv[1:]]
        write(Path(out), result, model, source, {"attack": method, **settings}, asked)
        click.echo(f"written: {Path(out) / 'attack.json'}, {Path(out) / 'records.parquet'}")
