"""``robench export``: scores for other tools."""

import click

from robench.cli.choices import words

FORMATS = ("csv", "json", "timm", "robustbench")
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

    from reports.request import check_named_runs, in_one_line
    from robench.errors import RobenchError
    from robench.registry import unknown_name

    complaints = check_named_runs(runs)
    if format_ not in FORMATS:
        complaints.append(unknown_name("format", format_, FORMATS))
    if complaints:
        raise RobenchError(in_one_line(complaints))
    # Not before: pandas is slow to load.
    from reports.names import distinguished
    from robench.atomic_file import write_atomically
    from robench.export import FORMATS as WRITERS
    from robench.loaded_run import load_run
    from robench.progress import bar

    loaded = []
    with bar(len(runs), unit="runs", desc="export", shown=len(runs) > 1) as shown:
        for run in runs:
            loaded.append(load_run(run, words(also) or ()))
            loaded[-1].scores  # noqa: B018  # computes them
            shown.update(1)
    names = distinguished([each.run.name for each in loaded], [Path(run).resolve() for run in runs])
    text = WRITERS[format_](loaded, names)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_atomically(Path(out), lambda file: file.write(text.encode()))
        click.echo(f"scores: {out}")
