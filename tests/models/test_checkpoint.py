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


def test_keys_that_do_not_fit_name_the_first_and_what_would_fit(
    tmp_path: Path, network: torch.nn.Module
) -> None:
    path = saved(tmp_path / "net.pt", network.state_dict())
    with pytest.raises(RobenchError) as caught:
        load_checkpoint(path, classes=10, architecture="resnet32")
    message = str(caught.value)
    assert "does not fit resnet32 with 10 classes: layer1.3.conv1.weight is missing" in message
    assert message.endswith("it fits resnet20")
    with pytest.raises(RobenchError, match=r"layer1\.3\.conv1\.weight is not in it, and \d+ more"):
        state = architectures.registry()["resnet32"](10).state_dict()
        load_checkpoint(saved(path, state), classes=10, architecture="resnet20")


@pytest.mark.parametrize("architecture", ["resnet20", None])
def test_another_number_of_classes_is_named(
    tmp_path: Path, network: torch.nn.Module, architecture: str | None
) -> None:
    path = saved(tmp_path / "net.pt", network.state_dict())
    with pytest.raises(RobenchError, match="fits resnet20 with 10 classes, but the data has 100"):
        load_checkpoint(path, classes=100, architecture=architecture)


def test_no_normalisation_is_guessed(tmp_path: Path, network: torch.nn.Module) -> None:
    path = saved(tmp_path / "net.pt", network.state_dict())
    with pytest.raises(
        RobenchError, match=r"give normalisation .imagenet, .* or normalisation=.MEAN, STD"
    ):
        load_checkpoint(path, classes=10).known_normalisation()
    with pytest.raises(RobenchError, match="did you mean 'resnet20'"):
        load_checkpoint(path, classes=10, architecture="resnet-20")


@pytest.mark.parametrize(
    "value", [["a", "b", "c"], [0.1, 0.2], [[1], [2], [3]], [float("nan")] * 3]
)
def test_a_recorded_normalisation_of_no_numbers_is_one_line(
    tmp_path: Path, network: torch.nn.Module, value: list
) -> None:
    content = {"mean": value, "std": value, "state_dict": network.state_dict()}
    path = saved(tmp_path / "net.pt", content)
    with pytest.raises(
        RobenchError, match=r"own record of mean and std: .* three (finite )?numbers"
    ):
        load_checkpoint(path, classes=10)
