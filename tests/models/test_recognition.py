"""Networks found by keys and shapes: the index against what is installed, the alternatives, and what nearly fits."""

import importlib.metadata
import json
from pathlib import Path

import pytest
import torch
import torchvision
from torch import nn

from baselines import architectures
from robench import models
from robench.errors import RobenchError
from robench.models import NORMALISATIONS, network_index, recognition, torchvision_models
from robench.models.network_index import count_elements, on_meta, shapes_of
from robench.models.weight_tree import digest_of_keys

HALF = NORMALISATIONS["half"]
TIMM = (
    "resnet18",
    "vit_tiny_patch16_224",
    "efficientnet_b0",
    "convnext_atto",
    "swinv2_base_window16_256",
    "regnetx_002",
)


def indexed() -> dict[str, tuple[int, network_index.Entry]]:
    return {
        entry.network: (digest, entry)
        for digest, key_set in network_index.read_index().items()
        for entry in key_set.entries
    }


def check_entry(name: str, network: nn.Module, classes: int) -> None:
    digest, entry = indexed()[name]
    shapes = shapes_of(network)
    assert digest == digest_of_keys(shapes)
    assert entry.elements + classes * entry.per_class == count_elements(shapes)
    assert entry.classes_for(count_elements(shapes)) == classes
    assert network_index.read_index()[digest].sketch == network_index.sketch_of(shapes)


SLOW = (
    "regnet",
    "vit_h",
    "vit_l",
    "convnext_l",
)  # which take seconds, some for want of a meta device


def test_the_index_has_every_network_of_torchvision() -> None:
    if torchvision.__version__.partition("+")[0] not in network_index.indexed_versions():
        pytest.skip("the index was made from another torchvision")
    names = torchvision_models.classifiers()
    assert {f"torchvision:{name}" for name in names} <= indexed().keys()
    for name in names[::4]:
        if not name.startswith(SLOW):
            check_entry(
                f"torchvision:{name}",
                on_meta(lambda name=name: torchvision_models.build(name, 37)),
                37,
            )


def test_the_index_has_the_networks_of_timm() -> None:
    timm = pytest.importorskip("timm")
    if f"timm {importlib.metadata.version('timm')}" not in network_index.indexed_versions():
        pytest.skip("the index was made from another timm")
    assert {f"timm:{name}" for name in timm.list_models()} <= indexed().keys()
    for name in TIMM:
        check_entry(
            f"timm:{name}", on_meta(lambda name=name: timm.create_model(name, num_classes=37)), 37
        )


def load(path: Path, network: nn.Module, **changes: object) -> models.Model:
    torch.save(network.state_dict(), path)
    arguments: dict = {"classes": 10, "normalisation": HALF, **changes}
    return models.load(path, **arguments)


@pytest.mark.parametrize("name", architectures.registry())
def test_every_network_of_ours_is_found(name: str, tmp_path: Path) -> None:
    model = load(tmp_path / "net.pt", architectures.create(name, 10))
    assert model.architecture == name.removesuffix("-dropout")
    assert not model.alternatives


def test_a_network_of_torchvision_with_other_classes_is_found(tmp_path: Path) -> None:
    network = torchvision.models.get_model("shufflenet_v2_x0_5", weights=None, num_classes=10)
    model = load(tmp_path / "net.pt", network, normalisation=None)
    assert model.architecture == "torchvision:shufflenet_v2_x0_5"
    assert (
        model.normalisation is None
    )  # that the network is torchvision's says nothing of the weights


def test_the_same_network_of_two_libraries_is_one_and_another_function_an_alternative(
    tmp_path: Path,
) -> None:
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    network = timm.create_model("resnet18", num_classes=10).eval()
    model = load(tmp_path / "net.pt", network)
    assert model.architecture == "torchvision:resnet18"
    assert any("timm:resnet18 computes the same" in note for note in model.notes)
    (other,) = model.alternatives
    assert other.architecture == "timm:resnetblur18"
    assert any("also fit timm:resnetblur18" in note for note in model.notes)
    pixels = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        expected = network(pixels)
        torch.testing.assert_close(model.network.eval()(pixels), expected)
        assert not torch.allclose(other.network.eval()(pixels), expected, rtol=1e-2)
    assert model.record()["alternatives"] == ["timm:resnetblur18"]
    named = load(tmp_path / "net.pt", network, architecture="timm:resnetblur18")
    assert named.architecture == "timm:resnetblur18" and not named.alternatives


