"""``robench report``: runs in, a page out."""

from pathlib import Path

import click


@click.command(
    short_help="Write tables, figures and one self-contained page from runs.",
    epilog="Example:  robench report runs/standard runs/augmix --out report",
)
@click.argument("runs", nargs=-1, metavar="RUN...", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder to write into; made if need be.",
)
@click.option(
    "--mixed",
    is_flag=True,
    help="Accept runs of different suites or protocols; the page says so and marks no best number.",
)
def command(runs: tuple[Path, ...], out: Path, mixed: bool) -> None:
    """Write a report on evaluated RUNs into a folder.

    The folder gets report.html, one page that loads nothing and can be sent as it is; report.md, the same for
    GitHub; report.csv, all scores as fractions at full precision; and figures/, each as PNG and SVG with its
    numbers as CSV. Runs are shown in the order given. The same runs always give the same bytes.
    Folders that `robench attack --out` wrote may be among them, and get a table.
    """
    from reports.report import write_report  # not before it is needed: matplotlib is slow to load

    page = write_report(runs, out, mixed=mixed)
    click.echo(f"report: {page}")
