"""Is this the data that it should be? Counts, labels, and md5 where the official files' are known."""

import hashlib
from pathlib import Path

import numpy as np

from robench.certificate.published import PUBLISHED_MD5
from robench.datasets.cifar import CIFAR_10, CIFAR_100
from robench.datasets.official_count import OFFICIAL_COUNTS
from robench.doctor.file_check import broken_files
from robench.doctor.finding import NOTE, OK, WRONG, Finding
from robench.errors import RobenchError
from robench.suites import CLEAN
from robench.suites.benchmark import Benchmark

CLEAN_CHECK, CORRUPTED_CHECK = "clean data", "corrupted data"
CIFAR = {layout.name: layout for layout in (CIFAR_10, CIFAR_100)}
FILES_PER_CONDITION = 1000  # of a tree, whose 75 conditions can have 50,000 each
REASONS_SHOWN = 3
# Published files that no library of today writes to the byte: their encoder is gone.
NOT_REPRODUCIBLE = ("jpeg_compression.npy",)


def check_clean(benchmark: Benchmark, data_dir: Path | None) -> Finding:
    """Return the verdict on the clean images: how many, of which classes, and their md5."""
    full, name = benchmark.full, benchmark.full.name
    per_class = np.bincount(full.labels, minlength=len(full.classes))
    counts = f"{len(full.labels):,} images, {per_class.min()} to {per_class.max()} a class"
    if name in CIFAR and data_dir is not None:
        layout = CIFAR[name]
        for file, expected in layout.test.items():
            found = _md5(data_dir / layout.folder / file)
            if found != expected:
                return Finding(
                    CLEAN_CHECK,
                    WRONG,
                    f"{file} is not the official file: md5 {found}, expected {expected} ({counts})",
                )
        return Finding(CLEAN_CHECK, OK, f"the official files by their md5; {counts}")
    looked_at, broken = broken_files(full)
    if broken:
        return Finding(
            CLEAN_CHECK,
            WRONG,
            f"{len(broken)} of {looked_at:,} files cannot be read: {broken[0]} ({counts}); replace them: nothing else "
            "is examined before",
        )
    expected_count = OFFICIAL_COUNTS.get(name)
    if expected_count is not None and len(full.labels) != expected_count:
        return Finding(
            CLEAN_CHECK,
            NOTE,
            f"{counts}; the official {name} test set has {expected_count:,}: a part of it",
        )
    return Finding(CLEAN_CHECK, OK, f"{counts}; no md5 is known")


def check_corrupted(benchmark: Benchmark) -> Finding:
    """Return the verdict on the folder of corrupted images: is every file there, whole, and the official one?"""
    folder = benchmark.folder
    if folder is None:
        return Finding(
            CORRUPTED_CHECK, NOTE, "no official folder; made on the fly from the clean images"
        )
    bad = _unreadable(benchmark)
    if bad:
        names = ", ".join(bad)
        return Finding(
            CORRUPTED_CHECK,
            WRONG,
            f"{len(bad)} corruptions cannot be read ({names}): {'; also '.join(_kinds(bad))}",
        )
    suite = benchmark.suite
    known = PUBLISHED_MD5.get(suite.dataset, {}) if suite.name == f"{suite.dataset}-c" else {}
    present = [name for name in known if (folder / name).is_file()]
    other = [name for name in present if _md5(folder / name) != known[name]]
    if changed := [name for name in other if name not in NOT_REPRODUCIBLE]:
        return Finding(
            CORRUPTED_CHECK,
            WRONG,
            f"{', '.join(changed)} in {folder} differ from the official files by their md5 "
            f"(`robench verify {folder}` says how)",
        )
    number = len(present) - len(other)
    text = f"every corruption is there; {number} of {len(known)} known md5 are the official ones"
    if other:
        return Finding(
            CORRUPTED_CHECK, NOTE, f"{text}; {', '.join(other)} was made by another JPEG encoder"
        )
    return Finding(
        CORRUPTED_CHECK, OK, text if known else "every corruption is there; no md5 is known"
    )


def _unreadable(benchmark: Benchmark) -> dict[str, str]:
    """Return corruption -> reason for those of which a severity cannot be opened, or a file of it be read."""
    bad: dict[str, str] = {}
    for condition in benchmark.suite.conditions():
        if condition == CLEAN or condition.corruption in bad:
            continue
        try:
            source = benchmark.source(condition)
            source.read(0, 1)
        except RobenchError as error:
            bad[condition.corruption] = str(error)
            continue
        looked_at, broken = broken_files(source, FILES_PER_CONDITION)
        if broken:
            bad[condition.corruption] = (
                f"{len(broken)} of {looked_at:,} files that were looked at in severity {condition.severity}: "
                f"{broken[0]}"
            )
    return bad


def _kinds(bad: dict[str, str]) -> list[str]:
    """Return the reasons, but of those that differ by the corruption's name the first only, and few of any."""
    kinds: dict[str, str] = {}
    for name, reason in bad.items():
        kinds.setdefault(reason.replace(name, ""), reason)
    return list(kinds.values())[:REASONS_SHOWN]


def _md5(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "md5").hexdigest()
    except OSError as error:
        raise RobenchError(f"cannot read {path}: {error.strerror}") from None
