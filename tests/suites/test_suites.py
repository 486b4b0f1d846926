from pathlib import Path

import numpy as np
import pytest
import torch

import corruptions
from baselines.published.normaliser import normaliser
from corruptions.catalogue import strength
from robench import datasets, suites
from robench.download import catalogue
from robench.errors import RobenchError
from robench.records import records_of
from robench.suites import CLEAN, Condition, imagenet_3dcc

ALL = sorted(suites.registry())
SEQUENCES = [name for name in ALL if suites.registry()[name].sequences]
CORRUPTED = [name for name in ALL if suites.registry()[name].corruptions and name not in SEQUENCES]
OTHERS = [name for name in ALL if name not in CORRUPTED + SEQUENCES]
OWN_LISTS = {
    "cifar-10-c-bar": corruptions.CIFAR_BAR,
    "cifar-100-c-bar": corruptions.CIFAR_BAR,
    "imagenet-c-bar": corruptions.IMAGENET_BAR,
    "imagenet-3dcc": imagenet_3dcc.CORRUPTIONS,
}
MADE = [name for name in CORRUPTED if not suites.registry()[name].folder_only]


@pytest.mark.parametrize("name", ALL)
def test_a_suite_names_things_that_exist(name: str) -> None:
    suite = suites.registry()[name]
    assert suite.name == name
    assert suite.dataset in datasets.registry()
    made = corruptions.perturbation_names() if suite.sequences else corruptions.families()
    assert suite.folder_only != (set(suite.corruptions + suite.extra) <= set(made))
    assert suite.preset in (*corruptions.PRESETS, "auto")
    assert suite.summary
    assert suite.reference in (None, *ALL)
    if suite.normaliser:
        assert set(suite.corruptions) <= set(normaliser(suite.normaliser)[0])


@pytest.mark.parametrize("name", ALL)
def test_the_guide_knows_every_suite(name: str) -> None:
    guide = Path(__file__).parents[2] / "docs/suites.md"
    assert f"`{name}`" in guide.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CORRUPTED)
def test_conditions_start_clean_and_follow_the_paper(name: str) -> None:
    conditions = suites.registry()[name].conditions()
    names = OWN_LISTS.get(name, corruptions.BENCHMARK)
    assert conditions[0] == CLEAN
    assert len(conditions) == len(set(conditions)) == 1 + 5 * len(names)
    assert [c.corruption for c in conditions[1::5]] == list(names)
    assert [Condition.parse(str(condition)) for condition in conditions] == list(conditions)


@pytest.mark.parametrize("name", CORRUPTED)
def test_the_extra_corruptions_are_asked_for_by_name(name: str) -> None:
    suite = suites.registry()[name]
    assert suite.extra == (() if name in OWN_LISTS else corruptions.EXTRA)
    assert not {condition.corruption for condition in suite.conditions()} & set(suite.extra)
    if suite.extra:
        asked = suite.conditions(("saturate", "fog", "speckle_noise"), (3,))
        assert list(map(str, asked)) == ["clean", "fog-3", "speckle_noise-3", "saturate-3"]
        assert len(suite.all_conditions) == 1 + 5 * 19


def test_the_archives_hold_the_extra_corruptions() -> None:
    assert set(catalogue.EXTRA) == set(corruptions.EXTRA)
    for suite in ("cifar-10-c", "cifar-100-c", "tiny-imagenet-c", "imagenet-c"):
        held = {
            name.removesuffix(".npy")
            for archive in catalogue.DOWNLOADS[suite].archives
            for name in archive.holds
        }
        assert set(suites.registry()[suite].extra) <= held


@pytest.mark.parametrize("name", MADE)
def test_every_corruption_exists_with_the_suites_constants(name: str) -> None:
    suite = suites.registry()[name]
    for corruption in suite.corruptions + suite.extra:
        for preset in corruptions.PRESETS if suite.preset == "auto" else (suite.preset,):
            strength(corruption, 1, preset)


@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences_follow_the_paper(name: str) -> None:
    suite = suites.registry()[name]
    cifar = suite.preset == "cifar"
    core = corruptions.CORE_CIFAR if cifar else corruptions.CORE_IMAGENET
    assert ("spatter" in core, "snow" in core) == (cifar, not cifar)
    conditions = suite.conditions()
    assert list(map(str, conditions)) == ["clean", *core]
    assert [condition.is_sequence for condition in conditions] == [False] + [True] * 10
    everything = suite.conditions(suite.corruptions + suite.extra)
    assert [Condition.parse(str(condition)) for condition in everything] == list(everything)
    assert set(map(str, everything)) == {"clean", *corruptions.perturbation_names()}


def test_stronger_and_validation_sequences_are_asked_for_by_name() -> None:
    suite = suites.registry()["cifar-10-p"]
    asked = suite.conditions(("snow", "gaussian_noise_3", "tilt"))
    assert list(map(str, asked)) == ["clean", "tilt", "gaussian_noise_3", "snow"]
    with pytest.raises(
        RobenchError, match="unknown cifar-10-p sequence 'tit'; did you mean 'tilt'"
    ):
        suite.conditions(("tit",))
    with pytest.raises(RobenchError, match="cifar-10-p has sequences, which have no severities"):
        suite.conditions(None, (3,))


@pytest.mark.parametrize("name", OTHERS)
def test_a_suite_without_corruptions_has_one_condition(name: str) -> None:
    suite = suites.registry()[name]
    assert suite.conditions() == (CLEAN,)
    for choice in (("fog",), None), (None, (3,)):
        with pytest.raises(RobenchError, match=f"{name} has no corruptions or severities"):
            suite.conditions(*choice)


def test_logits_of_classes_that_do_not_count_are_out_of_the_softmax() -> None:
    suite = suites.registry()["imagenet-r"]
    logits = torch.randn(7, 1000, generator=torch.Generator().manual_seed(0))
    masked = suite.of_classes_used(logits)
    used = list(suite.classes_used or ())
    assert len(used) == 200
    assert torch.equal(masked[:, used], logits[:, used])
    records = records_of(masked, np.full(7, used[3]), np.arange(7))
    own = records_of(logits[:, used], np.full(7, 3), np.arange(7))
    assert [used[k] for k in own["prediction"]] == records["prediction"].tolist()
    for column in set(records).difference(["label", "prediction"]):
        np.testing.assert_array_equal(records[column], own[column])
    assert suites.registry()["imagenet-v2"].of_classes_used(logits) is logits


def test_a_choice_keeps_the_suites_order() -> None:
    chosen = suites.registry()["digits-c"].conditions(("fog", "snow"), (5, 1))
    assert list(map(str, chosen)) == ["clean", "snow-1", "snow-5", "fog-1", "fog-5"]


def test_what_a_suite_does_not_have_is_named() -> None:
    suite = suites.registry()["cifar-10-c"]
    with pytest.raises(
        RobenchError, match=r"unknown cifar-10-c corruption 'forg'; did you mean 'fog'"
    ):
        suite.conditions(("forg",))
    for severity in (0, 6):
        with pytest.raises(RobenchError, match=f"severity must be 1 to 5, got {severity}"):
            suite.conditions(None, (severity,))


@pytest.mark.parametrize("name", ["fog", "fog-0", "fog-6", "fog-33", "clean-1x", "../fog-1"])
def test_a_name_that_is_no_condition_is_refused(name: str) -> None:
    with pytest.raises(RobenchError, match="a condition is 'clean' or like 'fog-3'"):
        Condition.parse(name)
