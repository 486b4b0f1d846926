"""Runs and published models in order, one list for every suite and protocol: what was not measured alike is not ranked
together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reports.article import Article, Section
from reports.grid import Column, Grid, grid
from reports.names import distinguished
from robench import suites
from robench.errors import RobenchError
from robench.published_results import DOUBLE_CROP, PREFIX, ROBUSTBENCH_SUBSET, published_scores
from robench.records import Run, open_run
from robench.registry import unknown_name
from robench.scoring import COLUMNS, score
from robench.scoring.baseline import kept

# metric -> (its rows' corruption, heading); ranked by the first of them that most models of a list have.
METRICS = {
    "mce": ("all", "mCE (%)"),
    "mean_uce": ("all", "Mean corruption error (%)"),
    "mfr": ("all", "mFR (%)"),
    "mean_flip_probability": ("all", "Mean flip probability (%)"),
    "error": ("clean", "Clean error (%)"),
    "rms_calibration_error": ("all", "RMS calibration error (%)"),
}
RANKING = ("mce", "mean_uce", "mfr", "mean_flip_probability", "error")
PUBLISHED_FILES = "all images, published files"
SUBSET = "the subset robustbench-5k, published files"
PROTOCOLS = {"": PUBLISHED_FILES, ROBUSTBENCH_SUBSET: SUBSET, DOUBLE_CROP: DOUBLE_CROP}
ENDS = {"value": "", "low": "_low", "high": "_high"}


@dataclass(frozen=True)
class Ranking:
    """One list: ``table`` has a row per model, best first, with the columns of ``METRICS`` and ``rank`` (Int64)."""

    suite: str
    protocol: str
    by: str
    table: pd.DataFrame


@dataclass(frozen=True)
class Leaderboard:
    """Every list, and the folders that are in none: path -> reason."""

    rankings: tuple[Ranking, ...]
    left_out: Mapping[str, str]


def leaderboard(
    folder: str | Path,
    *,
    suite: str | None = None,
    protocol: str | None = None,
    by: str | None = None,
    with_published: bool = True,
) -> Leaderboard:
    """Rank every run below a folder and the published models, in one list for each suite and protocol.

    Args:
        folder: is searched for evaluated runs; training runs and outside images are passed over.
        suite: only this one; else those that a run is of.
        protocol: only lists whose protocol has these words in it.
        by: the metric to rank by; by default the first of ``RANKING`` that most models of the list have.
        with_published: also show published models.

    Raises:
        RobenchError: for a folder that does not exist, an unknown suite or metric, and when nothing is left to show.
    """
    if by is not None and by not in METRICS:
        raise RobenchError(unknown_name("metric of a leaderboard", by, METRICS))
    if suite is not None:
        suites.registry()[suite]
    rows, left_out = _measured(Path(folder), suite)
    shown = {row["suite"] for row in rows} | ({suite} if suite else set())
    if with_published:
        rows += [row for row in _published() if row["suite"] in shown]
    frame = pd.DataFrame(rows)
    if protocol is not None and len(frame):
        frame = frame[frame["protocol"].str.contains(protocol, case=False, regex=False)]
    if frame.empty:
        what = f"with a protocol like {protocol!r}" if protocol else "of a suite"
        reasons = "".join(f"; {path}: {reason}" for path, reason in list(left_out.items())[:3])
        raise RobenchError(f"nothing to rank: no finished run {what} below {folder}{reasons}")
    lists = [
        _ranking(str(name), str(how), part, by)
        for (name, how), part in frame.groupby(["suite", "protocol"], sort=False)
    ]
    return Leaderboard(tuple(lists), left_out)


def _measured(folder: Path, suite: str | None) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return a row per run, and the folders that could not be read or have nothing finished."""
    if not folder.is_dir():
        raise RobenchError(f"no folder {folder}")
    runs, left_out = [], {}
    for path in sorted(folder.rglob("run.json")):
        if "outside" in path.relative_to(folder).parts[:-2] or _is_training(path):
            continue
        try:
            run = open_run(path.parent)
            if suite is None or run.info["suite"] == suite:
                runs.append((run, _summary(_scores(run))))
        except RobenchError as error:
            left_out[str(path.parent.relative_to(folder))] = str(error)
    names = distinguished([run.name for run, _ in runs], [run.path.resolve() for run, _ in runs])
    digests: dict[tuple[str, str], list[str]] = {}
    rows = []
    for name, (run, values) in zip(names, runs, strict=True):
        how, digest = _protocol(run), str(run.info["data"]["manifest_sha256"])
        known = digests.setdefault((str(run.info["suite"]), how), [])
        if digest not in known:
            known.append(digest)
        if known.index(digest):  # the same words, and yet other images
            how = f"{how}, other data [{digest[:8]}]"
        rows.append({"suite": run.info["suite"], "protocol": how, "model": name, **values})
    return rows, left_out


