"""Time robench's evaluation against the forward pass alone and against the plain loop most people write.

    python benchmarks/evaluation.py --data-dir data
    python benchmarks/evaluation.py --imagenet val --arch resnet50 squeezenet1_0
    python benchmarks/evaluation.py --imagenet val --arch resnet50 --corruptions snow,fog --limit 96

The forward pass alone is the prepared network on normalised floats that are in memory, in the batch size and on the
threads that the evaluation has. It runs for some seconds before and after each round of ours, and the round is divided
by the mean of the two, so that what else the machine does hits both. The medians over the rounds count. What a run
does once (the network is prepared, the fastest batch size is found: one to two seconds) is not in the rounds.

Without ``--imagenet``: ResNet-20 with random weights, which take as long as trained ones, on CIFAR-10-C made on the fly
of the test images in ``data``/cifar-10-batches-py, all 75 conditions, dealt out to the rounds. The plain
loop is a DataLoader over PIL images with torchvision's ToTensor and Normalize, batches of 1000, NCHW, float32, in a
process of its own: how robench keeps freed memory would make it twice as fast.

With it, a folder of photographs in class folders, evaluated as ImageNet-C is: corrupted on the fly, and from a tree of
JPEG files made of it beforehand; a row for each corruption. ``reading alone`` is decoding and corrupting without a
network, in images a second over those of the forward pass. ``by CPU time`` is the forward pass's part of both, which
other programs on the machine hardly change: what an evaluation on the fly can reach where both share all cores.
"""

import argparse
import itertools
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median, quantiles

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
from robench.batch_size import measured_batch_size
from robench.evaluation import evaluate
from robench.generation import generate, order_for
from robench.inference import prepare
from robench.models import NORMALISATIONS, Model
from robench.suites import Condition
from robench.suites.benchmark import Benchmark, open_benchmark

CPU = torch.device("cpu")
PLAIN_EVERY = 5  # rounds of ours for one of the plain loop


class Pictures(Dataset):
    def __init__(self, images: np.ndarray, transform: transforms.Compose) -> None:
        self.images, self.transform = images, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, number: int) -> torch.Tensor:
        return self.transform(Image.fromarray(self.images[number]))


def random_resnet20() -> Model:
    torch.manual_seed(0)
    network = architectures.registry()["resnet20"](10).eval()
    return Model(network, "resnet20", NORMALISATIONS["imagenet"], "random weights")


def plain_loop(images: np.ndarray) -> float:
    """Return images a second of the loop most people write, on corrupted images that it is given for free."""
    model = random_resnet20()
    normalise = transforms.Normalize(model.normalisation.mean, model.normalisation.std)
    transform = transforms.Compose([transforms.ToTensor(), normalise])
    with torch.inference_mode():
        model.network(torch.zeros(1000, 3, *images.shape[1:3]))  # warms up
        start = time.perf_counter()
        for batch in DataLoader(Pictures(images, transform), batch_size=1000):
            model.network(batch).argmax(1)
    return len(images) / (time.perf_counter() - start)


class ForwardAlone:
    """The prepared network and normalised batches for it.

    ``speed`` is images a second; ``cpu_s`` is the time that an image then took of all cores together.
    """

    def __init__(self, model: Model, images: np.ndarray, precision: str) -> None:
        size_px = images.shape[1:3]
        self.prepared = prepare(model, CPU, size_px, precision=precision).model
        self.batch_size = measured_batch_size(self.prepared, CPU, size_px)
        whole = len(images) // self.batch_size * self.batch_size
        pixels = replace(model, network=lambda pixels: pixels).logits(images[:whole], CPU)
        self.batches = pixels.split(self.batch_size)

    def speed(self, seconds: float) -> float:
        with torch.inference_mode():
            start, start_cpu = time.perf_counter(), time.process_time()
            for passes, batch in enumerate(itertools.cycle(self.batches)):
                took = time.perf_counter() - start
                if passes and took >= seconds:
                    self.cpu_s = (time.process_time() - start_cpu) / (passes * self.batch_size)
                    return passes * self.batch_size / took
                self.prepared.network(batch)
        raise AssertionError("no batches")


