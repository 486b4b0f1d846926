"""A disk that takes no more: one line, nothing half written, and the run goes on where it was."""

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from robench import scoring
from robench.errors import RobenchError
from robench.evaluation import evaluate
from robench.records import open_run
from tests.test_evaluation import CONDITIONS, benchmark, model


@contextlib.contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """Make the system refuse to write more into a file, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_one_line_and_the_run_goes_on(tmp_path: Path) -> None:
    out, whole = tmp_path / "run", tmp_path / "whole"
    evaluate(model(), benchmark(500), out, conditions=CONDITIONS[:2])
    stored = {path: path.read_bytes() for path in out.rglob("*.parquet")}
    assert len(stored) == 2
    smallest = min(map(len, stored.values()))
    assert (out / "run.json").stat().st_size < smallest // 2
    with (
        files_end_at(smallest // 2),
        pytest.raises(RobenchError, match=r"cannot write .*\.parquet: File too large; nothing was"),
    ):
        evaluate(model(), benchmark(500), out, conditions=CONDITIONS, resume=True)
    assert {path: path.read_bytes() for path in out.rglob("*.parquet")} == stored
    assert list(out.rglob("*.tmp")) == []
    evaluate(model(), benchmark(500), out, conditions=CONDITIONS, resume=True)
    evaluate(model(), benchmark(500), whole, conditions=CONDITIONS)
    for path in (out, whole):
        scoring.write_scores(open_run(path))
    assert (out / "scores.csv").read_bytes() == (whole / "scores.csv").read_bytes()
