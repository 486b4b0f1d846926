"""Time, memory and coverage of the bootstrap.

python benchmarks/bootstrap.py              resampling 10,000 images x 75 conditions 2,000 times
python benchmarks/bootstrap.py --coverage   how often 95% intervals hold the truth (minutes)
"""

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import pandas as pd

from robench import metrics
from robench.metrics.bootstrap import interval, mean_draws, resample_counts
from robench.metrics.intervals import wilson_interval

IMAGES, CONDITIONS, CLASSES, RESAMPLES = 10_000, 75, 10, 2_000
RESAMPLED = (
    "rms_calibration_error",
    "ece",
    "ece_equal_mass",
    "max_calibration_error",
    "aurc",
    "worst_class_error",
)


def records(count: int, seed: int, classes: int = CLASSES) -> pd.DataFrame:
    """Return records of an overconfident model; confidence and correctness are drawn anew with each seed."""
    random = np.random.default_rng(seed)
    label = np.arange(count) % classes
    confidence = random.uniform(0.2, 0.999, count).astype(np.float32)
    wrong = random.random(count) > confidence**1.5 - 0.03 * (label == 0)
    return pd.DataFrame(
        {
            "label": label,
            "prediction": (label + wrong) % classes,
            "confidence": confidence,
            "nll": -np.log(confidence),
        }
    )


def memory() -> str:
    return f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB"


def timing() -> None:
    conditions = [records(IMAGES, seed) for seed in range(CONDITIONS)]
    labels = conditions[0]["label"].to_numpy()
    warm = resample_counts(labels[:100], 2)
    for name in RESAMPLED:
        metrics.draws(name, conditions[0].iloc[:100], warm)
    print(f"before: {memory()}")
    began, spent = time.perf_counter(), time.process_time()
    counts = resample_counts(labels, RESAMPLES)
    errors = np.stack([metrics.registry()["error"].per_image(each) for each in conditions], axis=1)
    draws = mean_draws(counts, errors)
    low, high = interval(float(errors.mean()), draws.mean(1))
    seconds = time.perf_counter() - began, time.process_time() - spent
    title = f"error of {CONDITIONS} conditions, mean {errors.mean():.4f} [{low:.4f}, {high:.4f}]"
    print(f"{title}: {show(seconds)}")
    functions = {metrics.registry()[name].draws: name for name in RESAMPLED}
    for function in functions:
        began, spent = time.perf_counter(), time.process_time()
        for each in conditions:
            drawn = function(each, counts)
        seconds = time.perf_counter() - began, time.process_time() - spent
        print(f"{', '.join(drawn)}, {CONDITIONS} conditions: {show(seconds)}")


def show(seconds: tuple[float, float]) -> str:
    return f"{seconds[0]:.2f} s ({seconds[1]:.2f} s of one core), {memory()}"


def coverage(rounds: int, resamples: int) -> None:
    print(f"{rounds} test sets, {resamples} resamples; nominal 95%")
    for count in (200, 1000, 5000):
        drawn = [records(count, seed) for seed in range(rounds)]
        others = [records(count, 1_000_000 + seed) for seed in range(4 * rounds)]
        for name in ("error", "nll", *RESAMPLED):
            metric = metrics.registry()[name]
            truth = float(np.mean([metric.value(each) for each in others]))
            covered = 0
            for seed, each in enumerate(drawn):
                value = metric.value(each)
                if metric.is_share:
                    low, high = wilson_interval(value * count, count)
                else:
                    counts = resample_counts(each["label"].to_numpy(), resamples, seed)
                    low, high = interval(value, metrics.draws(name, each, counts), metric.bounds)
                covered += low <= truth <= high
            print(f"{count:>6} images  {name:<24} {100 * covered / rounds:.1f}%", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=500)
    options = parser.parse_args()
    if options.coverage:
        coverage(options.rounds, options.resamples)
    else:
        timing()


if __name__ == "__main__":
    main()
