"""``robench leaderboard``: every run below a folder, and published models, in order."""

from pathlib import Path

import click

from robench.places import RUNS_FOLDER

EXAMPLE = """
\b
Examples:
  robench leaderboard
  robench leaderboard runs --suite cifar-10-c --protocol "published files"
  robench leaderboard runs --by error --no-published
  robench leaderboard runs --out board --format markdown
"""


@click.command(epilog=EXAMPLE)
@click.argument(
    "folder", metavar="[DIR]", type=click.Path(path_type=Path), default=RUNS_FOLDER, required=False
)
@click.option("--suite", help="Only this.  [default: those that a run is of]")
@click.option("--protocol", metavar="WORDS", help="Only lists whose protocol has these words.")
@click.option(
    "--by", metavar="METRIC", help="Rank by error, mean_uce, mce, ...  [default: the suite's]"
)
@click.option("--no-published", is_flag=True, help="Leave out published models.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Also write it there.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="html|markdown|latex|csv|json",
    help="With --out: write only this; repeat for more.  [default: all]",
)
def command(
    folder: Path,
    suite: str | None,
    protocol: str | None,
    by: str | None,
    no_published: bool,
    out: Path | None,
    formats: tuple[str, ...],
) -> None:
    """Rank every evaluated run below DIR, by default runs/, with the published models of the same suites.

    Each suite and protocol (all images or a part, published files or corrupted on the fly, preset, a double crop) is a
    list of its own: numbers that were not measured alike are never ranked together.
    """
    from reports.request import check_board

    chosen = check_board(folder, out, formats)
    from reports.formats import write_article  # not before: matplotlib is slow to load
    from reports.leaderboard import leaderboard
    from reports.leaderboard_text import leaderboard_article, leaderboard_text

    board = leaderboard(
        folder, suite=suite, protocol=protocol, by=by, with_published=not no_published
    )
    click.echo(leaderboard_text(board))
    if out is not None:
        article, rows = leaderboard_article(board)
        click.echo(f"\nleaderboard: {write_article(article, rows, out, 'leaderboard', chosen)}")
