import os
from pathlib import Path

import pytest
import torch

from baselines import architectures
from robench.errors import RobenchError
from robench.models import NORMALISATIONS, load_checkpoint

HALF = NORMALISATIONS["half"]


@pytest.fixture
def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return architectures.registry()["resnet20"](10)


def saved(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


def prefixed(state: dict, prefix: str) -> dict:
    return {prefix + key: value for key, value in state.items()}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": prefixed(state, "module."), "best_prec1": 91.7},
        lambda state: {"model": state, "epoch": 3},
        lambda state: {"model_ema": prefixed(state, "_orig_mod.")},
        lambda state: {"state_dict_ema": prefixed(state, "module._orig_mod.")},
        lambda state: {"state_dict": prefixed(state, "_orig_mod.module.")},
        lambda state: {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")},
    ],
    ids=["bare", "module", "model", "compiled", "both", "both, reversed", "before PyTorch 0.4.1"],
)
def test_every_common_wrapping_gives_the_same_network(
    tmp_path: Path, network: torch.nn.Module, wrap
) -> None:
    path = saved(tmp_path / "net.pt", wrap(network.state_dict()))
    model = load_checkpoint(path, classes=10, architecture="resnet20", normalisation=HALF)
    inputs = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(model.to(torch.device("cpu")).network(inputs), network.eval()(inputs))
    assert model.name == "net"


def test_a_robench_checkpoint_needs_nothing_else(tmp_path: Path, network: torch.nn.Module) -> None:
    content = {
        "architecture": "resnet20",
        "mean": [0.5, 0.5, 0.5],
        "std": [0.25, 0.25, 0.25],
        "method": "augmix",
        "state_dict": network.state_dict(),
    }
    model = load_checkpoint(saved(tmp_path / "last.pt", content), classes=10)
    assert model.normalisation.std == (0.25, 0.25, 0.25)
    assert model.normalisation.origin == "the checkpoint's own record"
    assert model.training == {"method": "augmix"}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RobenchError, match=r"no checkpoint .*/nothing\.pt"):
        load_checkpoint(tmp_path / "nothing.pt", classes=10)


@pytest.mark.parametrize(
    "content", [b"", b"hello world", b"PK\x03\x04 broken", bytes(100)], ids=range(4)
)
def test_a_file_that_is_no_checkpoint_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "net.pt"
    path.write_bytes(content)
    with pytest.raises(RobenchError, match=r"net\.pt is damaged or not a PyTorch checkpoint"):
        load_checkpoint(path, classes=10, architecture="resnet20")


def test_a_truncated_file_is_named(tmp_path: Path, network: torch.nn.Module) -> None:
    path = saved(tmp_path / "net.pt", network.state_dict())
    path.write_bytes(path.read_bytes()[:200_000])
    with pytest.raises(RobenchError, match="is damaged or not a PyTorch checkpoint"):
        load_checkpoint(path, classes=10, architecture="resnet20")


class _Attack:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_runs_code_is_refused_unless_asked_for(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "evil.pt"
    content = {"state_dict": {}, "hook": _Attack(tmp_path / "owned")}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(RobenchError, match=r"was refused: .* would run code .* unsafe_load=True"):
        load_checkpoint(path, classes=10, architecture="resnet20")
    assert not (tmp_path / "owned").exists()
    with pytest.raises(RobenchError, match="holds no tensors"):
        load_checkpoint(path, classes=10, architecture="resnet20", unsafe=True)
    assert (tmp_path / "owned").exists()


def test_a_whole_module_loads_only_when_asked_for(tmp_path: Path, network: torch.nn.Module) -> None:
    path = saved(tmp_path / "module.pt", network)
    with pytest.raises(RobenchError, match="unsafe_load=True"):
        load_checkpoint(path, classes=10, architecture="resnet20", normalisation=HALF)
    model = load_checkpoint(
        path, classes=10, architecture="resnet20", normalisation=HALF, unsafe=True
    )
    assert model.parameter_count() == sum(p.numel() for p in network.parameters())


def test_keys_that_do_not_fit_name_the_first_and_what_would_fit(
    tmp_path: Path, network: torch.nn.Module
) -> None:
    path = saved(tmp_path / "net.pt", network.state_dict())
    with pytest.raises(RobenchError) as caught:
        load_checkpoint(path, classes=10, architecture="resnet32")
    message = str(caught.value)
    assert "does not fit resnet32 with 10 classes" in message
    assert "missing keys (first layer1.3.conv1.weight)" in message
    assert message.endswith("it fits resnet20")
    with pytest.raises(RobenchError, match=r"unexpected keys \(first layer1\.3\.conv1\.weight\)"):
        state = architectures.registry()["resnet32"](10).state_dict()
        load_checkpoint(saved(path, state), classes=10, architecture="resnet20")


def test_another_number_of_classes_is_named(tmp_path: Path, network: torch.nn.Module) -> None:
    path = saved(tmp_path / "net.pt", network.state_dict())
    with pytest.raises(
        RobenchError, match=r"of another shape \(first linear\.weight: .* fits none of"
    ):
        load_checkpoint(path, classes=100, architecture="resnet20")


def test_nothing_is_guessed(tmp_path: Path, network: torch.nn.Module) -> None:
    path = saved(tmp_path / "net.pt", network.state_dict())
    with pytest.raises(RobenchError, match="does not record its architecture; give architecture"):
        load_checkpoint(path, classes=10)
    with pytest.raises(
        RobenchError, match=r"give normalisation .imagenet, .* or normalisation=.MEAN, STD"
    ):
        load_checkpoint(path, classes=10, architecture="resnet20").known_normalisation()
    with pytest.raises(RobenchError, match="did you mean 'resnet20'"):
        load_checkpoint(path, classes=10, architecture="resnet-20")
