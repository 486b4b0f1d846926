"""Do the network's outputs and the labels name the classes in the same order?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.stats import binomtest

from robench.doctor.finding import OK, WRONG, Finding
from robench.doctor.preprocessing_check import is_near_chance
from robench.doctor.trial import SIGNIFICANCE, Trial

CHECK = "class order"
# A reordering is fitted on one half of the sample and judged on the other; below this many images a class it is noise.
IMAGES_PER_CLASS = 10


@dataclass(frozen=True)
class Order:
    """``labels`` int64 (outputs,): the label that every output stands for; ``gain`` of right images, a fraction."""

    name: str
    labels: NDArray[np.int64]
    gain: float


def likely_order(
    found: Sequence[Trial], labels: NDArray[np.int64], classes: Sequence[str]
) -> Order | None:
    """Return the order, of those often mixed up, in which some trial is most often right; None if none beats as is."""
    best: Order | None = None
    for trial in found:
        predicted = trial.predictions()
        for name, order in _often_mixed_up(_output_count(predicted, classes), classes):
            gain = _gain(predicted, order[predicted], labels)
            if gain and (best is None or gain > best.gain):
                best = Order(name, order, gain)
    return best


def check_class_order(
    found: Sequence[Trial], labels: NDArray[np.int64], classes: Sequence[str]
) -> Finding:
    """Return the verdict: wrong when reordered outputs are right where the outputs as they are err.

    Orders that are often mixed up are always tried; with ten images a class, any order is found.
    """
    best_gain: tuple[float, str, Trial] | None = None
    for trial in found:
        predicted = trial.predictions()
        for name, order, judged in _orders(predicted, labels, classes):
            gain = _gain(predicted[judged], order[predicted[judged]], labels[judged])
            if gain and (best_gain is None or gain > best_gain[0]):
                best_gain = gain, f"{name} ({_numbers(predicted, order, labels, judged)})", trial
    if best_gain is not None:
        _, sentence, trial = best_gain
        return Finding(
            CHECK,
            WRONG,
            f"the outputs are in another order than the labels: {sentence}, with "
            f"{trial.preprocessing.name}",
        )
    if all(is_near_chance(trial, len(classes)) for trial in found):
        return Finding(
            CHECK,
            WRONG,
            f"no preprocessing and no order of the classes tried explains the lowest clean error, "
            f"{min(trial.error for trial in found):.1%} of {len(labels)} images; is it another network, or other data?",
        )
    if len(labels) < IMAGES_PER_CLASS * len(classes):
        return Finding(
            CHECK, OK, "none of the orders that are often mixed up fits the labels better"
        )
    return Finding(CHECK, OK, "no other order of the outputs fits the labels better")


def _output_count(predicted: NDArray[np.int64], classes: Sequence[str]) -> int:
    return max(len(classes), int(predicted.max()) + 1)


def _often_mixed_up(count: int, classes: Sequence[str]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield (name, label of every output)."""
    numbers = np.arange(count)
    yield "the network's first output stands for no class", (numbers - 1) % count
    yield "the labels begin at 1", (numbers + 1) % count
    as_text = np.array(sorted(range(count), key=str))
    yield "the outputs are sorted as text (0, 1, 10, 100, ...)", as_text
    yield "the labels are sorted as text (0, 1, 10, 100, ...)", np.argsort(as_text)
    if len(classes) == count:
        by_name = np.array(sorted(range(count), key=lambda number: classes[number]))
        yield "the outputs are in the order of the class names", by_name
        yield "the labels are in the order of the class names", np.argsort(by_name)


def _orders(
    predicted: NDArray[np.int64], labels: NDArray[np.int64], classes: Sequence[str]
) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.bool_]]]:
    """Yield (name, label of every output, which images judge it)."""
    count = _output_count(predicted, classes)
    numbers = np.arange(count)
    everything = np.ones(len(labels), bool)
    for name, order in _often_mixed_up(count, classes):
        yield name, order, everything
    if len(labels) >= IMAGES_PER_CLASS * count:
        judged = np.arange(len(labels)) % 2 == 1
        order = _fitted(predicted[~judged], labels[~judged], count)
        changed = np.flatnonzero(order != numbers)
        named = ", ".join(
            f"output {k} is {classes[order[k]] if order[k] < len(classes) else order[k]}"
            for k in changed[:4]
        )
        yield f"{len(changed)} of {count} outputs are exchanged, e.g. {named}", order, judged


def _fitted(
    predicted: NDArray[np.int64], labels: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Return the one-to-one assignment of labels to outputs that makes the most predictions right."""
    counts = np.zeros((count, count), np.int64)
    np.add.at(counts, (predicted, labels), 1)
    counts = 2 * counts + np.eye(count, dtype=np.int64)  # nothing is exchanged without a reason
    return np.asarray(linear_sum_assignment(counts, maximize=True)[1])


def _gain(
    as_is: NDArray[np.int64], reordered: NDArray[np.int64], labels: NDArray[np.int64]
) -> float:
    """Return the fraction of images by which more are right when reordered, or 0 when that may be chance."""
    better = int(((reordered == labels) & (as_is != labels)).sum())
    worse = int(((reordered != labels) & (as_is == labels)).sum())
    if better <= worse:
        return 0
    p = binomtest(better, better + worse, alternative="greater").pvalue
    return (better - worse) / len(labels) if p < SIGNIFICANCE else 0


def _numbers(
    predicted: NDArray[np.int64],
    order: NDArray[np.int64],
    labels: NDArray[np.int64],
    judged: NDArray[np.bool_],
) -> str:
    before = (predicted[judged] != labels[judged]).mean()
    after = (order[predicted[judged]] != labels[judged]).mean()
    return (
        f"clean error {before:.1%} as it is, {after:.1%} reordered, on {int(judged.sum())} images"
    )
