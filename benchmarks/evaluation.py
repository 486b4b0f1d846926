"""Time robench's evaluation of ResNet-20 against the plain loop most people write, in the same run.

    python benchmarks/evaluation.py --data-dir data

The plain loop is a DataLoader over PIL images with torchvision's ToTensor and Normalize, batches of 1000, channels
first, float32. robench corrupts the same test images on the fly and makes its records; both see the same number of
images. The forward pass alone is the prepared network on batches that are in memory already. ``data`` holds
cifar-10-batches-py; the network has random weights, which take as long as trained ones.
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
from torchvision import transforms

from baselines import architectures
from robench import suites
from robench.evaluation import evaluate
from robench.inference import prepare
from robench.models import NORMALISATIONS, Model
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


def forward_alone(model: Model, images: np.ndarray, precision: str, batch_size: int) -> float:
    """Return images a second of the prepared network on pixels that are in memory already."""
    network = prepare(model, CPU, (32, 32), precision=precision).model.network
    pixels = torch.from_numpy(images[:batch_size]).permute(0, 3, 1, 2).float().div(255)
    repeats = max(1, len(images) // batch_size)
    with torch.inference_mode():
        network(pixels)
        start = time.perf_counter()
        for _ in range(repeats):
            network(pixels)
    return repeats * batch_size / (time.perf_counter() - start)


def ours(model: Model, benchmark: Benchmark, names: tuple[str, ...], precision: str) -> float:
    conditions = benchmark.suite.conditions(names)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        evaluate(
            model,
            benchmark,
            Path(folder) / "run",
            conditions=conditions,
            precision=precision,
            device="cpu",
        )
        return len(conditions) * len(benchmark.positions) / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", required=True)
    parser.add_argument("--limit", type=int, help="images a condition; all when omitted")
    parser.add_argument("--corruptions", help="like fog,snow; all when omitted")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    network = architectures.registry()["resnet20"](10).eval()
    model = Model(network, "resnet20", NORMALISATIONS["imagenet"], "random weights")
    suite = suites.registry()["cifar-10-c"]
    benchmark = open_benchmark(suite, arguments.data_dir, mode="on-the-fly", limit=arguments.limit)
    names = tuple((arguments.corruptions or ",".join(suite.corruptions)).split(","))
    images = benchmark.clean.read(0, len(benchmark.positions))
    ours(model, open_benchmark(suite, arguments.data_dir, limit=64), names, "fp32")  # compiles
    conditions = len(suite.conditions(names))
    base = plain_loop(model, images, passes=max(1, conditions // 10))
    print(f"{conditions} conditions of {len(images)} images, {torch.get_num_threads()} threads")
    print(f"{'':<22}{'images/s':>10}{'times':>8}{'of forward':>12}")
    print(f"{'plain loop, fp32':<22}{base:10.0f}{1:8.2f}")
    for precision in ("fp32", "bf16"):
        alone = forward_alone(model, images, precision, 256)
        speed = ours(model, benchmark, names, precision)
        print(f"{'forward alone, ' + precision:<22}{alone:10.0f}{alone / base:8.2f}")
        print(f"{'robench, ' + precision:<22}{speed:10.0f}{speed / base:8.2f}{speed / alone:12.0%}")


if __name__ == "__main__":
    main()