def ours(
    model: Model, benchmark: Benchmark, conditions: Sequence[Condition], precision: str, batch: int
) -> float:
    """Return images a second of ``evaluate``: reading, corrupting, the network, records on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        result = evaluate(
            model,
            benchmark,
            Path(folder) / "run",
            conditions=conditions,
            precision=precision,
            batch_size=batch,
            device="cpu",
        )
        assert not result.failed, result.failure_sentence()
        return len(conditions) * len(benchmark.positions) / result.run.info["seconds"]


def rounds_between(
    alone: ForwardAlone, rounds: Sequence[Callable[[], float]], seconds: float
) -> Iterator[tuple[float, float]]:
    """Yield for each round its images a second and those of the forward pass alone, before and after it."""
    before = alone.speed(seconds)
    for each in rounds:
        speed, after = each(), alone.speed(seconds)
        yield speed, (before + after) / 2
        before = after


def time_cifar(arguments: argparse.Namespace) -> None:
    model = random_resnet20()
    suite = suites.registry()["cifar-10-c"]
    benchmark, few, thousands = (
        open_benchmark(suite, arguments.data_dir, mode="on-the-fly", limit=limit)
        for limit in (arguments.limit, 16, 2000)
    )
    conditions = suite.conditions(chosen_corruptions(suite, arguments))[1:]
    ours(model, few, conditions, "fp32", 16)  # compiles
    images = thousands.clean.read(0, 2000)
    process = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
    print(
        f"{len(conditions)} conditions of {arguments.limit} images, {torch.get_num_threads()} threads; images a "
        f"second, medians of {arguments.rounds} rounds"
    )
    for precision in arguments.precision:
        alone = ForwardAlone(model, images[:1000], precision)
        rounds = [
            partial(ours, model, benchmark, part, precision, alone.batch_size)
            for part in (conditions[first :: arguments.rounds] for first in range(arguments.rounds))
        ]
        count = -(-len(rounds) // PLAIN_EVERY)

        def plain() -> float:
            return process.submit(plain_loop, images).result()

        # Among the others, and over the forward pass beside it like them.
        mixed = [each for k in range(count) for each in (plain, *rounds[k::count])]
        found = list(rounds_between(alone, mixed, arguments.seconds))
        shares = [speed / forward for speed, forward in found]
        of_plain = [share for each, share in zip(mixed, shares, strict=True) if each is plain]
        of_ours = [share for each, share in zip(mixed, shares, strict=True) if each is not plain]
        low, _, high = quantiles(of_ours, n=4)
        print(
            f"{precision}: forward alone {median(forward for _, forward in found):.0f}; of it robench "
            f"{median(of_ours):.0%} (quartiles {low:.0%}, {high:.0%}), the plain loop in fp32 {median(of_plain):.0%}; "
            f"robench is {median(of_ours) / median(of_plain):.2f} times the plain loop; batches of {alone.batch_size}",
            flush=True,
        )


def chosen_corruptions(suite: suites.Suite, arguments: argparse.Namespace) -> tuple[str, ...]:
    return tuple((arguments.corruptions or ",".join(suite.corruptions)).split(","))


def time_imagenet(arguments: argparse.Namespace) -> None:
    suite = suites.registry()["imagenet-c"]
    limit = arguments.limit
    with tempfile.TemporaryDirectory() as folder:
        fly = open_benchmark(suite, arguments.imagenet, mode="on-the-fly", limit=limit)
        stored = stored_tree(Path(folder), suite, fly, arguments)
        images = fly.clean.read(0, 32)
        for arch in arguments.arch:
            network = models.get_model(arch).eval()
            model = Model(network, arch, NORMALISATIONS["imagenet"], "random weights")
            alone = ForwardAlone(model, images, "fp32")
            print(f"\n{arch}, {limit} photographs, batches of {alone.batch_size}", end=", ")
            print(f"{torch.get_num_threads()} threads; of the forward pass alone:")
            print(
                f"{'':<20}{'on the fly':>12}{'JPEG tree':>12}{'reading alone':>16}{'by CPU time':>14}"
            )
            for corruption in chosen_corruptions(suite, arguments):
                columns = zip(
                    (12, 12, 16, 14),
                    shares_of(model, alone, fly, stored, corruption, arguments),
                    strict=True,
                )
                row = "".join(f"{share:>{width}.0%}" for width, share in columns)
                print(f"{corruption:<20}{row}", flush=True)


def shares_of(
    model: Model,
    alone: ForwardAlone,
    fly: Benchmark,
    stored: Benchmark,
    corruption: str,
    arguments: argparse.Namespace,
) -> tuple[float, ...]:
    """Return the shares of a row: on the fly, from a tree, without a network, by CPU time."""
    (condition,) = fly.suite.conditions((corruption,), (arguments.severity,))[1:]
    count = len(fly.positions)
    of_cpu: list[float] = []

    def reading() -> float:
        start, start_cpu = time.perf_counter(), time.process_time()
        fly.source(condition).read(0, count)
        took, used_s = time.perf_counter() - start, (time.process_time() - start_cpu) / count
        of_cpu.append(alone.cpu_s / (alone.cpu_s + used_s))
        return count / took

    def run(benchmark: Benchmark) -> float:
        return ours(model, benchmark, (condition,), "fp32", alone.batch_size)

    kinds = [lambda: run(fly), lambda: run(stored), reading]
    found = list(rounds_between(alone, kinds * arguments.rounds, arguments.seconds))
    shares = [speed / forward for speed, forward in found]
    return *(median(shares[kind :: len(kinds)]) for kind in range(len(kinds))), median(of_cpu)


def stored_tree(
    folder: Path, suite: suites.Suite, fly: Benchmark, arguments: argparse.Namespace
) -> Benchmark:
    """Write the photographs of ``fly``, corrupted, in ImageNet-C's layout, and open it."""
    photographs, tree = folder / "val", folder / "ImageNet-C"
    for path in fly.clean.paths:
        target = photographs / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to((Path(fly.clean.root) / path).resolve())
    order = order_for(
        suite="imagenet-c",
        source=photographs,
        names=chosen_corruptions(suite, arguments),
        severities=(arguments.severity,),
    )
    generate(order, tree)
    return open_benchmark(suite, folder, mode="folder")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", help="folder with cifar-10-batches-py")
    parser.add_argument("--imagenet", metavar="DIR", help="photographs in class folders")
    parser.add_argument("--arch", nargs="+", default=["resnet50", "squeezenet1_0"])
    parser.add_argument("--limit", type=int, help="images a condition; 2000, photographs 64")
    parser.add_argument("--corruptions", help="like fog,snow; all when omitted")
    parser.add_argument("--severity", type=int, default=3, help="of photographs")
    parser.add_argument("--precision", nargs="+", default=["fp32", "bf16"], help="of CIFAR-10-C")
    parser.add_argument("--rounds", type=int, help="15 for CIFAR-10-C, 1 for photographs")
    parser.add_argument("--seconds", type=float, default=1.0, help="of the forward pass, each time")
    arguments = parser.parse_args()
    if arguments.data_dir:
        arguments.rounds, arguments.limit = arguments.rounds or 15, arguments.limit or 2000
        time_cifar(arguments)
    elif arguments.imagenet:
        arguments.rounds, arguments.limit = arguments.rounds or 1, arguments.limit or 64
        time_imagenet(arguments)
    else:
        parser.error("give --data-dir or --imagenet")


if __name__ == "__main__":
    main()
