"""Published models where a run is expected: ``published:NAME``, whose numbers then stand beside a run's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reports.protocol import OTHER_IMAGES, images_used, on_the_fly, other_images
from robench.errors import RobenchError
from robench.published_results import PREFIX, load_published


def split(paths: Sequence[str | Path]) -> tuple[list[Path], list[str]]:
    """Return the run folders and the names of published models among what was given, each in its order.

    Raises RobenchError for a model that is named twice.
    """
    named = [str(path) for path in paths]
    published = [name for name in named if name.startswith(PREFIX)]
    for name in published:
        if published.count(name) > 1:
            raise RobenchError(f"{name} is given twice; name each model once")
    return [Path(name) for name in named if not name.startswith(PREFIX)], published


def beside(
    names: Sequence[str], infos: Sequence[Mapping[str, Any]], across_protocols: bool = False
) -> pd.DataFrame:
    """Return the published scores of models on the suites of runs: tidy, with a first column ``run``, the model's name.

    Raises RobenchError for a model of which nothing is published on a suite of the runs and, unless
    ``across_protocols``, where the numbers are of other images than the runs' or of a double crop.
    """
    parts = []
    for name in names:
        for suite in dict.fromkeys(str(info["suite"]) for info in infos):
            part = load_published(name, suite)
            if not across_protocols:
                _check(name, part, [info for info in infos if info["suite"] == suite])
            parts.append(part)
    if not parts:
        return pd.DataFrame()
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "run", table["model"])
    return table


def notes(names: Sequence[str], infos: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what a reader must know of the published numbers among a report's."""
    if not names:
        return []
    sentences = [
        f"Rows named {PREFIX}... are numbers that others have published, rounded as printed and without intervals; "
        "baselines/published names their sources. None is marked as best."
    ]
    if any(map(on_the_fly, infos)):
        sentences.append(
            "They were measured on the published files: a run that was corrupted on the fly, with other random draws, "
            "is not like for like with them."
        )
    table = beside(names, infos, across_protocols=True)
    for (name, protocol), _ in table[table["protocol"] != ""].groupby(["run", "protocol"]):
        sentences.append(f"{name} was measured otherwise: {protocol}.")
    return sentences


def _check(name: str, part: pd.DataFrame, infos: Sequence[Mapping[str, Any]]) -> None:
    for protocol in part["protocol"]:
        if protocol:
            raise RobenchError(f"{name} was not measured as the run was: {protocol}")
    for info in infos:
        if other_images(info):
            raise RobenchError(
                f"{name} was measured on the benchmark's images, {info['name']} on {OTHER_IMAGES}"
            )
        if used := images_used(info):
            raise RobenchError(
                f"{name} was measured on the whole test set, {info['name']} on {used}"
            )
