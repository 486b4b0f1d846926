"""A folder with everything that the documents' commands name, as small as it can be."""

from pathlib import Path

import numpy as np
import torch
import torchvision
from PIL import Image

from baselines import adain, architectures
from robench.models import NORMALISATIONS, Model
from tests.conftest import CIFAR_NAMES, write_cifar_10
from tests.datasets.wnid_folders import CLASSES, write_val
from tests.generation.photographs import photograph
from tests.reports.synthetic import write_run
from tests.suites.official_data import WRITERS

IMAGES = 100  # of the test set and for training; a temperature is fitted on no fewer
HALF = {"mean": [0.5] * 3, "std": [0.5] * 3}
MINE = """
import torch
from baselines import architectures

def trained():
    torch.manual_seed(0)
    return architectures.create("digits_cnn", 10)

shifted = trained
"""


def furnish(root: Path) -> None:
    """Write data, networks and pictures below a folder."""
    torch.manual_seed(0)
    resnet = architectures.create("resnet20", 10).eval()
    _write_data(root / "data", resnet)
    _write_networks(root, resnet)
    photograph(0, 90, 70).save(root / "cat.jpg")
    for split in ("train", "val"):
        for name in ("cat", "dog"):
            _pictures(root / "photographs" / split / name, 240)
    for name in (*CIFAR_NAMES[1:], "textures"):  # as many classes as the networks have
        _pictures(root / "pictures" / name, 32, count=1)
    _pictures(root / "paintings", 64)
    _pictures(root / "fractals", 64)


def write_runs(root: Path, names: dict[str, str]) -> None:
    """Write evaluations of networks of different quality: name -> suite."""
    for number, (name, suite) in enumerate(names.items()):
        write_run(
            root / "runs" / name,
            name,
            slope=0.03 + 0.01 * number,
            records_seed=number,
            suite=suite,
            preset="imagenet" if suite.startswith("imagenet") else "cifar",
            model={"sha256": f"{number:064}"},
            data={
                "images": 10_000 if name == "mine" else 300
            },  # only a whole test set is beside published numbers
        )


def _write_data(data: Path, network: torch.nn.Module) -> None:
    """Write data sets; of CIFAR-10's images the network gets four of five right, so that it can be calibrated."""
    model = Model(network, "net", NORMALISATIONS["imagenet"], "test")

    def mostly_right(images: np.ndarray) -> list[int]:
        found = model.logits(images, torch.device("cpu")).argmax(1)
        wrong = torch.arange(len(images)) % 5 == 0
        return ((found + wrong) % 10).tolist()

    write_cifar_10(data / "cifar-10-batches-py", IMAGES, IMAGES // 5, mostly_right)
    write_val(data / "imagenet/train", per_class=2, classes=CLASSES)
    for name in ("cifar-100", "imagenet", "imagenet-o"):
        WRITERS[name](data)


def _write_networks(root: Path, resnet: torch.nn.Module) -> None:
    imagenet = NORMALISATIONS["imagenet"]
    record = {"mean": list(imagenet.mean), "std": list(imagenet.std)}
    torch.save({"state_dict": resnet.state_dict(), **record}, root / "resnet20.th")
    net = {"architecture": "resnet20", "state_dict": resnet.state_dict(), **HALF}
    torch.save(net, root / "net.pt")
    of_imagenet = {"architecture": "torchvision:mobilenet_v3_small", **HALF}
    made = torchvision.models.mobilenet_v3_small(weights=None).eval()
    torch.save({**of_imagenet, "state_dict": made.state_dict()}, root / "ckpt.pt")
    torch.save(architectures.create("resnet2b", 10).state_dict(), root / "resnet2b.pth")
    torch.save(adain.encoder().state_dict(), root / "vgg_normalised.pth")
    torch.save(adain.decoder().state_dict(), root / "decoder.pth")
    (root / "mine.py").write_text(MINE)


def _pictures(folder: Path, side_px: int, count: int = 3) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 256, (6, 6, 3), np.uint8)
        picture = Image.fromarray(pixels).resize((side_px, side_px))
        picture.save(folder / f"{folder.parent.name}-{folder.name}-{number}.png")
