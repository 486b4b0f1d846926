"""Time an installed imagecorruptions on request; started by ``benchmarks/reference.py``, with any Python.

A request is one line of JSON on standard input: the file of the images, the corruption, the severity and how often
to repeat. The answer is one line: milliseconds an image, the best of the repeats after a call that is not counted.
Images in multiples of five get every photograph of frost equally often. It needs nothing but imagecorruptions, so
that an old release can run with the old libraries that it was written for.
"""

import json
import os
import sys
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
warnings.simplefilter("ignore")  # deprecations, of libraries that are old on purpose

import cv2
import numpy as np
from imagecorruptions import corrupt


def seeds_of_all_photographs():
    """Return five seeds, one for each photograph of frost: reading one takes five times as long as another."""
    seeds = {}
    for seed in range(1000):
        np.random.seed(seed)  # noqa: NPY002 - the generator that imagecorruptions draws from
        seeds.setdefault(np.random.randint(5), seed)  # noqa: NPY002 - frost's first draw
    return [seeds[photograph] for photograph in range(5)]


def milliseconds(images, name, severity, repeats):
    seeds = seeds_of_all_photographs()
    sums = []
    for _ in range(repeats + 1):
        total = 0.0
        for number, image in enumerate(images):
            np.random.seed(seeds[number % 5])  # noqa: NPY002 - as above
            start = time.perf_counter()
            corrupt(image, corruption_name=name, severity=severity)
            total += time.perf_counter() - start
        sums.append(total)
    return 1000 * min(sums[1:]) / len(images)


def keep_memory():
    """Make the C library keep freed memory: else a fresh process would be timed at page faults."""
    block = np.empty(31 << 20, np.uint8)
    del block


def main():
    cv2.setNumThreads(1)
    keep_memory()
    for line in sys.stdin:
        request = json.loads(line)
        images = np.load(request.pop("images"))
        print(milliseconds(images, **request), flush=True)


if __name__ == "__main__":
    main()
