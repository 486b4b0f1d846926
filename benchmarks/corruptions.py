"""Time robench's corruptions against imagecorruptions: same images, same strengths, one thread, same run.

There are two references, and a ratio says nothing without the name of its own:

* *fork*: imagecorruptions-imaug, which runs under today's libraries and has compiled the glass blur. It has the
  package's name, and is therefore put into a folder of its own:

      pip install --no-deps --target build/reference imagecorruptions-imaug

* *original*: imagecorruptions 1.1.2, the release that papers use. Its glass blur is a loop in Python. It fails under
  today's scikit-image and setuptools; all fifteen run in an environment of Python 3.10:

      python3.10 -m venv build/original
      build/original/bin/pip install imagecorruptions==1.1.2 "scikit-image<0.20" "numpy<1.24" "setuptools<81"

Then, with one of them or both:

    python benchmarks/corruptions.py --fork build/reference --original build/original/bin/python

Each reference runs in a process of its own, which waits while the others are timed: for every corruption and severity
the fork, the original and robench take turns. All get the ImageNet strengths at both sizes, the only ones that
imagecorruptions has. Each figure is the best of several repeats, after a call that compiles and caches. Prints a table
per size with the ratio to each reference and the sums over the fifteen corruptions at severities 1, 3 and 5; then what
a second thread adds, beside what a second process adds to the same work on this machine; and the peak memory of a batch
of 256 images of 224 pixels. For the threads alone, which need no reference:

    python benchmarks/corruptions.py --threads-only
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

# This file has the package's name: look for the package above this folder, not in it.
sys.path[0] = str(Path(__file__).parent.parent)

import cv2
import numpy as np
from sklearn.datasets import load_sample_images

from benchmarks.reference import Reference
from benchmarks.second_core import gains
from corruptions import BENCHMARK, corrupt

SEVERITIES = (1, 3, 5)
# Side in pixels -> (images a call of ours, images of a reference, repeats of ours, of a reference).
# A reference gets images in multiples of five, the number of the photographs of frost.
SIZES = {32: (512, 20, 5, 5), 224: (64, 5, 5, 2)}
BIG_BATCH = 256


def photographs(count: int, side_px: int) -> np.ndarray:
    """Return crops of scikit-learn's two sample photographs, uint8 (count, side, side, 3)."""
    random = np.random.default_rng(0)
    whole = load_sample_images().images
    crops = []
    for number in range(count):
        image = whole[number % len(whole)]
        top, left = (int(random.integers(0, size - side_px + 1)) for size in image.shape[:2])
        crops.append(image[top : top + side_px, left : left + side_px])
    return np.stack(crops)


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the shortest of several runs, after one that is not counted."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def ours_ms(images: np.ndarray, name: str, severity: int, repeats: int) -> float:
    def work() -> None:
        corrupt(images, name, severity, preset="imagenet", threads=1)

    return 1000 * seconds(work, repeats) / len(images)


def compare(side_px: int, references: list[Reference], folder: Path) -> None:
    count, reference_count, repeats, reference_repeats = SIZES[side_px]
    images = photographs(count, side_px)
    few = folder / f"{side_px}.npy"
    np.save(few, images[:reference_count])
    names = [reference.name for reference in references]
    print(f"\n{side_px} px, ms an image, mean of severities 1, 3, 5")
    ratios = "".join(f"{'times ' + name:>16}" for name in names)
    print(f"{'':<18}" + "".join(f"{name:>10}" for name in names) + f"{'robench':>10}{ratios}")
    sums = np.zeros(len(references) + 1)
    for name in BENCHMARK:
        row = np.zeros_like(sums)
        for severity in SEVERITIES:
            row += [
                *(each.milliseconds(few, name, severity, reference_repeats) for each in references),
                ours_ms(images, name, severity, repeats),
            ]
        print_row(name, row / len(SEVERITIES))
        sums += row
    print_row("sum of 45", sums)


def print_row(name: str, row: np.ndarray) -> None:
    *references, ours = row
    print(
        f"{name:<18}"
        + "".join(f"{reference:10.3f}" for reference in references)
        + f"{ours:10.4f}"
        + "".join(f"{reference / ours:16.1f}" for reference in references),
        flush=True,
    )


def keep_memory() -> None:
    """Make the C library keep freed memory, as the worker does."""
    block = np.empty(31 << 20, np.uint8)
    del block


def second_core(side_px: int, seconds: float) -> None:
    """Print how much faster two threads are than one, and two processes with half the images each."""
    images = photographs(SIZES[side_px][0], side_px)
    cases = [(name, severity) for name in BENCHMARK for severity in SEVERITIES]
    rows = gains(images, cases, seconds).reshape(len(BENCHMARK), len(SEVERITIES), 3).sum(axis=1)
    print(f"\n{side_px} px, batches of {len(images)}, times as many images as one thread")
    print(f"{'':<18}{'2 threads':>11}{'2 processes':>13}")
    for name, (one, *two) in zip(
        (*BENCHMARK, "sum of 45"), np.vstack([rows, rows.sum(axis=0)]), strict=True
    ):
        print(f"{name:<18}{one / two[0]:11.2f}{one / two[1]:13.2f}", flush=True)


def peak_memory() -> None:
    images = photographs(BIG_BATCH, 224)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name in BENCHMARK:
        corrupt(images, name, 5, preset="imagenet")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"\npeak memory of the process with {BIG_BATCH} images of 224 px: {after / 1024:.0f} MiB "
        f"(before: {before / 1024:.0f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fork", type=Path, help="folder with imagecorruptions-imaug")
    parser.add_argument("--original", help="Python interpreter with imagecorruptions 1.1.2")
    parser.add_argument("--threads-only", action="store_true", help="only what a second core adds")
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="for the second core, a size (default 60)"
    )
    parser.add_argument("--side", type=int, choices=list(SIZES), help="only this size")
    arguments = parser.parse_args()
    references = []
    if arguments.fork:
        if not (arguments.fork / "imagecorruptions").is_dir():
            parser.error(f"no imagecorruptions in {arguments.fork}")
        references.append(Reference("fork", sys.executable, arguments.fork))
    if arguments.original:
        references.append(Reference("original", arguments.original))
    if bool(references) == arguments.threads_only:
        parser.error("name a reference (--fork, --original or both), or give --threads-only")
    sides = [arguments.side] if arguments.side else list(SIZES)
    cv2.setNumThreads(1)
    keep_memory()
    with tempfile.TemporaryDirectory() as folder:
        for side_px in sides if references else []:
            compare(side_px, references, Path(folder))
    for side_px in sides:
        second_core(side_px, arguments.seconds)
    if references:
        peak_memory()


if __name__ == "__main__":
    main()
