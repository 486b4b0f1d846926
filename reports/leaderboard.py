"""Runs and published models in order, one list for every suite and protocol: what was not measured alike is not ranked
together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from reports.grid import as_text
from reports.leaderboard_entries import METRICS, RANKING, measured_entries, published_entries
from robench import suites
from robench.errors import RobenchError
from robench.registry import unknown_name


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
    rows, left_out = measured_entries(Path(folder), suite)
    shown = {row["suite"] for row in rows} | ({suite} if suite else set())
    if with_published:
        rows += [row for row in published_entries() if row["suite"] in shown]
    if protocol is not None:
        rows = [row for row in rows if protocol.lower() in row["protocol"].lower()]
    if not rows:
        what = f"with a protocol like {protocol!r}" if protocol else "of a suite"
        reasons = "".join(f"; {path}: {reason}" for path, reason in list(left_out.items())[:3])
        raise RobenchError(f"nothing to rank: no finished run {what} below {folder}{reasons}")
    return rank(rows, left_out, by)


def rank(
    rows: Sequence[Mapping[str, Any]], left_out: Mapping[str, str], by: str | None = None
) -> Leaderboard:
    """Rank entries, a list for each suite and protocol; a list without any number to rank by is left out.

    Raises RobenchError where no model of a list has the metric that was asked for.
    """
    lists, left_out = [], dict(left_out)
    frame = pd.DataFrame(rows)
    for (name, how), part in frame.groupby(["suite", "protocol"], sort=False):
        if by or choose_metric(part):
            lists.append(_ranking(str(name), str(how), part, by))
        else:
            left_out |= dict.fromkeys(part["model"], f"nothing of it on {name} can be ranked yet")
    return Leaderboard(tuple(lists), left_out)


def choose_metric(table: pd.DataFrame) -> str:
    """Return the first of ``RANKING`` that most models of a list have a number of; "" where none has any."""
    known = {metric: int(table[metric].notna().sum()) for metric in RANKING if metric in table}
    best = max(known, key=lambda metric: known[metric], default="")
    return best if known.get(best) else ""


def _ranking(suite: str, protocol: str, part: pd.DataFrame, by: str | None) -> Ranking:
    table = part.set_index("model").drop(columns=["suite", "protocol"])
    chosen = by or choose_metric(table)
    if chosen not in table:
        raise RobenchError(f"no model on {suite} ({protocol}) has a {by}")
    table = table.sort_values(chosen, kind="stable", na_position="last")
    # Numbers that read the same share a rank.
    shown = pd.to_numeric(table[chosen].map(lambda value: as_text(value, "percent")), "coerce")
    table.insert(0, "rank", shown.rank(method="min").astype("Int64"))
    return Ranking(suite, protocol, chosen, table)
