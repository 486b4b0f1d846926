"""Is the model shown its images as it was trained? Two witnesses: its errors, and its first batch norm."""

from collections.abc import Sequence

import torch

from robench.doctor.finding import OK, WRONG, Finding
from robench.doctor.sample import Sample
from robench.doctor.trial import Preprocessing, Trial, preprocessings, trials
from robench.models import Model

CHECK = "preprocessing"
SCREENED_IMAGES = 64
FINALISTS = 4
# When the first batch norm alone convicts: another preprocessing fits it as well as sampling allows, and the one used
# ten times worse. (Of 500 images, the right one was seen at 0.0002 and a 7% wrong scale at 0.015.)
FITS = 0.002
CONVICTS = 10


def compared(model: Model, sample: Sample, device: torch.device, batch_size: int) -> list[Trial]:
    """Return the trial of the preprocessing used, and of the others that come near or better.

    All are tried on a few images, the most promising on the whole sample.
    """
    every = preprocessings(model)
    few = trials(model, sample.part(SCREENED_IMAGES), every, device, batch_size)
    return trials(model, sample, _promising(few), device, batch_size)


def _promising(few: Sequence[Trial]) -> list[Preprocessing]:
    """Return what was used, what erred least and what the first batch norm knows best."""
    by_error = sorted(few[1:], key=lambda trial: trial.error)[:FINALISTS]
    known = [trial for trial in few[1:] if trial.mismatch is not None]
    by_memory = sorted(known, key=lambda trial: trial.mismatch or 0.0)[:2]
    chosen = [few[0], *(trial for trial in few[1:] if trial in by_error or trial in by_memory)]
    return [trial.preprocessing for trial in chosen]


def best_of(found: Sequence[Trial]) -> Trial:
    """Return the likeliest: of those that nothing beats, what the batch norm knows best, or what errs least.

    Where something beats the preprocessing used, which is the first, only that counts.
    """
    pool = [each for each in found if each.beats(found[0])] or found
    contenders = [each for each in pool if not any(other.beats(each) for other in pool)]
    if any(each.mismatch is None for each in contenders):
        return min(contenders, key=lambda each: each.error)
    return min(contenders, key=lambda each: each.mismatch or 0.0)


def check_preprocessing(found: Sequence[Trial]) -> Finding:
    """Return the verdict on the first trial, which is of the preprocessing used."""
    used, best = found[0], best_of(found)
    count = len(used.is_error)
    numbers = "; ".join(each.sentence() for each in sorted(found, key=lambda each: each.error))
    evidence = f"clean error on {count} images: {numbers}"
    if best is used or not (best.beats(used) or _is_convicted(used, best)):
        return Finding(CHECK, OK, f"nothing fits better than the one used; {evidence}")
    name = best.preprocessing.name
    origin = used.preprocessing.normalisation.origin
    how = f"{name} fits and the one used ({origin}) does not"
    if best.beats(used):
        return Finding(CHECK, WRONG, f"{how}; {evidence}{_advice(best)}")
    return Finding(
        CHECK,
        WRONG,
        f"{how}: the errors do not tell them apart, but the network's first batch norm remembers images "
        f"normalised like {name}; {evidence}{_advice(best)}",
    )


def _is_convicted(used: Trial, best: Trial) -> bool:
    if used.mismatch is None or best.mismatch is None:
        return False
    return best.mismatch <= FITS and used.mismatch >= CONVICTS * best.mismatch


def _advice(best: Trial) -> str:
    chosen = best.preprocessing
    if chosen.is_bgr:
        return (
            "; the network expects BGR: give it as a Python file whose function flips the channels"
        )
    if chosen.name in ("imagenet", "cifar-10", "cifar-100", "half", "none"):
        return f"; give --normalisation {chosen.name}"
    mean, std = (" ".join(f"{v:.6g}" for v in part) for part in _numbers(chosen))
    return f"; give --mean {mean} --std {std}"


def _numbers(chosen: Preprocessing) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return chosen.normalisation.mean, chosen.normalisation.std


def is_near_chance(trial: Trial, classes: int) -> bool:
    """Say whether a trial does hardly better than guessing: less than twice chance, or within its noise."""
    count = len(trial.is_error)
    chance = 1 / classes
    noise = 4 * (chance * (1 - chance) / count) ** 0.5
    return 1 - trial.error < max(2 * chance, chance + noise)
