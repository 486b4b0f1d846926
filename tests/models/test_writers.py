"""What each writer makes of one small network's weights, and that all of it loads, with or without ``--arch``."""

import argparse
import collections
import datetime
import pathlib
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from baselines import architectures
from robench import models
from robench.errors import RobenchError
from robench.models import NORMALISATIONS, Model

HALF = NORMALISATIONS["half"]
CPU = torch.device("cpu")
PIXELS = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
State = dict[str, torch.Tensor]


def network(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return architectures.create("digits_cnn", 10).eval()


STATE: State = network().state_dict()
OTHER: State = network(1).state_dict()


def under(prefix: str, state: State = STATE) -> State:
    return {prefix + key: value for key, value in state.items()}


def averaged() -> State:
    return AveragedModel(network(), multi_avg_fn=get_ema_multi_avg_fn(0.9)).state_dict()


def optimizer() -> dict:
    net = network()
    adam = torch.optim.Adam(net.parameters())
    net(PIXELS).sum().backward()
    adam.step()
    return adam.state_dict()


ARGUMENTS = argparse.Namespace(data=pathlib.PosixPath("/data"), lr=np.float64(0.1), amp=False)
WRITERS: dict[str, Callable[[], object]] = {
    "bare": lambda: STATE,
    "ordered, with its metadata": lambda: network().state_dict(),
    "DataParallel": lambda: nn.DataParallel(network()).state_dict(),
    "torch.compile": lambda: under("_orig_mod."),
    "compiled parts": lambda: {
        key.replace(".", "._orig_mod.", 1): value for key, value in STATE.items()
    },
    "wrapped twice": lambda: {"state_dict": under("module._orig_mod.")},
    "before PyTorch 0.4.1": lambda: {k: v for k, v in STATE.items() if "num_batches" not in k},
    "AveragedModel": averaged,
    "PyTorch's ImageNet example": lambda: {
        "epoch": 9,
        "arch": "digits_cnn",
        "state_dict": under("module."),
        "best_acc1": torch.tensor(91.0),
        "optimizer": optimizer(),
        "scheduler": {"last_epoch": 9},
    },
    "torchvision's references": lambda: {
        "model": STATE,
        "optimizer": optimizer(),
        "lr_scheduler": {"base_lrs": [0.1]},
        "epoch": 3,
        "args": ARGUMENTS,
    },
    "timm": lambda: {
        "epoch": 3,
        "arch": "digits_cnn",
        "state_dict": STATE,
        "optimizer": optimizer(),
        "version": 2,
        "args": ARGUMENTS,
        "amp_scaler": {"scale": 65536.0},
        "metric": np.float64(91.7),
    },
    "Lightning": lambda: {
        "epoch": 3,
        "global_step": 10,
        "pytorch-lightning_version": "2.5.0",
        "state_dict": under("model."),
        "loops": {"fit_loop": {"state_dict": {}, "progress": collections.OrderedDict(done=3)}},
        "callbacks": {"ModelCheckpoint{'monitor': 'val'}": {"best_model_score": torch.tensor(0.9)}},
        "optimizer_states": [optimizer()],
        "lr_schedulers": [{"last_epoch": 3}],
        "hyper_parameters": {"lr": 0.1},
    },
    "Lightning, with its loss and metrics": lambda: {
        "state_dict": under("net.")
        | {"criterion.weight": torch.ones(10), "val_acc.confmat": torch.ones(10, 10)}
    },
    "Lightning, nested": lambda: {"state_dict": under("model.backbone.net.")},
    "the Trainer's wrapper": lambda: under("timm_model."),
    "open_clip": lambda: {"epoch": 1, "name": "run", "state_dict": under("module."), "scaler": {}},
    "kuangliu": lambda: {"net": under("module."), "acc": 93.2, "epoch": 199},
    "Ignite": lambda: {"model": STATE, "trainer": {"iteration": 3}, "optimizer": optimizer()},
    "MMEngine": lambda: {
        "meta": {"epoch": 3, "time": datetime.datetime(2026, 1, 2)},
        "state_dict": under("backbone."),
        "message_hub": {"log": collections.deque([1.0, 2.0], 5)},
    },
    "model_state_dict": lambda: {"model_state_dict": STATE, "optimizer_state_dict": optimizer()},
    "deep": lambda: {"state": {"weights": {"network": under("module.")}}},
    "by layers": lambda: _nested(STATE),
    "equal twice": lambda: {"state_dict": STATE, "best_state_dict": dict(STATE)},
    "parameters": lambda: {key: nn.Parameter(value, False) for key, value in STATE.items()},
    "numpy and the like": lambda: {
        "weights": STATE,
        "best": np.float32(1),
        "curve": np.arange(3.0),
        "best_per_class": np.array([None, "a"], object),
        "words": types.SimpleNamespace(a=1),
        "counts": collections.defaultdict(list, a=[1]),
        "seen": {1, 2},
        "on": datetime.date(2026, 1, 2),
    },
    "double": lambda: {
        key: value.double() if value.is_floating_point() else value for key, value in STATE.items()
    },
    "sparse": lambda: {
        key: value.to_sparse() if value.ndim == 2 else value for key, value in STATE.items()
    },
}


def _nested(state: State) -> dict:
    tree: dict = {}
    for key, value in state.items():
        *way, last = key.split(".")
        here = tree
        for part in way:
            here = here.setdefault(part, {})
        here[last] = value
    return tree


def load(path: Path, **changes: object) -> Model:
    arguments: dict = {"classes": 10, "normalisation": HALF, **changes}
    return models.load(path, **arguments)


def saved(tmp_path: Path, content: object, **options: bool) -> Path:
    torch.save(content, tmp_path / "net.pt", **options)
    return tmp_path / "net.pt"


def gives_the_logits_of(model: Model, expected: nn.Module) -> bool:
    with torch.inference_mode():
        return torch.equal(model.to(CPU).network(PIXELS), expected(PIXELS))


@pytest.mark.parametrize("architecture", ["digits_cnn", None])
@pytest.mark.parametrize("writer", WRITERS)
def test_what_every_writer_makes_gives_the_same_logits(
    writer: str, architecture: str | None, tmp_path: Path
) -> None:
    model = load(saved(tmp_path, WRITERS[writer]()), architecture=architecture)
    assert gives_the_logits_of(model, network())
    assert model.architecture == "digits_cnn"
    assert not model.alternatives
    assert model.weights is not None and model.weights.others == ()


@pytest.mark.parametrize("writer", ["torchvision's references", "timm", "numpy and the like"])
def test_the_older_format_is_read_as_safely(writer: str, tmp_path: Path) -> None:
    path = saved(tmp_path, WRITERS[writer](), _use_new_zipfile_serialization=False)
    assert gives_the_logits_of(load(path), network())


def test_half_weights_are_read_as_what_they_are(tmp_path: Path) -> None:
    half = {
        key: value.half() if value.is_floating_point() else value for key, value in STATE.items()
    }
    expected = network()
    expected.load_state_dict(half)
    assert gives_the_logits_of(load(saved(tmp_path, half)), expected)


class Config(dict):
    """A class of a training script, as argument parsers and averages of losses are."""


class Meter:
    def __init__(self) -> None:
        self.mean = 1.0


def test_objects_of_the_scripts_own_classes_are_passed_over_and_not_made(tmp_path: Path) -> None:
    made: list[object] = []
    Meter.__setstate__ = lambda self, state: made.append(state)  # type: ignore[attr-defined]
    path = saved(tmp_path, {"net": STATE, "args": Config(lr=1), "loss": Meter(), "of": Meter})
    assert gives_the_logits_of(load(path), network())
    assert made == []


def test_what_was_read_is_said_and_recorded(tmp_path: Path) -> None:
    content = {"state_dict": under("net.") | {"criterion.weight": torch.ones(10)}}
    model = load(saved(tmp_path, content))
    assert model.record()["weights"] == {"key": "state_dict.net", "others": []}
    assert "read the weights under state_dict.net" in model.notes
    assert any("state_dict.criterion.weight of the file" in note for note in model.notes)
    assert any("the network is digits_cnn, found by" in note for note in model.notes)
    assert load(saved(tmp_path, STATE), architecture="digits_cnn").notes == ()


TWO_SETS: dict[str, tuple[object, str]] = {
    "timm": ({"state_dict": OTHER, "state_dict_ema": STATE}, "state_dict_ema"),
    "torchvision": (
        {"model": OTHER, "model_ema": {"n_averaged": torch.tensor(3), **under("module.")}},
        "model_ema",
    ),
    "one state dict": (
        {"state_dict": under("model.", OTHER) | under("ema_model.module.")},
        "state_dict.ema_model",
    ),
    "ema": ({"net": OTHER, "ema": {"decay": 0.9, "shadow": STATE}}, "ema"),
}


@pytest.mark.parametrize("architecture", ["digits_cnn", None])
@pytest.mark.parametrize("writer", TWO_SETS)
def test_of_raw_and_averaged_weights_the_averaged_are_read_unless_the_others_are_named(
    writer: str, architecture: str | None, tmp_path: Path
) -> None:
    content, key = TWO_SETS[writer]
    path = saved(tmp_path, content)
    model = load(path, architecture=architecture)
    assert gives_the_logits_of(model, network())
    assert model.weights is not None and model.weights.key.startswith(key)
    (other,) = model.weights.others
    assert any(
        "averaged over training" in note and f"weights={other!r}" in note for note in model.notes
    )
    named = load(path, architecture=architecture, weights=other)
    assert gives_the_logits_of(named, network(1))
    assert named.weights is not None and named.weights.others == (model.weights.key,)
    assert gives_the_logits_of(load(path, architecture=architecture, weights=key), network())


@pytest.mark.parametrize("architecture", ["digits_cnn", None])
def test_two_different_sets_without_an_average_are_a_question(
    architecture: str | None, tmp_path: Path
) -> None:
    path = saved(tmp_path, {"student": OTHER, "teacher": under("module.")})
    with pytest.raises(
        RobenchError,
        match=r"2 different sets .*student \(digits_cnn\), teacher\.module.*weights='student'",
    ):
        load(path, architecture=architecture)
    assert gives_the_logits_of(load(path, architecture=architecture, weights="teacher"), network())
    with pytest.raises(
        RobenchError, match=r"no sets of weights under both; weights is one of: student, teacher"
    ):
        load(path, architecture=architecture, weights="both")
    path = saved(tmp_path, {"ema_1": OTHER, "ema_2": STATE, "net": STATE})
    with pytest.raises(RobenchError, match="2 different sets of weights: ema_1"):
        load(path, architecture=architecture)


def test_two_different_networks_are_a_question_even_if_one_is_an_average(tmp_path: Path) -> None:
    path = saved(tmp_path, {"net": STATE, "ema": architectures.create("resnet20", 10).state_dict()})
    with pytest.raises(RobenchError, match=r"net \(digits_cnn\), ema \(resnet20\)"):
        load(path)
    assert load(path, architecture="resnet20").architecture == "resnet20"


def test_a_network_beside_layers_of_no_known_network_is_a_question(tmp_path: Path) -> None:
    path = saved(tmp_path, {"teacher": STATE, "student": {"a.weight": torch.ones(10, 99)}})
    with pytest.raises(
        RobenchError,
        match=r"1 weights of other layers .*first student\.a\.weight.*weights='teacher'",
    ):
        load(path)
    assert gives_the_logits_of(load(path, weights="teacher"), network())
    assert gives_the_logits_of(load(path, architecture="digits_cnn"), network())


def test_averages_without_names_are_said_to_be_there(tmp_path: Path) -> None:
    path = saved(tmp_path, {"net": STATE, "ema": {"shadow_params": list(STATE.values())}})
    assert any("tensors without names under ema.shadow_params" in note for note in load(path).notes)


CLASS = """
import torch
class Net(torch.nn.Module):
    def __init__(self, num_classes=7):
        super().__init__()
        self.f = torch.nn.Linear(3, num_classes)
    def forward(self, x):
        return self.f(x.mean((2, 3)))
def other():
    return Net(10)
"""


def test_weights_of_ones_own_class(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(CLASS)
    weights = {"f.weight": torch.randn(10, 3), "f.bias": torch.randn(10)}
    path = saved(tmp_path, {"model": under("module.", weights)})
    spec = f"{tmp_path}/mine.py:Net"
    model = load(path, architecture=spec, unsafe=True)
    expected = PIXELS.mean((2, 3)) @ weights["f.weight"].T + weights["f.bias"]
    torch.testing.assert_close(model.network(PIXELS).detach(), expected)
    assert model.architecture == spec
    with pytest.raises(
        RobenchError, match=r"architecture=.*mine\.py:Net' was refused.*unsafe_load=True"
    ):
        load(path, architecture=spec)
    with pytest.raises(
        RobenchError,
        match=r"does not fit .*mine\.py:Net with 11 classes: f\.weight is \(10, 3\) for \(11, 3\)",
    ):
        load(path, architecture=spec, unsafe=True, classes=11)
    before = model.sha256
    (tmp_path / "mine.py").write_text(CLASS + "\n")
    assert load(path, architecture=spec, unsafe=True).sha256 != before


@pytest.mark.parametrize("factory", ["Net", "other"])
def test_a_network_whose_weights_no_file_gave_is_told_so(factory: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(CLASS)
    model = models.load(
        f"{tmp_path}/mine.py:{factory}", classes=10, normalisation=HALF, unsafe=True
    )
    assert model.network(PIXELS).shape == (2, 10)
    assert any("weights as the function made them" in note for note in model.notes)


def test_entries_that_a_named_network_has_not_are_only_passed_over_where_they_are_no_part_of_it(
    tmp_path: Path,
) -> None:
    for more in ({"classifier.scale": torch.ones(3)}, {"projector.weight": torch.ones(64, 64)}):
        with pytest.raises(RobenchError, match="does not fit digits_cnn"):
            load(saved(tmp_path, STATE | more), architecture="digits_cnn")
    model = load(saved(tmp_path, STATE | {"temperature": torch.ones(1)}), architecture="digits_cnn")
    assert any("temperature of the file" in note for note in model.notes)
