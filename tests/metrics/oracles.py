"""Every metric against an independent implementation: the largest difference over made-up models.

``python -m tests.metrics.oracles`` prints the table of docs/statistics.md; test_oracles.py holds the code to it.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit
from scipy.stats import binomtest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression
from sklearn.metrics import (
    average_precision_score,
    confusion_matrix,
    log_loss,
    roc_auc_score,
    roc_curve,
    top_k_accuracy_score,
)

from robench import metrics
from robench.metrics.detection import aupr, auroc, fpr95
from robench.metrics.effective_robustness import effective_robustness, fit_line
from robench.metrics.intervals import wilson_interval
from robench.metrics.perturbation import SEQUENCE_METRICS
from robench.metrics.significance import mcnemar
from robench.metrics.temperature import fit_temperature
from robench.records import records_of
from robench.sequence_records import sequence_records_of
from tests.metrics.test_calibration import by_hand as rms_by_hand
from tests.metrics.test_calibration import share_of_right
from tests.metrics.test_perturbation import plain
from tests.metrics.test_selective import by_hand as area_by_hand

MODELS, CLASSES = 20, 20


class Oracle(NamedTuple):
    """What is compared with what, and the largest difference found."""

    names: tuple[str, ...]
    implementation: str
    difference: Callable[[], float]


class Made(NamedTuple):
    """A made-up model's outputs, its confidences as the records hold them, and the records."""

    logits: np.ndarray
    p: np.ndarray
    labels: np.ndarray
    confidence: np.ndarray
    correct: np.ndarray
    records: pd.DataFrame


def made(seed: int) -> Made:
    random = np.random.default_rng(seed)
    count = int(random.integers(2000, 2700))
    logits = random.normal(0, 2, (count, CLASSES))
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = (p.cumsum(1) > random.random((count, 1))).argmax(1)
    logits = logits * random.uniform(0.7, 1.6)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    records = records_of(torch.from_numpy(logits), labels, np.arange(count))
    confidence = records["confidence"].to_numpy(np.float64)
    return Made(logits, p, labels, confidence, p.argmax(1) == labels, records)


def models() -> Iterator[Made]:
    return map(made, range(MODELS))


def of_metrics(**expected: Callable[[Made], float]) -> Callable[[], float]:
    """Return the largest difference of metrics of the registry and their oracles."""

    def difference() -> float:
        return max(
            abs(metrics.registry()[name].value(model.records) - oracle(model))
            for model in models()
            for name, oracle in expected.items()
        )

    return difference


def top_k(k: int) -> Callable[[Made], float]:
    return lambda m: 1 - top_k_accuracy_score(m.labels, m.logits, k=k, labels=np.arange(CLASSES))


def worst_class(m: Made) -> float:
    table = confusion_matrix(m.labels, m.p.argmax(1), labels=np.arange(CLASSES))
    return float(np.max(1 - table.diagonal() / table.sum(1)))


def summed_brier(m: Made) -> float:
    return float(((m.p - np.eye(CLASSES)[m.labels]) ** 2).sum(1).mean())


