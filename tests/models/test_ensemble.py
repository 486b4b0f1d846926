"""The mean softmax of several models, and Python callables as models."""

import numpy as np
import pytest
import torch
from torch import nn

from robench import models
from robench.errors import RobenchError
from robench.inference import prepare
from robench.models import NORMALISATIONS, Model
from tests.models import exported_files as write

CPU = torch.device("cpu")
IMAGES = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3)).astype(np.uint8)


def members() -> list[Model]:
    network = write.digits_network()
    other = write.digits_network()
    with torch.no_grad():
        other.classifier.weight.mul_(-2)
    return [
        Model(network, "a", NORMALISATIONS["half"], "first", sha256="1" * 64),
        Model(lambda x: other(x), "b", NORMALISATIONS["imagenet"], "second"),
    ]


@pytest.mark.parametrize("prepared", [False, True])
def test_its_softmax_is_the_mean_softmax(prepared: bool) -> None:
    together = models.ensemble(members())
    found = (prepare(together, CPU, (32, 32)).model if prepared else together).logits(IMAGES, CPU)
    each = [member.logits(IMAGES, CPU).softmax(1) for member in members()]
    torch.testing.assert_close(found.softmax(1), (each[0] + each[1]) / 2, rtol=1e-5, atol=1e-7)


def test_small_probabilities_do_not_vanish() -> None:
    sure = Model(lambda x: torch.tensor([[0.0, 300.0]]), "a", NORMALISATIONS["none"], "test")
    found = models.ensemble([sure, sure]).logits(IMAGES[:1], CPU)
    assert found.tolist() == [[-300.0, 0.0]]


def test_every_member_is_on_record() -> None:
    together = models.ensemble(members())
    assert together.name == "a+b"
    assert together.sha256 is None  # the function has no file
    first = members()[0]
    twice, thrice = models.ensemble([first] * 2), models.ensemble([first] * 3)
    assert twice.sha256 and thrice.sha256 and twice.sha256 != thrice.sha256
    assert [each["source"] for each in together.record()["members"]] == ["first", "second"]
    assert "mean softmax of 2 models: a (" in together.description()
    assert models.ensemble(members(), "deep").name == "deep"


def test_one_model_is_no_ensemble() -> None:
    with pytest.raises(RobenchError, match="at least 2 models, got 1"):
        models.ensemble(members()[:1])


def test_several_files_are_averaged_only_when_asked_for(tmp_path) -> None:
    specs = [str(write.state_dict(write.digits_network(), tmp_path / f"{n}.pt")) for n in "ab"]
    arguments: dict = {"classes": 10, "normalisation": NORMALISATIONS["half"]}
    with pytest.raises(RobenchError, match="2 models: give ensemble=True"):
        models.load_all(specs, architectures=["digits_cnn"], **arguments)
    with pytest.raises(RobenchError, match="3 architecture for 2 model"):
        models.load_all(specs, architectures=["digits_cnn"] * 3, as_ensemble=True, **arguments)
    for architectures in (["digits_cnn"], ["digits_cnn"] * 2):
        together = models.load_all(
            specs, architectures=architectures, as_ensemble=True, name="two", **arguments
        )
        assert (together.name, len(together.members)) == ("two", 2)
    single = models.load_all(specs[:1], architectures=["digits_cnn"], name="one", **arguments)
    assert (single.name, single.members) == ("one", ())


def test_any_callable_is_a_model() -> None:
    network = write.digits_network()
    with pytest.raises(RobenchError, match=r"DigitsCNN \(Python\) does not record how its images"):
        models.wrap(network).known_normalisation()
    model = models.wrap(network, normalisation="half", name="mine")
    assert (model.name, model.architecture) == ("mine", "DigitsCNN")
    plain = models.wrap(lambda pixels: pixels.flatten(1))
    assert plain.logits(IMAGES, CPU).max() <= 1
    assert models.wrap(plain, normalisation="half", name="other").normalisation.mean == (0.5,) * 3
    assert models.wrap(plain).name == plain.name
    with pytest.raises(RobenchError, match="expected a network or a function, got a str"):
        models.wrap("resnet50")  # type: ignore[arg-type]
    assert isinstance(network, nn.Module)
