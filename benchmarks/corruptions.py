"""Time robench's corruptions against imagecorruptions: same images, same strengths, one thread, same run.

imagecorruptions 1.1.2 fails on three of the fifteen with today's libraries, so the reference is its maintained fork,
which has the same import name and is therefore put into a folder of its own:

    pip install --no-deps --target build/reference imagecorruptions-imaug
    python benchmarks/corruptions.py --reference build/reference

Both get the ImageNet strengths at both sizes, the only ones imagecorruptions has. Each figure is the best of several
repeats, after a first call that compiles and caches. Prints a table per size, the sums over the fifteen corruptions,
what a second thread adds, and the peak memory of a batch of 256 images of 224 pixels.
"""

import argparse
import os
import resource
import sys
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

from corruptions import BENCHMARK, corrupt

SEVERITIES = (1, 3, 5)
# Side in pixels -> (images a call of ours, images of the reference, repeats).
SIZES = {32: (256, 16, 5), 224: (16, 2, 3)}
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


def ours_ms(images: np.ndarray, name: str, severity: int, repeats: int, threads: int = 1) -> float:
    def work() -> None:
        corrupt(images, name, severity, preset="imagenet", threads=threads)

    return 1000 * seconds(work, repeats) / len(images)


def reference_ms(images: np.ndarray, name: str, severity: int, repeats: int) -> float:
    from imagecorruptions import corrupt as reference

    def work() -> None:
        for image in images:
            reference(image, corruption_name=name, severity=severity)

    return 1000 * seconds(work, repeats) / len(images)


def compare(side_px: int) -> None:
    count, reference_count, repeats = SIZES[side_px]
    images = photographs(count, side_px)
    print(f"\n{side_px} px, ms an image, mean of severities 1, 3, 5")
    print(f"{'':<20}{'reference':>12}{'robench':>12}{'times':>8}{'2 threads':>12}")
    sums = np.zeros(3)
    for name in BENCHMARK:
        row = np.zeros(3)
        for severity in SEVERITIES:
            row += [
                reference_ms(images[:reference_count], name, severity, repeats),
                ours_ms(images, name, severity, repeats),
                ours_ms(images, name, severity, repeats, threads=2),
            ]
        print_row(name, row / len(SEVERITIES))
        sums += row
    print_row("sum of 45", sums)


def print_row(name: str, row: np.ndarray) -> None:
    reference, one, two = row
    print(
        f"{name:<20}{reference:12.3f}{one:12.4f}{reference / one:8.1f}{one / two:12.2f}", flush=True
    )


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
    parser.add_argument("--reference", type=Path, required=True, help="folder with the fork")
    parser.add_argument("--side", type=int, choices=list(SIZES), help="only this size")
    arguments = parser.parse_args()
    if not (arguments.reference / "imagecorruptions").is_dir():
        parser.error(f"no imagecorruptions in {arguments.reference}")
    sys.path.insert(0, str(arguments.reference))
    cv2.setNumThreads(1)
    for side_px in [arguments.side] if arguments.side else SIZES:
        compare(side_px)
    peak_memory()


if __name__ == "__main__":
    main()
