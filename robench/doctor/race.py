"""Every preprocessing on the same images, a few more each round; what is clearly worse drops out.

Most mistakes show on a few dozen images, and a photograph costs a large network a second. Losing a round takes the
same exact test, at the same level, as the verdict in the end.

The labels may be in another order than the outputs. Then every preprocessing errs on nearly everything, and none would
drop out; so an order that fits significantly better is found first, and the errors are counted in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from robench.doctor.batch_norm_memory import Memory
from robench.doctor.class_order import IMAGES_PER_CLASS, Order, likely_order
from robench.doctor.sample import Sample
from robench.doctor.trial import Trial, extended, preprocessings, remembered
from robench.models import Model

ROUNDS = (32, 64, 128, 256)
ENOUGH = 128  # images for a figure that a reader can use, where the verdict itself needs fewer
FINALISTS = 4  # by error, and two by the batch norm, where nothing tells more than these apart
SCREENED = 64  # images for the batch norm's first opinion


@dataclass(frozen=True)
class Race:
    """What is left at the end, the preprocessing used first, all on the same images; and what dropped out.

    ``order`` is the order of the classes in which errors are counted, None for that of the data.
    """

    finished: tuple[Trial, ...]
    beaten: tuple[Trial, ...]
    order: Order | None


def race(model: Model, sample: Sample, device: torch.device, batch_size: int) -> Race:
    """Return how the preprocessings do: on all of the sample, or on 128 images where that settles it.

    It never does where the sample is large enough to fit an order of the classes to it. The model's own preprocessing
    stays to the end.
    """
    running = [Trial.of(model, each) for each in preprocessings(model.known_normalisation())]
    beaten: list[Trial] = []
    order: Order | None = None
    can_fit = len(sample.labels) >= IMAGES_PER_CLASS * len(sample.classes)
    for start, stop in rounds(len(sample.labels)):
        running, order = run_round(running, sample, start, stop, device, batch_size)
        lost = [each for each in running[1:] if any(other.beats(each) for other in running)]
        beaten += lost
        running = [each for each in running if each not in lost]
        if stop >= ENOUGH:
            running = _promising(running, model, sample, device)
            if not can_fit and _is_settled(running):
                break
    memory = Memory.of(model, sample, device)
    return Race(tuple(remembered(each, memory) for each in running), tuple(beaten), order)


def run_round(
    running: Sequence[Trial],
    sample: Sample,
    start: int,
    stop: int,
    device: torch.device,
    batch_size: int,
) -> tuple[list[Trial], Order | None]:
    """Return the trials with the images from ``start`` to ``stop``, and the order in which their errors are counted.

    That is the data's own unless the best trial in another order beats the best one as it is: what a wrong
    preprocessing mixes up systematically is not an order.
    """
    part, labels = sample.between(start, stop), sample.labels[:stop]
    longer = [extended(each, part, device, batch_size) for each in running]
    as_is = [each.judged(labels, None) for each in longer]
    order = likely_order(as_is, labels, sample.classes)
    if order is None:
        return as_is, None
    reordered = [each.judged(labels, order.labels) for each in longer]
    best, best_as_is = (min(each, key=lambda trial: trial.error) for each in (reordered, as_is))
    return (reordered, order) if best.beats(best_as_is) else (as_is, None)


def rounds(count: int) -> Iterator[tuple[int, int]]:
    """Yield from which image to which each round goes, ever more."""
    ends = [*(end for end in ROUNDS if end < count), count]
    yield from zip([0, *ends], ends, strict=False)


def _is_settled(running: Sequence[Trial]) -> bool:
    """Say whether the one used beat all others, or one beat it and all others."""
    return len(running) == 1 or (len(running) == 2 and running[1].beats(running[0]))


def _promising(
    running: list[Trial], model: Model, sample: Sample, device: torch.device
) -> list[Trial]:
    """Return what was used, what erred least and what the first batch norm knows best."""
    if len(running) <= 1 + FINALISTS:
        return running
    memory = Memory.of(model, sample.between(0, SCREENED), device)
    known = [remembered(each, memory) for each in running[1:]]
    by_error = sorted(known, key=lambda trial: trial.error)[:FINALISTS]
    by_memory = sorted(known, key=lambda trial: trial.mismatch or 0.0)[:2] if memory else []
    names = {each.preprocessing.name for each in (*by_error, *by_memory)}
    return [running[0], *(each for each in running[1:] if each.preprocessing.name in names)]
