"""torchvision and timm: their names, their own preprocessing, and no network."""

import hashlib
import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError

import pytest
import torch
import torchvision

from robench import models
from robench.errors import RobenchError
from robench.models import NORMALISATIONS, torchvision_models
from robench.models.clean_view import CleanView

HALF = NORMALISATIONS["half"]
IMAGENET = NORMALISATIONS["imagenet"]
SMALLEST = "shufflenet_v2_x0_5"


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of torch's downloads, with a file in the place of the smallest network's weights."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    weights = torchvision.models.ShuffleNet_V2_X0_5_Weights.IMAGENET1K_V1
    torch.manual_seed(0)
    network = torchvision.models.get_model(SMALLEST, weights=None)
    written = io.BytesIO()
    torch.save(network.state_dict(), written)
    name = f"net-{hashlib.sha256(written.getvalue()).hexdigest()[:8]}.pth"
    (folder / name).write_bytes(written.getvalue())
    monkeypatch.setattr(weights.value, "url", f"https://example.org/{name}")
    return folder


def test_torchvision_brings_its_own_preprocessing(downloads: Path) -> None:
    model = models.load(f"torchvision:{SMALLEST}", classes=1000)
    assert model.normalisation.mean == IMAGENET.mean
    assert model.normalisation.std == IMAGENET.std
    assert model.source == f"torchvision:{SMALLEST}@IMAGENET1K_V1"
    assert "torchvision's for ShuffleNet_V2_X0_5_Weights.IMAGENET1K_V1" in model.description()
    assert model.clean_view is not None
    assert (model.clean_view.resize_px, model.clean_view.crop_px) == (256, (224, 224))
    assert model.clean_view.interpolation == "bilinear"
    (file,) = downloads.iterdir()
    assert model.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert model.name == SMALLEST


def test_a_flag_wins_over_torchvision(downloads: Path) -> None:
    model = models.load(f"torchvision:{SMALLEST}", classes=1000, normalisation=HALF)
    assert model.normalisation == HALF


def test_a_cached_file_that_is_not_the_published_one_is_refused(downloads: Path) -> None:
    (file,) = downloads.iterdir()
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    file.write_bytes(damaged)
    with pytest.raises(RobenchError, match=r"is not the published file: .* remove it"):
        models.load(f"torchvision:{SMALLEST}", classes=1000)


class _Runs:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.target),)


def test_a_cached_file_runs_nothing(
    downloads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    torch.save({"a": _Runs(tmp_path / "owned")}, written)
    name = f"net-{hashlib.sha256(written.getvalue()).hexdigest()[:8]}.pth"
    (downloads / name).write_bytes(written.getvalue())
    weights = torchvision.models.ShuffleNet_V2_X0_5_Weights.IMAGENET1K_V1
    monkeypatch.setattr(weights.value, "url", f"https://example.org/{name}")
    with pytest.raises(RobenchError, match="would run code"):
        models.load(f"torchvision:{SMALLEST}", classes=1000)
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("prefix", ["", "local-dir:"])
def test_a_folder_with_a_pickle_runs_nothing(tmp_path: Path, prefix: str) -> None:
    torch.save({"a": _Runs(tmp_path / "owned")}, tmp_path / "pytorch_model.bin")
    (tmp_path / "config.json").write_text(json.dumps({"architecture": "test_resnet"}))
    with pytest.raises(RobenchError, match="would run code"):
        models.load(f"{prefix}{tmp_path}", classes=10)
    assert not (tmp_path / "owned").exists()


def test_timm_gets_weights_without_unpickling_whatever_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timm = pytest.importorskip("timm")
    torch.save({"a": _Runs(tmp_path / "owned")}, tmp_path / "net.pt")

    def careless(*arguments: object, **options: object) -> None:
        torch.load(tmp_path / "net.pt", weights_only=False)

    monkeypatch.setattr(timm, "create_model", careless)
    with pytest.raises(RobenchError, match="cannot get timm:resnet18"):
        models.load("timm:resnet18", classes=1000)
    assert not (tmp_path / "owned").exists()
    assert "TORCH_FORCE_WEIGHTS_ONLY_LOAD" not in os.environ


def test_torchvision_without_a_network_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*arguments: object, **options: object) -> None:
        raise URLError("Name or service not known")

    monkeypatch.setattr(torch.hub, "download_url_to_file", unreachable)
    with pytest.raises(
        RobenchError, match=r"cannot download https.* give the file and architecture='torchvision:"
    ):
        models.load("torchvision:resnet18", classes=1000)


def test_a_state_dict_of_a_torchvision_network(tmp_path: Path) -> None:
    network = torchvision.models.get_model(SMALLEST, weights=None, num_classes=10).eval()
    torch.save(network.state_dict(), tmp_path / "net.pth")
    arguments: dict = {"classes": 10, "architecture": f"torchvision:{SMALLEST}"}
    with pytest.raises(RobenchError, match=f"own weights of {SMALLEST} have a record"):
        models.load(tmp_path / "net.pth", **arguments).known_normalisation()
    model = models.load(tmp_path / "net.pth", normalisation=HALF, **arguments)
    inputs = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.equal(model.to(torch.device("cpu")).network(inputs), network(inputs))