def gaps(m: Made, equal_mass: bool) -> list[tuple[int, float]]:
    """Return size and gap of every filled bin, image by image."""
    order = np.argsort(m.confidence, kind="stable")
    right = share_of_right(m.confidence, m.correct)
    if equal_mass:
        ends = [len(order) * number // 15 for number in range(16)]
        bins = [list(order[start:end]) for start, end in itertools.pairwise(ends)]
    else:
        bins = [[] for _ in range(15)]
        for image in order:
            bins[min(14, math.ceil(m.confidence[image] * 15) - 1)].append(image)
    return [
        (len(b), abs(math.fsum(m.confidence[b]) / len(b) - math.fsum(right[i] for i in b) / len(b)))
        for b in bins
        if b
    ]


def mean_gap(equal_mass: bool) -> Callable[[Made], float]:
    return lambda m: sum(n * gap for n, gap in gaps(m, equal_mass)) / len(m.labels)


def largest_gap(equal_mass: bool) -> Callable[[Made], float]:
    return lambda m: max(gap for _, gap in gaps(m, equal_mass))


def refinement(m: Made, log: bool) -> float:
    share = IsotonicRegression(y_min=0, y_max=1).fit_transform(m.confidence, m.correct)
    if not log:
        return float(np.mean((share - m.correct) ** 2))
    return float(log_loss(m.correct, np.stack([1 - share, share], 1), labels=[0, 1]))


def of_detection() -> float:
    worst = 0.0
    for seed in range(MODELS):
        random = np.random.default_rng(seed)
        inside, outside = random.normal(size=900), random.normal(1.2, size=1300)
        truth, score = np.repeat([0, 1], [900, 1300]), np.concatenate([inside, outside])
        false, true, _ = roc_curve(truth, score, drop_intermediate=False)
        pairs = (
            (auroc(inside, outside), roc_auc_score(truth, score)),
            (aupr(inside, outside, "outside"), average_precision_score(truth, score)),
            (fpr95(inside, outside, "outside"), false[true >= 0.95].min()),
        )
        worst = max(worst, *(abs(found - expected) for found, expected in pairs))
    return worst


def of_sequences() -> float:
    worst = 0.0
    for seed in range(MODELS):
        videos = np.random.default_rng(seed).normal(size=(20, 8, 30)).cumsum(1)
        records = sequence_records_of(torch.from_numpy(videos), np.arange(20), np.arange(20), False)
        expected = np.array([plain(video, False, 1) for video in videos]).T
        for metric, values in zip(SEQUENCE_METRICS.values(), expected, strict=True):
            worst = max(worst, float(np.abs(metric.per_video(records, False, 1) - values).max()))
    return worst


def of_temperature() -> float:
    worst = 0.0
    for m in models():
        found = minimize_scalar(
            lambda t, m=m: torch.nn.functional.cross_entropy(
                torch.from_numpy(m.logits / t), torch.from_numpy(m.labels)
            ).item(),
            bounds=(0.1, 10),
            method="bounded",
            options={"xatol": 1e-9},
        )
        worst = max(worst, abs(fit_temperature(m.logits, m.labels) - found.x))
    return worst


def of_effective_robustness() -> float:
    worst = 0.0
    for seed in range(200):
        clean, shifted = np.random.default_rng(seed).uniform(0.05, 0.9, (2, 6))
        x, y = logit(1 - clean)[:, np.newaxis], logit(1 - shifted)
        expected = (1 - shifted[0]) - expit(LinearRegression().fit(x, y).predict(x)[0])
        line = fit_line(clean, shifted, "made up")
        worst = max(worst, abs(effective_robustness(clean[0], shifted[0], line) - expected))
    return worst


def of_wilson() -> float:
    worst = 0.0
    for wrong in range(200):
        exact = binomtest(wrong, 200).proportion_ci(method="wilson")
        found = wilson_interval(wrong, 200)
        worst = max(worst, abs(found[0] - exact.low), abs(found[1] - exact.high))
    return worst


def of_mcnemar() -> float:
    worst = 0.0
    for seed in range(200):
        first, second = np.random.default_rng(seed).integers(0, 2, (2, 60)).astype(float)
        one, other = int((first > second).sum()), int((second > first).sum())
        tail = sum(math.comb(one + other, k) for k in range(min(one, other) + 1))
        expected = min(1.0, 2 * tail / 2 ** (one + other))
        worst = max(worst, abs(mcnemar(first, second) - expected))
    return worst


ORACLES = (
    Oracle(
        ("error", "top5_error"),
        "scikit-learn `top_k_accuracy_score`",
        of_metrics(error=top_k(1), top5_error=top_k(5)),
    ),
    Oracle(
        ("worst_class_error",),
        "scikit-learn `confusion_matrix`",
        of_metrics(worst_class_error=worst_class),
    ),
    Oracle(
        ("nll",),
        "scikit-learn `log_loss`",
        of_metrics(nll=lambda m: log_loss(m.labels, m.p, labels=np.arange(CLASSES))),
    ),
    Oracle(
        ("brier_score",), "arithmetic on the probabilities", of_metrics(brier_score=summed_brier)
    ),
    Oracle(
        ("ece", "max_calibration_error"),
        "arithmetic image by image",
        of_metrics(ece=mean_gap(False), max_calibration_error=largest_gap(False)),
    ),
    Oracle(
        ("ece_equal_mass", "max_calibration_error_equal_mass"),
        "arithmetic image by image",
        of_metrics(
            ece_equal_mass=mean_gap(True), max_calibration_error_equal_mass=largest_gap(True)
        ),
    ),
    Oracle(
        ("rms_calibration_error", "rms_calibration_error_reference"),
        "arithmetic bin by bin",
        of_metrics(
            rms_calibration_error=lambda m: rms_by_hand(m.confidence, m.correct),
            rms_calibration_error_reference=lambda m: rms_by_hand(m.confidence, m.correct, -1),
        ),
    ),
    Oracle(
        ("aurc",),
        "arithmetic image by image, which breaks the ties of float32 by position",
        of_metrics(aurc=lambda m: area_by_hand(m.confidence.tolist(), (~m.correct).tolist())),
    ),
    Oracle(
        ("confidence_brier_refinement", "confidence_log_refinement"),
        "scikit-learn `IsotonicRegression`",
        of_metrics(
            confidence_brier_refinement=lambda m: refinement(m, False),
            confidence_log_refinement=lambda m: refinement(m, True),
        ),
    ),
    Oracle(("auroc", "aupr", "fpr95"), "scikit-learn", of_detection),
    Oracle(
        ("flip_probability", "top5_distance", "zipf_distance"),
        "the paper's permutations, pair by pair",
        of_sequences,
    ),
    Oracle(("temperature",), "PyTorch's `cross_entropy`, minimised by SciPy", of_temperature),
    Oracle(("effective_robustness",), "scikit-learn `LinearRegression`", of_effective_robustness),
    Oracle(("Wilson's interval",), "SciPy", of_wilson),
    Oracle(("McNemar's test",), "binomial coefficients", of_mcnemar),
)


def head(oracle: Oracle) -> str:
    """Return the first two cells of an oracle's row."""
    names = ", ".join(f"`{name}`" if "'" not in name else name for name in oracle.names)
    return f"| {names} | {oracle.implementation} |"


def main() -> None:
    for oracle in ORACLES:
        print(f"{head(oracle)} {oracle.difference():.0e} |")


if __name__ == "__main__":
    main()
