"""The leaderboard as tables, an article and text for a terminal."""

import pandas as pd

from reports.article import Article, Section
from reports.grid import Column, Grid, grid
from reports.leaderboard import Leaderboard, Ranking
from reports.leaderboard_entries import METRICS
from robench.published_results import PREFIX


def leaderboard_grid(ranking: Ranking) -> Grid:
    """Return one list as a table, the metric that it is ranked by first."""
    order = [ranking.by, *(metric for metric in METRICS if metric != ranking.by)]
    metrics = [
        each for each in order if each in ranking.table and ranking.table[each].notna().any()
    ]
    columns = [Column("rank", "Rank", "count")]
    columns += [Column(metric, METRICS[metric][1]) for metric in metrics]
    if "n" in ranking.table:
        columns.append(Column("n", "Images", "count"))
    caption = f"{ranking.suite}: {ranking.protocol}; ranked by {METRICS[ranking.by][1]}"
    return grid(ranking.table, columns, caption, "Model")


def leaderboard_article(board: Leaderboard) -> tuple[Article, pd.DataFrame]:
    """Return the lists as an article, and all of them as tidy rows: fractions, unrounded."""
    sections = [
        Section(f"{each.suite}, {each.protocol}", grids=(leaderboard_grid(each),))
        for each in board.rankings
    ]
    notes = [
        "Models are ranked together only where they were measured on the same images in the same way.",
        "Numbers that read the same share a rank. Neighbours whose intervals overlap may well stand in another order: "
        "robench compare tests two runs, image by image.",
        f"{PREFIX} numbers others have published, without intervals; baselines/published names their sources. A folder "
        "of corrupted images counts as the published files; robench verify tells whether it holds them.",
        *(f"Left out: {path}: {reason}" for path, reason in board.left_out.items()),
    ]
    sections.append(Section("How to read the lists", notes=tuple(notes)))
    rows = pd.concat(
        [
            each.table.reset_index().assign(
                suite=each.suite, protocol=each.protocol, ranked_by=each.by
            )
            for each in board.rankings
        ],
        ignore_index=True,
    )
    first = ["suite", "protocol", "ranked_by", "rank", "model"]
    rows = rows[[*first, *(name for name in rows if name not in first)]]
    models = sum(len(each.table) for each in board.rankings)
    lists = len(board.rankings)
    where = f"{lists} lists that do not compare with each other" if lists > 1 else "one list"
    facts = f"{models} models in {where}"
    return Article("Leaderboard", facts, tuple(sections)), rows


def leaderboard_text(board: Leaderboard) -> str:
    """Return the lists for a terminal: percent with one decimal and 95% intervals."""
    parts = []
    for ranking in board.rankings:
        shown = leaderboard_grid(ranking)
        rows = [
            [
                name,
                *(
                    f"{cell.text} ({cell.interval})" if cell.interval else cell.text
                    for cell in cells
                ),
            ]
            for name, cells in zip(shown.names, shown.rows, strict=True)
        ]
        table = pd.DataFrame(rows, columns=["model", *(each.heading for each in shown.columns)])
        rank = table.pop("Rank")
        table.insert(0, "rank", rank)
        parts += ["", shown.caption, table.to_string(index=False)]
    parts += [f"left out: {path}: {reason}" for path, reason in board.left_out.items()]
    return "\n".join(parts)