def _is_training(path: Path) -> bool:
    try:
        return '"robench-training/' in path.read_text(encoding="utf-8")[:200]
    except (OSError, UnicodeDecodeError):
        return False


def _scores(run: Run) -> pd.DataFrame:
    """Return the tidy scores: as stored where they are newer than the records, else computed."""
    stored = run.path / "scores.csv"
    newest = max((path.stat().st_mtime for path in run.path.glob("records/*/*.parquet")), default=0)
    if not run.conditions():
        raise RobenchError("no condition is finished")
    if stored.exists() and stored.stat().st_mtime >= newest:
        table = pd.read_csv(stored)
        if set(COLUMNS) <= set(table):
            return table
    return score(run).table


def _summary(scores: pd.DataFrame) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for metric, (corruption, _) in METRICS.items():
        chosen = scores[(scores["metric"] == metric) & (scores["corruption"] == corruption)]
        if len(chosen):
            row |= {f"{metric}{end}": chosen[key].iloc[0] for key, end in ENDS.items()}
            if not pd.isna(chosen["n"].iloc[0]):
                row["n"] = int(chosen["n"].iloc[0])
    return row


def _protocol(run: Run) -> str:
    """Return in words what must be alike for two runs of a suite to be ranked together."""
    info = run.info
    data, suite = info["data"], suites.registry()[info["suite"]]
    images = "all images" if data["limit"] is None else f"{data['limit']:,} images"
    command = list(info["command"])
    if data["limit"] is not None and "--subset" in command[:-1]:
        images = f"the subset {command[command.index('--subset') + 1]}"
    divisor = kept(run)
    divided = ""
    if divisor is not None and "alexnet" not in divisor.name.lower():
        divided = f", divided by {divisor.name}"
    if not suite.corruptions or " on the fly (" not in data["description"]:
        return f"{images}, published files{divided}"
    return f"{images}, on the fly, preset {info['preset']}, seed {info['seed']}{divided}"


def _published() -> Iterator[dict[str, Any]]:
    for (model, suite, protocol), part in published_scores().groupby(
        ["model", "suite", "protocol"], sort=False
    ):
        row = _summary(part)
        alone = not suites.registry()[str(suite)].corruptions
        if alone or row.keys() & set(RANKING[:-1]):
            how = PROTOCOLS[str(protocol)]
            yield {"suite": suite, "protocol": how, "model": str(model), **row}


def _ranking(suite: str, protocol: str, part: pd.DataFrame, by: str | None) -> Ranking:
    table = part.set_index("model").drop(columns=["suite", "protocol"])
    known = {metric: table[metric].notna().sum() for metric in METRICS if metric in table}
    chosen = by or max(
        (metric for metric in RANKING if metric in known), key=lambda each: known[each], default=""
    )
    if chosen not in table:
        raise RobenchError(f"no model on {suite} ({protocol}) has a {by or 'score to rank by'}")
    table = table.sort_values(chosen, kind="stable", na_position="last")
    # Numbers that read the same share a rank.
    table.insert(0, "rank", table[chosen].round(4).rank(method="min").astype("Int64"))
    return Ranking(suite, protocol, chosen, table)


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
    facts = f"{models} models in {len(board.rankings)} lists that do not compare with each other"
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
