"""Time robench's evaluation of ResNet-20 against the plain loop most people write, in the same run.

    python benchmarks/evaluation.py --data-dir data
    python benchmarks/evaluation.py --data-dir data --limit 512 --rounds 5      on a machine that does other work too
    python benchmarks/evaluation.py --imagenet val --arch resnet50 squeezenet1_1

The plain loop is a DataLoader over PIL images with torchvision's ToTensor and Normalize, batches of 1000, channels
first, float32. robench corrupts the same test images on the fly and makes its records. The forward pass alone is the
prepared network on batches that are in memory already, of the size that is fastest of those that robench chooses from.
``data`` holds cifar-10-batches-py; the network has random weights, which take as long as trained ones.

All are timed in turn, some rounds, and the best of each counts: what else the machine does cannot make one faster.

With ``--imagenet``, a folder of photographs in class folders is evaluated as ImageNet-C is: corrupted on the fly, and
from a tree of JPEG files made of it beforehand.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# A file here has the name of a package: look above this folder, not in it.
sys.path[0] = str(Path(__file__).parent.parent)

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import models, transforms

from baselines import architectures
from robench import suites
from robench.batch_size import SIZES
from robench.evaluation import evaluate
from robench.generation import generate, order_for
from robench.inference import prepare
from robench.models import NORMALISATIONS, Model
from robench.suites import Condition
from robench.suites.benchmark import Benchmark, open_benchmark

CPU = torch.device("cpu")


class Pictures(Dataset):
    def __init__(self, images: np.ndarray, transform: transforms.Compose) -> None:
        self.images, self.transform = images, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, number: int) -> torch.Tensor:
        return self.transform(Image.fromarray(self.images[number]))


def plain_loop(model: Model, images: np.ndarray, passes: int) -> float:
    """Return images a second of the loop most people write, on corrupted images that it is given for free."""
    normalise = transforms.Normalize(model.normalisation.mean, model.normalisation.std)
    transform = transforms.Compose([transforms.ToTensor(), normalise])
    start = time.perf_counter()
    with torch.inference_mode():
        for _ in range(passes):
            for batch in DataLoader(Pictures(images, transform), batch_size=1000):
                model.network(batch).argmax(1)
    return passes * len(images) / (time.perf_counter() - start)


def forward_alone(model: Model, images: np.ndarray, precision: str, seconds: float = 0.5) -> float:
    """Return images a second of the prepared network on pixels that are in memory, in its fastest batches.

    Every size that ``evaluate`` may choose runs for ``seconds``.
    """
    prepared = prepare(model, CPU, images.shape[1:3], precision=precision).model
    speeds = []
    for size in SIZES["cpu"]:
        pixels = torch.from_numpy(images[:size]).permute(0, 3, 1, 2).float().div(255)
        passes = 0
        with torch.inference_mode():
            prepared.network(pixels)
            start = time.perf_counter()
            while time.perf_counter() - start < seconds:
                prepared.network(pixels)
                passes += 1
            speeds.append(passes * len(pixels) / (time.perf_counter() - start))
    return max(speeds)


def ours(
    model: Model, benchmark: Benchmark, conditions: tuple[Condition, ...], precision: str = "fp32"
) -> float:
    """Return images a second of ``evaluate``, all included."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        result = evaluate(
            model,
            benchmark,
            Path(folder) / "run",
            conditions=conditions,
            precision=precision,
            device="cpu",
        )
        assert not result.failed, result.failure_sentence()
        return len(conditions) * len(benchmark.positions) / (time.perf_counter() - start)


def time_cifar(arguments: argparse.Namespace) -> None:
    network = architectures.registry()["resnet20"](10).eval()
    model = Model(network, "resnet20", NORMALISATIONS["imagenet"], "random weights")
    suite = suites.registry()["cifar-10-c"]
    limit = arguments.limit
    benchmark = open_benchmark(suite, arguments.data_dir, mode="on-the-fly", limit=limit)
    names = tuple((arguments.corruptions or ",".join(suite.corruptions)).split(","))
    conditions = suite.conditions(names)
    images = benchmark.clean.read(0, len(benchmark.positions))
    small = open_benchmark(suite, arguments.data_dir, mode="on-the-fly", limit=64)
    ours(model, small, conditions)  # compiles
    best: dict[str, float] = {}
    for _ in range(arguments.rounds):
        found = {"plain loop, fp32": plain_loop(model, images, passes=1)}
        for precision in ("fp32", "bf16"):
            found[f"forward alone, {precision}"] = forward_alone(model, images, precision)
            found[f"robench, {precision}"] = ours(model, benchmark, conditions, precision)
        best = {name: max(speed, best.get(name, 0.0)) for name, speed in found.items()}
    print(
        f"{len(conditions)} conditions of {len(images)} images, {torch.get_num_threads()} threads"
    )
    table(best, best["plain loop, fp32"])


def table(speeds: dict[str, float], base: float) -> None:
    """Print images a second, times the base, and of robench the share of the forward pass alone."""
    print(f"{'':<24}{'images/s':>10}{'times':>8}{'of forward':>12}")
    for name, speed in speeds.items():
        what, _, precision = name.partition(", ")
        alone = speeds.get(f"forward alone, {precision}")
        share = f"{speed / alone:12.0%}" if alone and what.startswith("robench") else ""
        print(f"{name:<24}{speed:10.1f}{speed / base:8.2f}{share}")


def time_imagenet(arguments: argparse.Namespace) -> None:
    suite = suites.registry()["imagenet-c"]
    names = tuple((arguments.corruptions or ",".join(suite.corruptions)).split(","))
    severities = (
        3,
    )  # of each corruption one, which is what the plain mean over severities is near to
    made = suite.conditions(names, severities)[1:]
    with tempfile.TemporaryDirectory() as folder:
        fly = open_benchmark(
            suite, arguments.imagenet, mode="on-the-fly", limit=arguments.limit or 64
        )
        photographs, tree = Path(folder) / "val", Path(folder) / "ImageNet-C"
        for path in fly.clean.paths:
            target = photographs / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to((Path(fly.clean.root) / path).resolve())
        order = order_for(
            suite="imagenet-c", source=photographs, names=names, severities=severities
        )
        generate(order, tree)
        stored = open_benchmark(suite, folder, mode="folder")
        images = fly.clean.read(0, 32)
        print(f"{len(made)} conditions of {len(fly.positions)} images of 224 x 224 pixels")
        for arch in arguments.arch:
            network = models.get_model(arch).eval()
            model = Model(network, arch, NORMALISATIONS["imagenet"], "random weights")
            best: dict[str, float] = {}
            for _ in range(arguments.rounds):
                found = {
                    "forward alone, fp32": forward_alone(model, images, "fp32", seconds=5),
                    "robench on the fly, fp32": ours(model, fly, made),
                    "robench from tree, fp32": ours(model, stored, made),
                }
                best = {name: max(speed, best.get(name, 0.0)) for name, speed in found.items()}
            print(f"\n{arch}")
            table(best, best["forward alone, fp32"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", help="folder with cifar-10-batches-py")
    parser.add_argument("--imagenet", metavar="DIR", help="photographs in class folders")
    parser.add_argument("--arch", nargs="+", default=["resnet50", "squeezenet1_1"])
    parser.add_argument("--limit", type=int, help="images a condition; all when omitted")
    parser.add_argument("--corruptions", help="like fog,snow; all when omitted")
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    if arguments.data_dir:
        time_cifar(arguments)
    if arguments.imagenet:
        time_imagenet(arguments)


if __name__ == "__main__":
    main()
