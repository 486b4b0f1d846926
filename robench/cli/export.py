"""``robench export``: scores for other tools."""

import click

from robench.cli.choices import words

EXAMPLE = """
\b
Examples:
  robench export runs/augmix                                   tidy CSV
  robench export runs/standard runs/augmix --format json --out scores.json
  robench export runs/augmix --format robustbench >> cells.csv
  robench export runs/augmix --also brier_score_per_class,confidence_brier_calibration
"""


@click.command(name="export", epilog=EXAMPLE)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option(
    "--format",
    "format_",
    default="csv",
    show_default=True,
    metavar="csv|json|timm|robustbench",
    help="tidy CSV; JSON with run.json; timm's results columns; RobustBench's cells.",
)
@click.option("--also", metavar="A,B|all", help="Metrics on request, see `robench list metrics`.")
@click.option("--out", metavar="FILE", help="Write there.  [default: print]")
def command(runs: tuple[str, ...], format_: str, also: str | None, out: str | None) -> None:
    """Write the scores of evaluated RUNs in a format that other tools read.

    csv and json hold reasons where there is no score; timm and robustbench refuse what is not whole.
    """
    from pathlib import Path

    from reports.names import distinguished
    from reports.results import check_distinct
    from robench.atomic_file import write_atomically
    from robench.errors import RobenchError
    from robench.export import FORMATS
    from robench.loaded_run import load_run
    from robench.registry import unknown_name

    if format_ not in FORMATS:
        raise RobenchError(unknown_name("format", format_, FORMATS))
    check_distinct([Path(run) for run in runs])
    loaded = [load_run(run, words(also) or ()) for run in runs]
    names = distinguished([each.run.name for each in loaded], [Path(run).resolve() for run in runs])
    text = FORMATS[format_](loaded, names)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_atomically(Path(out), lambda file: file.write(text.encode()))
        click.echo(f"scores: {out}")
