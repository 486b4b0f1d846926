"""The gate: what it reads, when it fails, and that it never passes what it cannot judge."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from robench.comparison import Comparison, Gate, compare, judge, junit_xml
from robench.errors import RobenchError
from robench.scoring import COLUMNS, Scores
from tests.reports.synthetic import write_run


def scores(refused: dict[str, str] | None = None, **values: float) -> Scores:
    """Return scores from names such as ``mce`` or ``error__fog_3``."""
    rows = []
    for name, value in values.items():
        metric, _, place = name.partition("__")
        corruption, _, severity = place.partition("_")
        level = int(severity) if severity else pd.NA
        rows.append(("m", "s", corruption or "all", level, metric, value, np.nan, np.nan, 10))
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"severity": "Int64"})
    return Scores(table, refused or {}, np.full((len(rows), 2), np.nan))


def held(gate: str, first: Scores, second: Scores | None = None) -> tuple[bool, str]:
    named = {"main": first} if second is None else {"main": first, "branch": second}
    comparison = Comparison(tuple(named), pd.DataFrame(), pd.DataFrame(), named)
    (verdict,) = judge(comparison, [Gate.parse(gate)])
    return verdict.failed, verdict.sentence


@pytest.mark.parametrize(
    ("gate", "fails"),
    [
        ("mce > +0.5", True),
        ("mce > +1.0", False),  # exactly the threshold is not more
        ("mce >= +1.0", True),
        ("mce>+2%", False),
        ("mce < -0.5", False),
        ("mce > 0.70", True),
        ("mce > 71%", False),
        ("mce >= 71%", True),
        ("mce < 0.5", False),
        ("clean_error > 0.09", False),
        ("clean_error > 8.9%", True),
        ("error of clean > 0.089", True),
        ("error of fog-3 > +9", True),
        ("error of fog-3 > +11", False),
        ("uce of fog < -4", True),
        ("nll > +0.05", True),
        ("nll > +0.2", False),
        ("nll > 1.05", True),
        (" aurra  <  -1e0 ", True),
    ],
)
def test_when_a_gate_fails(gate: str, fails: bool) -> None:
    first = scores(
        mce=0.70, error__clean_0=0.095, error__fog_3=0.2, uce__fog=0.3, nll=1.0, aurra=0.9
    )
    second = scores(
        mce=0.71, error__clean_0=0.09, error__fog_3=0.3, uce__fog=0.25, nll=1.1, aurra=0.88
    )
    assert held(gate, first, second)[0] is fails


def test_the_sentence_says_what_was_measured_and_in_which_unit() -> None:
    _, sentence = held("mce > +0.5", scores(mce=0.70), scores(mce=0.713))
    assert (
        sentence == "mce > +0.5: the mce of branch is 71.30%, 1.30 points above the 70.00% of main"
    )
    _, sentence = held("nll < -1", scores(nll=1.0), scores(nll=0.75))
    assert sentence == (
        "nll < -1: the nll of branch is 0.7500 nats, 0.2500 nats below the 1.0000 nats of main"
    )
    _, sentence = held("clean_error > 9%", scores(error__clean_0=0.091))
    assert sentence == "clean_error > 9%: the clean_error of main is 9.10%"


def test_what_is_not_known_fails() -> None:
    refused = scores({"mce": "2 of 75 conditions missing (snow-1, fog-4)"}, uce__snow=0.2)
    for pair in ((scores(mce=0.5), refused), (refused, scores(mce=0.5))):
        failed, sentence = held("mce < +99", *pair)
        assert failed
        assert "has no mce: 2 of 75 conditions missing (snow-1, fog-4)" in sentence
    failed, sentence = held("mcee > 0.9", scores(mce=0.5))
    assert failed
    assert "no such score; did you mean 'mce'? known: mce" in sentence
    failed, sentence = held("error of fgo-3 < 0.1", scores(error__fog_3=0.5))
    assert failed
    assert "nothing of 'fgo' is scored" in sentence
    assert held("mce > 0.9", scores(mce=float("nan")))[0]
    assert held("nll > +1", scores({"mean nll": "nll is undefined"}), scores(nll=1.0))[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mce",
        "mce >",
        "mce > x",
        "> 0.5",
        "mce => 1",
        "mce > 0.5 %%",
        "mce > 0.5; rm",
        "mce == 1",
        "mce > nan",
    ],
)
def test_what_is_no_gate_is_refused_with_the_grammar(text: str) -> None:
    with pytest.raises(
        RobenchError, match=r"--fail-if takes SCORE \[of CONDITION\] > NUMBER"
    ) as error:
        Gate.parse(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clean_error > 9", "is a fraction; write 9% or 0.09"),
        ("mce > 70", "is a fraction; write 70% or 0.7"),
        ("nll > 5%", "nll is no fraction; write it without %"),
    ],
)
def test_units_that_would_never_fail_are_refused(text: str, message: str) -> None:
    with pytest.raises(RobenchError, match=message):
        Gate.parse(text)
    assert Gate.parse("mce > 1.2").threshold == 1.2
    assert Gate.parse("mean_top5_distance_2 > 3.5").threshold == 3.5
    assert Gate.parse("mfr > +2").threshold == 0.02


def test_a_change_needs_two_runs_and_a_value_does_not() -> None:
    with pytest.raises(RobenchError, match="bounds a change and needs two runs"):
        held("mce > +0.5", scores(mce=0.5))
    assert held("mce > 0.4", scores(mce=0.5))[0]


def test_every_run_but_the_first_is_judged() -> None:
    named = {"main": scores(mce=0.9), "a": scores(mce=0.5), "b": scores(mce=0.95)}
    comparison = Comparison(tuple(named), pd.DataFrame(), pd.DataFrame(), named)
    verdicts = judge(comparison, [Gate.parse("mce > 0.8"), Gate.parse("mce > +1")])
    assert [(each.run, each.failed) for each in verdicts] == [
        ("a", False), ("b", True), ("a", False), ("b", True)
    ]  # fmt: skip


def test_junit_by_an_xml_reader(tmp_path: Path) -> None:
    name = "a <b> & \x07"
    named = {"main": scores(mce=0.7), name: scores(mce=0.8)}
    comparison = Comparison(tuple(named), pd.DataFrame(), pd.DataFrame(), named)
    verdicts = judge(comparison, [Gate.parse("mce > +0.5"), Gate.parse("mce > +50")])
    suite = ElementTree.fromstring(junit_xml(verdicts)).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == ["mce > +0.5", "mce > +50"]
    assert [case.get("classname") for case in cases] == ["a <b> & ?"] * 2
    failure = cases[0].find("failure")
    assert failure is not None
    assert "10.00 points above" in str(failure.get("message"))
    assert cases[1].find("failure") is None
    assert junit_xml(verdicts) == junit_xml(verdicts)


def test_a_score_that_needs_a_baseline_says_so(tmp_path: Path) -> None:
    comparison = compare([write_run(tmp_path / "run")], resamples=100)
    (verdict,) = judge(comparison, [Gate.parse("mce > 0.7")])
    assert verdict.failed
    assert "none are published for cifar-10-c" in verdict.sentence
    assert "robench eval ... --baseline RUN" in verdict.sentence


@pytest.mark.parametrize(
    ("gate", "reason"),
    [
        ("error of fgo-3 < 0.1", "nothing of 'fgo' is scored; did you mean 'fog'?"),
        ("error of fog-7 < 0.1", "nothing of 'fog-7' is scored; did you mean 'fog'?"),
        (
            "error of fog < 0.1",
            "it is a score of single conditions, such as 'error of fog-3'; over severities there is: uce",
        ),
        ("clean_eror > 9%", "no such score; did you mean 'clean_error'? known: mce"),
        ("nll of clean > 3", "has no nll of clean: 1 of 10 images have no finite value"),
    ],
)
def test_the_reason_is_that_of_the_score_which_is_meant(gate: str, reason: str) -> None:
    refused = {
        "mean nll": "75 of 75 conditions missing",
        "nll of clean": "1 of 10 images have no finite value",
    }
    failed, sentence = held(gate, scores(refused, mce=0.5, error__fog_3=0.5, uce__fog=0.4))
    assert failed
    assert sentence.endswith(reason)