def test_a_file_that_names_its_network_is_believed(tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    network = timm.create_model("tf_efficientnet_b0", num_classes=10)
    torch.save(
        {"arch": "tf_efficientnet_b0", "state_dict": network.state_dict()}, tmp_path / "a.pt"
    )
    model = models.load(tmp_path / "a.pt", classes=10)
    assert model.architecture == "timm:tf_efficientnet_b0" and not model.alternatives
    torch.save({"state_dict": network.state_dict()}, tmp_path / "a.pt")
    model = models.load(tmp_path / "a.pt", classes=10)
    found = [model.architecture, *(other.architecture for other in model.alternatives)]
    assert found == ["timm:efficientnet_b0", "timm:efficientnet_blur_b0", "timm:tf_efficientnet_b0"]


def test_a_network_that_takes_one_size_says_so(tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    network = timm.create_model("test_vit", num_classes=10)
    assert (
        load(tmp_path / "net.pt", network).input_size_px == network.pretrained_cfg["input_size"][1:]
    )


def test_what_nearly_fits_is_named_with_the_first_entry_that_differs(tmp_path: Path) -> None:
    network = torchvision.models.resnet18(num_classes=10)
    network.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    sentence = (
        r"nearest network is (torchvision|timm):resnet\w*18, where conv1\.weight is "
        r"\(64, 3, 3, 3\) for \(64, 3, 7, 7\)"
    )
    with pytest.raises(RobenchError, match=sentence):
        load(tmp_path / "net.pt", network)
    network = torchvision.models.resnet18(num_classes=10)
    network.fc = nn.Identity()
    with pytest.raises(RobenchError, match=r"resnet\w*18, where fc\.weight is missing, and 1 more"):
        load(tmp_path / "net.pt", network)


def test_a_library_that_is_not_there_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        recognition, "_is_installed", lambda entry: not entry.network.startswith("timm:")
    )
    network = torchvision.models.resnet18(num_classes=10)
    assert not load(tmp_path / "net.pt", network).alternatives


def test_densenet_under_its_published_names(tmp_path: Path) -> None:
    network = torchvision.models.densenet121(num_classes=10)
    state = {
        key.replace("norm1.", "norm.1.")
        .replace("norm2.", "norm.2.")
        .replace("conv1.", "conv.1.")
        .replace("conv2.", "conv.2."): value
        for key, value in network.state_dict().items()
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in state
    torch.save(state, tmp_path / "net.pt")
    model = models.load(tmp_path / "net.pt", classes=10, architecture="torchvision:densenet121")
    assert torch.equal(
        model.network.features.denseblock2.denselayer3.conv2.weight,
        network.features.denseblock2.denselayer3.conv2.weight,
    )


def write_folder(folder: Path, network: nn.Module, shards: int = 1, prefix: str = "") -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    state = {prefix + key: value for key, value in network.state_dict().items()}
    if shards == 1:
        safetensors.save_file(state, folder / "model.safetensors", {"format": "pt"})
        return
    keys, places = list(state), {}
    for shard in range(shards):
        part = {key: state[key] for key in keys[shard::shards]}
        name = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        safetensors.save_file(part, folder / name)
        places |= dict.fromkeys(part, name)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))


@pytest.mark.parametrize("shards", [1, 3])
def test_a_folder_of_the_trainer(tmp_path: Path, shards: int) -> None:
    torch.manual_seed(0)
    network = architectures.create("digits_cnn", 10).eval()
    write_folder(tmp_path, network, shards, "timm_model.")
    (tmp_path / "training_args.bin").write_bytes(b"whatever")
    (tmp_path / "config.json").write_text(
        json.dumps({"architectures": ["TimmWrapperForImageClassification"]})
    )
    shown = {"image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6]}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(shown))
    model = models.load(tmp_path, classes=10)
    pixels = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(model.network.eval()(pixels), network(pixels))
    assert model.normalisation is not None and model.normalisation.std == (0.4, 0.5, 0.6)
    assert model.name == tmp_path.name


def test_folders_that_lack_something_are_one_line(tmp_path: Path) -> None:
    def refusal(sentence: str) -> None:
        with pytest.raises(RobenchError, match=sentence):
            models.load(tmp_path, classes=10)

    refusal(r"is a folder without model\.safetensors or pytorch_model\.bin; give a file of weights")
    (tmp_path / "ckpt.pt").write_bytes(b"")
    refusal(r"give a file, e\.g\. model=.*ckpt\.pt")
    for step in (500, 1000):
        (tmp_path / f"checkpoint-{step}").mkdir()
    refusal(r"model='.*checkpoint-1000'$")
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "../../secret.safetensors"}}))
    refusal(r"names '\.\./\.\./secret\.safetensors', which is no file beside it")
    index.write_text(json.dumps({"weight_map": {"a": "part.safetensors"}}))
    refusal(r"lacks part\.safetensors, which its model\.safetensors\.index\.json lists")
    index.write_text("{")
    refusal("is damaged")
    index.write_text("[" * 100_000)
    refusal("is damaged")


def test_a_network_of_transformers_says_how_to_get_it(tmp_path: Path) -> None:
    write_folder(tmp_path, nn.Linear(3, 3))
    (tmp_path / "config.json").write_text(
        json.dumps({"architectures": ["ViTForImageClassification"]})
    )
    with pytest.raises(
        RobenchError, match=r"a ViTForImageClassification of transformers.*from_pretrained"
    ):
        models.load(tmp_path, classes=10)
