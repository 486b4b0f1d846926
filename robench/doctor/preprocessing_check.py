"""Is the model shown its images as it was trained? Two witnesses: its errors, and its first batch norm."""

from collections.abc import Sequence

from robench.arguments import argument
from robench.doctor.finding import OK, WRONG, Finding
from robench.doctor.trial import Trial
from robench.models import NORMALISATIONS

CHECK = "preprocessing"
SHOWN = 3  # of those that dropped out, the last to do so
# When the first batch norm alone convicts: another preprocessing fits it as well as sampling allows, and the one used
# ten times worse. (Of 500 images, the right one was seen at 0.0002 and a 7% wrong scale at 0.015.)
FITS = 0.002
CONVICTS = 10


def best_of(found: Sequence[Trial]) -> Trial:
    """Return the likeliest: of those that nothing beats, what the batch norm knows best, or what errs least.

    Where something beats the preprocessing used, which is the first, only that counts.
    """
    pool = [each for each in found if each.beats(found[0])] or found
    contenders = [each for each in pool if not any(other.beats(each) for other in pool)]
    if any(each.mismatch is None for each in contenders):
        return min(contenders, key=lambda each: each.error)
    return min(contenders, key=lambda each: each.mismatch or 0.0)


def check_preprocessing(
    found: Sequence[Trial], beaten: Sequence[Trial] = (), reordered: bool = False
) -> Finding:
    """Return the verdict on the first trial, which is of the preprocessing used.

    ``beaten`` dropped out before the end; ``reordered`` says that errors are counted in another order of the classes.
    """
    used, best = found[0], best_of(found)
    count = len(used.is_error)
    numbers = "; ".join(each.sentence() for each in sorted(found, key=lambda each: each.error))
    evidence = (
        f"clean error on {count} images{', classes reordered' if reordered else ''}: {numbers}"
    )
    if beaten:
        closest = sorted(beaten, key=lambda each: (-len(each.is_error), each.error))[:SHOWN]
        worse = "; ".join(f"{each.sentence()} of {len(each.is_error)}" for each in closest)
        evidence += f"; {len(beaten)} others were clearly worse ({worse})"
    if best is used or not (best.beats(used) or rules_out(best, used)):
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


def rules_out(one: Trial, other: Trial, times: float = CONVICTS) -> bool:
    """Say whether the first batch norm tells one from the other: it fits one, and the other so many times worse."""
    if one.mismatch is None or other.mismatch is None:
        return False
    return one.mismatch <= FITS and other.mismatch >= max(FITS, times * one.mismatch)


def _advice(best: Trial) -> str:
    chosen = best.preprocessing
    if chosen.is_bgr:
        return (
            "; the network expects BGR: give it as a Python file whose function flips the channels"
        )
    if chosen.name in NORMALISATIONS:
        return f"; give {argument('normalisation', chosen.name)}"
    return f"; give {chosen.normalisation.flags()}"


def is_near_chance(trial: Trial, classes: int) -> bool:
    """Say whether a trial does hardly better than guessing: less than twice chance, or within its noise."""
    count = len(trial.is_error)
    chance = 1 / classes
    noise = 4 * (chance * (1 - chance) / count) ** 0.5
    return 1 - trial.error < max(2 * chance, chance + noise)
