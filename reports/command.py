"""``robench report``: runs in, pages out."""

import webbrowser
from collections.abc import Callable
from pathlib import Path

import click

from reports.folder import REPORT_FOLDER

STEPS = 100  # of the progress

EXAMPLE = """
\b
Examples:
  robench report                                         every run below runs/, into report/
  robench report --open                                  the same, and open it in the browser
  robench report runs/augmix-digits_cnn-digits           every run below that folder
  robench report runs/standard runs/augmix --out report  two runs on one page
  robench report runs/augmix --format latex --format json --out report
  robench report runs/mine published:augmix-paper/augmix-wideresnet --out report
  robench report runs/augmix-training --out report       curves and recipe
  robench report --paper augmix --out tables             the published tables alone
  robench report runs --paper augmix --out tables        the same with every run below runs
  robench report runs/ipmix/cifar-10-c runs/ipmix/pgd --paper ipmix --out tables
"""


@click.command(
    short_help="Write tables, figures and self-contained pages from runs.", epilog=EXAMPLE
)
@click.argument("runs", nargs=-1, metavar="[RUN|FOLDER]...", type=click.Path(path_type=Path))
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help=f"Folder to write into; made if need be.  [default: {REPORT_FOLDER}]",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="html|markdown|latex|csv|json",
    help="Write only this; repeat for more.  [default: all]",
)
@click.option(
    "--data-dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder that the runs' data lies in: the page then shows its images and names its classes.",
)
@click.option(
    "--mixed",
    is_flag=True,
    help="Accept runs of different suites or protocols on one page, which says so and marks no best number.",
)
@click.option(
    "--paper",
    metavar="augmix|ipmix",
    help="The paper's tables and figures: measured beside published.",
)
@click.option(
    "--any-recipe",
    is_flag=True,
    help="With --paper: runs of another recipe in the tables' own cells, with a dagger.",
)
@click.option(
    "--pooled",
    is_flag=True,
    help="With --paper: in figures, calibration over all corruptions' images as one set.",
)
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@click.option("--quiet", is_flag=True, help="No progress.")
def command(
    runs: tuple[Path, ...],
    out: Path | None,
    formats: tuple[str, ...],
    data_dir: Path | None,
    mixed: bool,
    paper: str | None,
    any_recipe: bool,
    pooled: bool,
    opens: bool,
    quiet: bool,
) -> None:
    """Write a report on every run below runs/, or below FOLDERs, or on the RUNs alone, into a folder.

    On everything below folders: index.html, and behind it a page for each suite and protocol, the training curves, a
    leaderboard and the AugMix paper's tables and figures with these runs in them. Runs that cannot be read are named
    there, and the others are shown. Without any run there are the published tables.

    On RUNs alone: report.html, one page that loads nothing and can be sent as it is; report.md, the same for
    GitHub; report.tex, its tables; report.csv and report.json, all scores as fractions at full precision; and
    figures/, each as PNG, SVG and PDF with its numbers as CSV. Runs are shown in the order given. The same runs
    always give the same bytes. Folders that `robench attack --out` wrote may be among them, and get a table; and
    published:NAME (see `robench list published`), whose numbers stand below the runs', marked as published.

    Of training runs, which do not mix with others on a page, it shows the curves and the recipes.

    With --paper the files are called paper.*, numbers are percentages as in the paper, a run goes where its method,
    network and suite belong or, where the paper has no such cell, into a row of its own; what is not like for like
    with the paper bears a dagger, and gaps name the command that fills them.

    An earlier report in the folder is replaced; nothing else in it is touched.
    """
    from reports.request import check_request

    request = check_request(
        runs, out, formats, data_dir=data_dir, mixed=mixed, paper=paper, any_recipe=any_recipe, pooled=pooled
    )  # fmt: skip
    from robench.progress import bar

    with bar(STEPS, unit="steps", desc="report", shown=not quiet) as shown:
        tell = _counter(shown.update)
        left_out: tuple[str, ...] = ()
        # Not before: matplotlib is slow to load.
        if request.folders:
            from reports.overview import write_overview

            overview = write_overview(
                request.folders, request.out, formats=request.formats, data_dir=data_dir, progress=tell
            )  # fmt: skip
            page, left_out = overview.page, overview.left_out
        elif paper is None:
            from reports.report import write_report

            page = write_report(
                request.runs, request.out, mixed=mixed, formats=request.formats, data_dir=data_dir, progress=tell
            )  # fmt: skip
        else:
            from reports.paper.paper import write_paper

            page = write_paper(
                paper, request.runs, request.out, request.formats, any_recipe=any_recipe, pooled=pooled, progress=tell
            )  # fmt: skip
        shown.update(STEPS - shown.n)
    for sentence in left_out:
        click.echo(f"robench: not shown: {sentence}", err=True)
    click.echo(f"report: {page}")
    if opens and not webbrowser.open(page.resolve().as_uri()):
        click.echo(f"robench: no browser was found; open {page} yourself", err=True)


def _counter(update: Callable[[int], object]) -> Callable[[float], None]:
    """Return what takes parts of the whole and tells ``update`` of whole steps."""
    done = 0.0

    def take(part: float) -> None:
        nonlocal done
        before, done = done, done + part
        # Rounded: parts add up to 0.9999999 where 1 is meant.
        update(int(round(STEPS * done, 6)) - int(round(STEPS * before, 6)))

    return take
