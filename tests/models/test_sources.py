"""One network in every format: the same predictions and probabilities, and one line for what cannot be loaded."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from robench import models
from robench.errors import RobenchError
from robench.inference import prepare
from robench.models import NORMALISATIONS, Model
from tests.models import exported_files as write

CPU = torch.device("cpu")
HALF = NORMALISATIONS["half"]


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (7, 32, 32, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("formats")
    write.state_dict(write.digits_network(), path / "state.pt")
    (path / "factory.py").write_text(write.FACTORY)
    return path


@pytest.fixture(scope="module")
def expected(images: np.ndarray) -> torch.Tensor:
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float().div(255).sub(0.5).div(0.5)
    with torch.inference_mode():
        return write.digits_network()(pixels)


# Format -> what makes its file in a folder and returns the spec.
FORMATS: dict[str, Callable[[Path], object]] = {
    "state dict": lambda folder: folder / "state.pt",
    "safetensors": lambda folder: write.safetensors(
        write.digits_network(), folder / "net.safetensors"
    ),
    "torchscript": lambda folder: write.torchscript(write.digits_network(), folder / "script.pt"),
    "exported": lambda folder: write.exported(write.digits_network(), folder / "net.pt2"),
    "exported, other suffix": lambda folder: write.exported(
        write.digits_network(), folder / "net.pt2"
    ).rename(folder / "exported.pt"),
    "exported, batch 3": lambda folder: write.exported(
        write.digits_network(), folder / "net3.pt2", batch=3
    ),
    "exported, batch 8": lambda folder: write.exported(
        write.digits_network(), folder / "net8.pt2", batch=8
    ),
    "onnx": lambda folder: write.onnx(write.digits_network(), folder / "net.onnx"),
    "onnx, batch 3": lambda folder: write.onnx(write.digits_network(), folder / "3.onnx", batch=3),
    "python, network": lambda folder: f"{folder / 'factory.py'}:network",
    "python, function": lambda folder: f"{folder / 'factory.py'}:function",
}
ONLY_WEIGHTS = ("state dict", "safetensors")
RUNS_CODE = tuple(name for name in FORMATS if name.startswith(("torchs", "exp", "py")))


def load(name: str, folder: Path, **changes: object) -> Model:
    arguments: dict = {"classes": 10, "normalisation": HALF, "unsafe": name in RUNS_CODE}
    if name in ONLY_WEIGHTS:
        arguments["architecture"] = "digits_cnn"
    return models.load(str(FORMATS[name](folder)), **(arguments | changes))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("prepared", [False, True], ids=["as loaded", "prepared"])
def test_every_format_gives_the_same_probabilities(
    name: str, prepared: bool, folder: Path, images: np.ndarray, expected: torch.Tensor
) -> None:
    model = load(name, folder).to(CPU)
    if prepared:
        model = prepare(model, CPU, (32, 32)).model
    found = model.logits(images, CPU)
    assert found.dtype == torch.float32
    assert torch.equal(found.argmax(1), expected.argmax(1))
    torch.testing.assert_close(found.softmax(1), expected.softmax(1), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", FORMATS)
def test_where_it_came_from_is_on_record(name: str, folder: Path) -> None:
    record = load(name, folder).record()
    assert len(record["sha256"]) == 64
    assert str(folder) in record["source"]
    assert record["mean"] == [0.5, 0.5, 0.5]
    assert record["name"] in load(name, folder).description()


def test_other_weights_are_another_model_though_the_python_file_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "factory.py").write_text(write.FACTORY)
    digests = []
    for bias in (0.0, 0.0, 1e-3):
        network = write.digits_network()
        with torch.no_grad():
            network.classifier.bias += bias
        write.state_dict(network, tmp_path / "state.pt")
        digests.append(load("python, network", tmp_path).sha256)
    assert digests[0] == digests[1] != digests[2]


def test_a_network_of_a_notebook_is_known_by_its_weights() -> None:
    network = write.digits_network()
    digest = models.wrap(network, normalisation=HALF).sha256
    network.to(memory_format=torch.channels_last)
    assert models.wrap(network, normalisation=HALF).sha256 == digest
    network.features[1].running_mean[0] += 1e-3
    assert models.wrap(network, normalisation=HALF).sha256 != digest
    assert models.wrap(lambda pixels: network(pixels)).sha256 is None


@pytest.mark.parametrize("name", RUNS_CODE)
def test_what_can_run_code_is_refused_unless_asked_for(name: str, folder: Path) -> None:
    with pytest.raises(RobenchError, match=r"was refused: .* unsafe_load=True"):
        load(name, folder, unsafe=False)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "python, function"])
def test_a_normalisation_is_never_guessed(name: str, folder: Path) -> None:
    with pytest.raises(RobenchError, match="give normalisation"):
        load(name, folder, normalisation=None).known_normalisation()


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ONLY_WEIGHTS])
def test_an_architecture_that_would_be_ignored_is_refused(name: str, folder: Path) -> None:
    with pytest.raises(RobenchError, match="leave out architecture='digits_cnn'"):
        load(name, folder, architecture="digits_cnn")


def test_a_plain_function_gets_images_in_0_to_1(folder: Path) -> None:
    model = load("python, function", folder, normalisation=None)
    assert model.normalisation.mean == (0, 0, 0)
    assert "given images in [0, 1]" in model.description()


def test_a_safetensors_header_is_a_record(tmp_path: Path) -> None:
    path = write.safetensors(
        write.digits_network(),
        tmp_path / "net.safetensors",
        architecture="digits_cnn",
        mean=[0.1, 0.2, 0.3],
        std=[0.4, 0.5, 0.6],
    )
    model = models.load(path, classes=10)
    assert model.normalisation.std == (0.4, 0.5, 0.6)
    assert model.architecture == "digits_cnn"


PACKAGES = {"safetensors": "safetensors", "onnx": "onnxruntime"}


@pytest.mark.parametrize("suffix", ["safetensors", "pt2", "onnx", "pt"])
@pytest.mark.parametrize("content", [b"", b"hello world", bytes(100)], ids=range(3))
def test_a_damaged_file_is_one_line(tmp_path: Path, suffix: str, content: bytes) -> None:
    if suffix in PACKAGES:
        pytest.importorskip(PACKAGES[suffix])
    path = tmp_path / f"net.{suffix}"
    path.write_bytes(content)
    with pytest.raises(RobenchError, match=r"is (a )?damaged"):
        models.load(path, classes=10, normalisation=HALF, unsafe=True)


@pytest.mark.parametrize("name", ["torchscript", "exported", "onnx", "safetensors"])
def test_a_truncated_file_is_one_line(tmp_path: Path, name: str) -> None:
    path = Path(str(FORMATS[name](tmp_path)))
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(RobenchError, match=r"is (a )?damaged"):
        models.load(path, classes=10, normalisation=HALF, unsafe=True)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("nothing.safetensors", "no checkpoint nothing"),
        ("nothing.pt2", "no exported program nothing"),
        ("nothing.onnx", "no ONNX file nothing"),
        ("nothing.py:make", "no Python file nothing"),
        ("{folder}/factory.py", "names no function; give .*factory.py:FUNCTION"),
        ("{folder}/factory.py:nothing", "the file has no function 'nothing'"),
        ("{folder}/factory.py:number", "the file has no function 'number'"),
        ("{folder}/factory.py:broken", "raised ValueError: no weights here"),
        ("{folder}/factory.py:returns_text", "returned a str; expected a network"),
        ("torchvison:resnet18", "no model source of that name; known: checkpoint, "),
        ("torchvision:resnet19", "unknown torchvision model 'resnet19'; did you mean"),
        ("torchvision:resnet18@V1", "unknown weights of resnet18 'V1'.*IMAGENET1K_V1"),
        ("torchvision:resnet18", "gives 1000 logits, but the data has 10 classes"),
    ],
)
def test_a_spec_that_leads_nowhere_is_one_line(spec: str, sentence: str, folder: Path) -> None:
    with pytest.raises(RobenchError, match=sentence) as caught:
        models.load(spec.format(folder=folder), classes=10, unsafe=True)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_imported_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import nothing_of_this_name")
    with pytest.raises(RobenchError, match=r"cannot import .*bad\.py \(ModuleNotFoundError"):
        models.load(f"{tmp_path}/bad.py:make", classes=10, unsafe=True)


@pytest.mark.parametrize("name", ["onnx", "exported"])
def test_images_of_another_size_are_refused(name: str, folder: Path) -> None:
    model = load(name, folder)
    assert model.input_size_px == (32, 32)
    with pytest.raises(RobenchError, match="takes images of 32 x 32 pixels, got 64 x 64"):
        model.logits(np.zeros((2, 64, 64, 3), np.uint8), CPU)


def test_onnx_with_other_classes_is_refused(folder: Path) -> None:
    with pytest.raises(RobenchError, match="gives 10 logits, but the data has 100 classes"):
        load("onnx", folder, classes=100)


def test_every_source_says_how_to_name_it() -> None:
    for source in models.registry().values():
        assert source.summary
        assert not source.claims("net.pt")
