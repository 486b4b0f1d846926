"""``robench report``: runs in, a page out."""

from pathlib import Path

import click

EXAMPLE = """
\b
Examples:
  robench report runs/standard runs/augmix --out report
  robench report runs/augmix --format latex --format json --out report
  robench report runs/mine published:augmix-paper/augmix-wideresnet --out report
  robench report runs/augmix-training --out report            curves and recipe
  robench report --paper augmix --out tables                  the published tables alone
  robench report runs/*/cifar-10-c --paper augmix --out tables
  robench report runs/ipmix/cifar-10-c runs/ipmix/pgd --paper ipmix --out tables
"""


@click.command(
    short_help="Write tables, figures and one self-contained page from runs.", epilog=EXAMPLE
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
    help="Accept runs of different suites or protocols; the page says so and marks no best number.",
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
def command(
    runs: tuple[Path, ...],
    out: Path,
    formats: tuple[str, ...],
    data_dir: Path | None,
    mixed: bool,
    paper: str | None,
    any_recipe: bool,
    pooled: bool,
) -> None:
    """Write a report on evaluated RUNs into a folder.

    The folder gets report.html, one page that loads nothing and can be sent as it is; report.md, the same for
    GitHub; report.tex, its tables; report.csv and report.json, all scores as fractions at full precision; and
    figures/, each as PNG, SVG and PDF with its numbers as CSV. Runs are shown in the order given. The same runs
    always give the same bytes. Folders that `robench attack --out` wrote may be among them, and get a table; and
    published:NAME (see `robench list published`), whose numbers stand below the runs', marked as published.

    Of training runs, which do not mix with others, it shows the curves and the recipes.

    With --paper the files are called paper.*, numbers are percentages as in the paper, a run goes where its method,
    network and suite belong or, where the paper has no such cell, into a row of its own; what is not like for like
    with the paper bears a dagger, and gaps name the command that fills them.
    """
    from reports.formats import (
        check_formats,
        write_article,
    )  # not before: matplotlib is slow to load
    from reports.report import write_report
    from robench.errors import RobenchError

    chosen = check_formats(formats)
    if paper is None:
        if any_recipe or pooled:
            raise RobenchError(
                "--any-recipe and --pooled go with --paper; give --paper augmix or ipmix"
            )
        page = write_report(runs, out, mixed=mixed, formats=chosen, data_dir=data_dir)
    else:
        from reports.paper.paper import paper_article

        if mixed:
            raise RobenchError("--mixed has no meaning with --paper: each run goes to its own cell")
        article, rows = paper_article(paper, runs, any_recipe=any_recipe, pooled=pooled)
        page = write_article(article, rows, out, "paper", chosen)
    click.echo(f"report: {page}")
