"""Bad files: one line each that mends, and nothing of them runs."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from baselines import architectures
from robench import models
from robench.errors import RobenchError
from robench.models import NORMALISATIONS
from robench.models.weights_file import read_content

HALF = NORMALISATIONS["half"]


def state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return dict(architectures.create("digits_cnn", 10).state_dict())


def changed(**changes: Callable[[torch.Tensor], torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights with each of a kind ("weight", "bias") changed."""
    return {
        key: changes[key.rpartition(".")[2]](value) if key.rpartition(".")[2] in changes else value
        for key, value in state().items()
    }


def deep(depth: int) -> dict:
    content: dict = {}
    for _ in range(depth):
        content = {"a": content}
    return content


def optimizer_only() -> dict:
    parameter = nn.Parameter(torch.ones(3, 3))
    adam = torch.optim.Adam([parameter])
    parameter.sum().backward()
    adam.step()
    return adam.state_dict()


BAD: dict[str, tuple[Callable[[], object], str]] = {
    "empty": (dict, r"holds no tensors .*its keys: none; give the file with"),
    "optimizer only": (
        lambda: {"optimizer": optimizer_only()},
        r"training's state only .*its keys: optimizer",
    ),
    "optimizer's own": (optimizer_only, "holds no tensors .*its keys: state, param_groups"),
    "list": (lambda: [state(), 3], "holds a list of 2; expected a state dict"),
    "unnamed": (lambda: list(state().values()), "holds a list of"),
    "one tensor": (lambda: torch.ones(3, 4), r"holds one tensor of shape \(3, 4\); expected"),
    "number": (lambda: 3, "holds a int; expected a state dict"),
    "nothing": (lambda: None, "holds a NoneType; expected a state dict"),
    "deep": (lambda: deep(200), "holds no tensors"),
    "wide": (lambda: {str(key): {str(key): key} for key in range(20_000)}, "holds no tensors"),
    "of no network": (
        lambda: {"a": torch.ones(3, 3), "b": torch.ones(3)},
        "fits no network of robench.*architecture",
    ),
    "numbers as keys": (lambda: {0: torch.ones(3, 3)}, "holds no tensors"),
    "meta": (lambda: changed(weight=lambda value: value.to("meta")), "has a shape but no values"),
    "quantised": (
        lambda: changed(weight=lambda value: torch.quantize_per_tensor(value, 0.1, 0, torch.qint8)),
        r"is quantised \(torch.qint8\)",
    ),
    "eight bits": (
        lambda: changed(weight=lambda value: value.to(torch.float8_e4m3fn)),
        "is quantised",
    ),
    "whole numbers": (
        lambda: changed(weight=lambda value: value.to(torch.int8)),
        "torch.int8 in the place of",
    ),
    "bool": (lambda: changed(bias=lambda value: value > 0), "torch.bool in the place of"),
    "complex": (
        lambda: changed(bias=lambda value: value.to(torch.complex64)),
        "complex64 in the place of",
    ),
}


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::UserWarning"
)  # of quantised tensors
@pytest.mark.parametrize("architecture", [None, "digits_cnn"])
@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_network_is_one_line(
    kind: str, architecture: str | None, tmp_path: Path
) -> None:
    make, sentence = BAD[kind]
    torch.save(make(), tmp_path / "net.pt")
    if kind == "of no network" and architecture:
        sentence = "does not fit digits_cnn"
    with pytest.raises(RobenchError, match=sentence) as caught:
        models.load(tmp_path / "net.pt", classes=10, architecture=architecture, normalisation=HALF)
    assert "\n" not in str(caught.value)
    assert "unsafe" not in str(caught.value).replace("file.py:Class with unsafe_load=True", "")


def test_a_bit_that_flips_in_a_checkpoint_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    torch.save({"state_dict": state()}, path)
    whole = path.read_bytes()
    draw = np.random.default_rng(0)
    noticed = 0
    for place in draw.integers(0, 8 * len(whole), 60):
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        try:
            model = models.load(path, classes=10, normalisation=HALF)
        except RobenchError as error:
            noticed += 1
            assert "damaged" in str(error)
        else:  # between the parts, where nothing is
            assert all(
                torch.equal(value, state()[key])
                for key, value in model.network.state_dict().items()
            )
    assert noticed >= 55


