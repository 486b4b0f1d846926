"""``robench compare`` as a build server calls it."""

from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from robench.cli import main
from tests.comparison.conftest import pair  # noqa: F401


def robench(*words: object) -> Result:
    return CliRunner().invoke(main, ["compare", *map(str, words), "--resamples", "100"])


def test_a_gate_that_passes_and_one_that_fails(pair: list[Path], tmp_path: Path) -> None:  # noqa: F811
    out, junit = tmp_path / "out", tmp_path / "ci" / "robench.xml"
    good = robench(*pair, "--fail-if", "mean_uce > +0.5", "--out", out, "--junit", junit)
    assert good.exit_code == 0, good.stderr
    assert "augmix against standard (300 images)" in good.stdout
    assert "ok: mean_uce > +0.5: the mean_uce of augmix is" in good.stdout
    assert "compare: 100% (2 of 2 runs)" in good.stderr
    assert "robench:" not in good.stderr
    assert b'failures="0"' in junit.read_bytes()
    table = pd.read_csv(out / "differences.csv")
    assert (table["run"] == "augmix").all()
    assert len(pd.read_csv(out / "images.csv")) == 10
    bad = robench(*reversed(pair), "--fail-if", "mean_uce > +0.5", "--junit", junit)
    assert bad.exit_code == 1
    assert "robench: gate failed: mean_uce > +0.5: the mean_uce of standard is" in bad.stderr
    assert "ok:" not in bad.stdout
    assert b'failures="1"' in junit.read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--fail-if", "mce above 3"], "--fail-if takes SCORE"),
        (["--junit", "x.xml"], "give --fail-if too"),
        (["--seeds", "--fail-if", "mce > 0.5"], "--seeds averages them"),
        (["--images", "-1"], "--images must be 0 or more, got -1"),
        (["/nowhere"], "/nowhere is not a run directory"),
    ],
)
def test_mistakes_are_one_line(pair: list[Path], words: list[str], message: str) -> None:  # noqa: F811
    done = robench(*pair, *words)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_complaints_come_together(pair: list[Path]) -> None:  # noqa: F811
    words = ["/nowhere", "--junit", "x.xml", "--images", "-1"]
    done = robench(*pair, *words)
    assert done.stderr.startswith("robench: (1) /nowhere is not a run directory")
    assert "(2) --junit" in done.stderr
    assert "(3) --images must be" in done.stderr


def test_one_run_alone(pair: list[Path]) -> None:  # noqa: F811
    assert "one run has nothing to differ from" in robench(pair[0]).stderr
    assert robench(pair[0], "--fail-if", "clean_error > 0.5").exit_code == 0
    assert robench(pair[0], "--fail-if", "clean_error > 0.01").exit_code == 1


def test_seeds(pair: list[Path]) -> None:  # noqa: F811
    done = robench("--seeds", *pair)
    assert done.exit_code == 0
    assert "std over runs" in done.stdout
    assert "mean_uce" in done.stdout


def test_metrics_on_request(pair: list[Path]) -> None:  # noqa: F811
    name = "confidence_brier_calibration"
    assert name not in robench(*pair).stdout
    assert name in robench(*pair, "--also", name).stdout
    gated = robench(*pair, "--fail-if", f"{name} > +1")
    assert f"the {name} of augmix is" in gated.stdout
    unknown = robench(*pair, "--also", "confidence_brier")
    assert name in robench("--seeds", *pair, "--also", name).stdout
    assert unknown.exit_code == 2
    assert "unknown metric on request 'confidence_brier'" in unknown.stderr