def test_a_file_that_torchvision_published_is_known_by_its_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = torchvision.models.get_model(SMALLEST, weights=None)
    path = tmp_path / "renamed.pth"
    torch.save(network.state_dict(), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()

    entry = torchvision.models.ShuffleNet_V2_X0_5_Weights.IMAGENET1K_V1
    published = SimpleNamespace(
        url=f"https://example.org/net-{digest[:8]}.pth", transforms=entry.transforms
    )
    monkeypatch.setattr(torchvision.models, "get_model_weights", lambda name: [published])
    arguments: dict = {"classes": 1000, "architecture": f"torchvision:{SMALLEST}"}
    model = models.load(path, **arguments)
    assert model.normalisation.mean == IMAGENET.mean
    assert model.clean_view is not None
    assert models.load(path, normalisation=HALF, **arguments).normalisation == HALF


def test_digests_are_read_from_the_names_of_published_files() -> None:
    found = torchvision_models.published_weights("torchvision:resnet50", "0676ba61" + 56 * "0")
    assert found is torchvision.models.ResNet50_Weights.IMAGENET1K_V1
    assert torchvision_models.published_weights("torchvision:resnet50", 64 * "0") is None
    assert torchvision_models.published_weights("resnet20", "0676ba61" + 56 * "0") is None


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_networks_converted_from_tensorflow_are_built_without_a_warning(name: str) -> None:
    assert torchvision_models.build(name, 1000).transform_input is False


def test_timm_brings_its_own_preprocessing(tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    network = timm.create_model("test_resnet.r160_in1k", pretrained=False).eval()
    pretrained = {
        "input_size": [3, 160, 160],
        "mean": [0.5, 0.5, 0.5],
        "std": [0.25, 0.25, 0.25],
        "interpolation": "bicubic",
        "crop_pct": 0.95,
        "num_classes": 1000,
        "first_conv": "conv1",
        "classifier": "fc",
        "pool_size": [5, 5],
        "tag": "mine",
    }
    config = {"architecture": "test_resnet", "num_classes": 1000, "pretrained_cfg": pretrained}
    (tmp_path / "config.json").write_text(json.dumps(config))
    torch.save(network.state_dict(), tmp_path / "pytorch_model.bin")
    model = models.load(f"local-dir:{tmp_path}", classes=1000)
    assert model.normalisation.std == (0.25, 0.25, 0.25)
    assert model.normalisation.origin == "the checkpoint's own record"
    assert model.clean_view == CleanView(168, (160, 160), "bicubic", str(tmp_path / "config.json"))
    inputs = torch.randn(2, 3, 160, 160)
    with torch.inference_mode():
        assert torch.equal(model.to(torch.device("cpu")).network(inputs), network(inputs))
    with pytest.raises(
        RobenchError, match=r"fits timm:test_resnet.* with 1000 classes, but the data has 10"
    ):
        models.load(f"local-dir:{tmp_path}", classes=10)


def test_a_state_dict_of_a_timm_network(tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    network = timm.create_model("test_resnet", pretrained=False, num_classes=10).eval()
    torch.save({"state_dict_ema": network.state_dict()}, tmp_path / "net.pth")
    arguments: dict = {"classes": 10, "architecture": "timm:test_resnet"}
    with pytest.raises(RobenchError, match="timm's own weights of test_resnet have a record"):
        models.load(tmp_path / "net.pth", **arguments).known_normalisation()
    model = models.load(tmp_path / "net.pth", normalisation=HALF, **arguments)
    assert model.architecture == "timm:test_resnet"


def test_a_network_made_by_timm_says_its_normalisation() -> None:
    timm = pytest.importorskip("timm")
    network = timm.create_model("test_vit", pretrained=False)
    assert models.wrap(network).normalisation.mean == network.pretrained_cfg["mean"]


def test_timm_without_a_network_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    timm = pytest.importorskip("timm")

    def unreachable(*arguments: object, **options: object) -> None:
        raise OSError("cannot reach the hub\nand more lines")

    monkeypatch.setattr(timm, "create_model", unreachable)
    with pytest.raises(RobenchError, match=r"cannot get timm:resnet18 \(cannot reach the hub\);"):
        models.load("timm:resnet18", classes=1000)
    with pytest.raises(RobenchError, match="unknown timm model 'resnet-18'; did you mean"):
        models.load("timm:resnet-18", classes=1000)


@pytest.mark.parametrize(
    ("spec", "package"),
    [("timm:resnet18", "timm"), ("{0}.onnx", "onnxruntime"), ("{0}.safetensors", "safetensors")],
)
def test_a_missing_extra_is_named(
    spec: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    path = tmp_path / "net"
    for suffix in (".onnx", ".safetensors"):
        path.with_suffix(suffix).write_bytes(b"")
    with pytest.raises(RobenchError, match=rf"{package} is not installed; pip install 'robench\["):
        models.load(spec.format(path), classes=1000, normalisation=HALF)