def test_a_writer_that_left_out_checksums_is_read(tmp_path: Path) -> None:
    before = torch.serialization.get_crc32_options()
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(state(), tmp_path / "net.pt")
    finally:
        torch.serialization.set_crc32_options(before)
    assert models.load(tmp_path / "net.pt", classes=10).architecture == "digits_cnn"


@pytest.mark.parametrize("unsafe", [False, True])
def test_pipes_and_devices_are_refused_at_once(tmp_path: Path, unsafe: bool) -> None:
    os.mkfifo(tmp_path / "net.pt")
    for path in (tmp_path / "net.pt", Path(os.devnull)):
        with pytest.raises(RobenchError, match="is a pipe, a socket or a device"):
            models.load(path, classes=10, unsafe=unsafe)


def test_a_name_that_promises_another_digest_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "net-0123abcd.pt"
    torch.save(state(), path)
    assert any(
        "promises a file whose SHA-256 begins with 0123abcd" in note
        for note in models.load(path, classes=10).notes
    )


class Whole(nn.Module):
    """A network of a training script, saved as an object: 2 for the class of the first channel's sign."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return pixels.mean((2, 3)).repeat(1, 4)[:, :10]


def test_a_whole_network_is_used_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    pixels = torch.randn(2, 3, 8, 8)
    for content in (
        Whole(),
        {"model": Whole(), "epoch": 1},
        {"ema": Whole(), "model": nn.Linear(2, 2)},
    ):
        torch.save(content, path)
        if isinstance(content, nn.Module):
            with pytest.raises(
                RobenchError, match=r"was refused: it is a whole object .*Whole.*unsafe_load=True"
            ):
                models.load(path, classes=10, normalisation=HALF)
        model = models.load(path, classes=10, normalisation=HALF, unsafe=True)
        assert torch.equal(model.network(pixels), Whole()(pixels))
        with pytest.raises(RobenchError, match="is a whole network; leave out architecture"):
            models.load(path, classes=10, architecture="resnet20", unsafe=True)


def test_a_class_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "its_module.py").write_text(
        "import torch\nclass Net(torch.nn.Linear): pass\n"
    )
    script = "import torch, its_module; torch.save(its_module.Net(2, 2), 'net.pt')"
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "there")}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, check=True)
    with pytest.raises(
        RobenchError, match=r"needs the module its_module, .*PYTHONPATH=FOLDER"
    ) as caught:
        models.load(tmp_path / "net.pt", classes=10, unsafe=True)
    assert "\n" not in str(caught.value)


class _Runs:
    def __init__(self, function: Callable, *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple:
        return self.call


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (os.mkdir, ("owned",)),
        (eval, ("1/0",)),
        (exec, ("1/0",)),
        (subprocess.call, ("false",)),
        (getattr, (0, "real")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
@pytest.mark.parametrize("zipped", [True, False])
def test_functions_of_python_itself_are_never_called(
    function: Callable,
    arguments: tuple,
    zipped: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save(
        {"net": state(), "x": _Runs(function, *arguments)},
        "net.pt",
        _use_new_zipfile_serialization=zipped,
    )
    with pytest.raises(
        RobenchError, match=rf"it names \w+\.{function.__name__} and would run code"
    ):
        read_content(Path("net.pt"))
    assert not Path("owned").exists()


@pytest.mark.parametrize(
    "header",
    [
        {"format": "tf"},
        {"mean": "[0.1, 0.2]", "std": "[0.1, 0.2, 0.3]"},
        {"mean": '["a", 1, 2]', "std": "[1, 1, 1]"},
        {"architecture": "resnet20"},
        {"architecture": "nonsense", "mean": "not JSON", "std": "[[[[["},
    ],
    ids=str,
)
def test_an_odd_safetensors_header_is_passed_over_or_one_line(tmp_path: Path, header: dict) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    safetensors.save_file(state(), tmp_path / "net.safetensors", header)
    try:
        model = models.load(tmp_path / "net.safetensors", classes=10)
    except RobenchError as error:
        assert "\n" not in str(error)
        assert "mean" in header or header["architecture"] == "resnet20"
    else:
        assert model.architecture == "digits_cnn" and model.normalisation is None
