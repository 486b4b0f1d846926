"""What a leaderboard ranks: every run below a folder and every published model, with its suite and protocol."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from reports.found_runs import find_runs
from reports.protocol import OTHER_IMAGES, images_used, on_the_fly, other_images, subset_of
from reports.results import named, open_finished
from robench import stored_scores, suites
from robench.errors import RobenchError
from robench.published_results import DOUBLE_CROP, ROBUSTBENCH_SUBSET, published_scores
from robench.records import Run
from robench.scoring import score
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


def measured_entries(
    folder: Path, suite: str | None
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return a row per run, and the folders that could not be read or have nothing finished."""
    if not folder.is_dir():
        raise RobenchError(f"no folder {folder}; name the one that your runs are in")
    runs: list[tuple[Run, pd.DataFrame]] = []
    left_out = {}
    for path in find_runs([folder]).evaluations:
        try:
            run = open_finished(path)
            if suite is None or run.info["suite"] == suite:
                runs.append((run, _scores(run)))
        except RobenchError as error:
            left_out[str(path.relative_to(folder))] = str(error)
    return entries_of(runs), left_out


def entries_of(runs: Sequence[tuple[Run, pd.DataFrame]]) -> list[dict[str, Any]]:
    """Return a row per run from its tidy scores; names are told apart within each suite and protocol."""
    protocols = protocols_of([run for run, _ in runs])
    names: dict[int, str] = {}
    for place in set(protocols):
        alike = [number for number, each in enumerate(protocols) if each == place]
        names |= zip(alike, named([runs[number][0] for number in alike]), strict=True)
    return [
        {"suite": suite, "protocol": how, "model": names[number], **_summary(scores)}
        for number, ((suite, how), (_, scores)) in enumerate(zip(protocols, runs, strict=True))
    ]


def protocols_of(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Return each run's suite and, in words, what must be alike for two runs of it to be ranked together."""
    digests: dict[tuple[str, str], list[str]] = {}
    places = []
    for run in runs:
        how, digest = _protocol(run), str(run.info["data"]["manifest_sha256"])
        known = digests.setdefault((str(run.info["suite"]), how), [])
        if digest not in known:
            known.append(digest)
        if known.index(digest):  # the same words, and yet other images
            how = f"{how}, other data [{digest[:8]}]"
        places.append((str(run.info["suite"]), how))
    return places


def _scores(run: Run) -> pd.DataFrame:
    """Return the tidy scores: as stored where they are newer than the records, else computed."""
    stored = run.path / stored_scores.NAME
    newest = max((path.stat().st_mtime for path in run.path.glob("records/*/*.parquet")), default=0)
    if stored.exists() and stored.stat().st_mtime >= newest:
        with contextlib.suppress(RobenchError):  # damaged, or of an older version
            return stored_scores.read_scores(run.path)
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
    suite = suites.registry()[info["suite"]]
    images = images_used(info) or "all images"
    if subset := subset_of(info):
        images = f"the subset {subset}"
    if other_images(info):
        images = f"{images}, {OTHER_IMAGES}"
    divisor = kept(run)
    divided = ""
    if divisor is not None and "alexnet" not in divisor.name.lower():
        divided = f", divided by {divisor.name}"
    if not suite.corruptions or not on_the_fly(info):
        return f"{images}, published files{divided}"
    return f"{images}, on the fly, preset {info['preset']}, seed {info['seed']}{divided}"


def published_entries() -> Iterator[dict[str, Any]]:
    """Yield a row per published model, suite and protocol that there is a number to rank by of."""
    for (model, suite, protocol), part in published_scores().groupby(
        ["model", "suite", "protocol"], sort=False
    ):
        row = _summary(part)
        alone = not suites.registry()[str(suite)].corruptions
        if alone or row.keys() & set(RANKING[:-1]):
            how = PROTOCOLS[str(protocol)]
            yield {"suite": suite, "protocol": how, "model": str(model), **row}
