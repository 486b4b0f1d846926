"""What nothing says of a model, measured on clean images: its normalisation, which network it is, what it gives.

The witnesses are the doctor's: errors, image by image, and the first batch norm's memory. A wrong normalisation changes
what is quoted, so that only a clear winner is used. By errors alone that is the one that beats all others; constants
that are close, such as ImageNet's and CIFAR-10's, hardly ever differ in that, and then the memory must fit one
candidate as well as sampling allows, and every other one five times worse. Else the candidates are shown, and the user
says it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from robench.arguments import argument
from robench.doctor.adapted_network import given_bgr, giving_logits
from robench.doctor.batch_norm_memory import Memory
from robench.doctor.class_order import Order
from robench.doctor.finding import WRONG, Finding
from robench.doctor.output_check import (
    DEPENDS_ON_BATCH,
    are_probabilities,
    change_in_another_batch,
)
from robench.doctor.preprocessing_check import CHECK, FITS, is_near_chance, rules_out
from robench.doctor.race import ENOUGH, SCREENED, rounds, run_round
from robench.doctor.sample import Sample, batch_size_for, mildest_sample_of
from robench.doctor.trial import Preprocessing, Trial, preprocessings, remembered
from robench.errors import RobenchError
from robench.forward_pass import ForwardPass
from robench.inference import chosen_device
from robench.models import NORMALISATIONS, Model, Normalisation
from robench.models.normalisation import how_to_give
from robench.suites.benchmark import Benchmark

IMAGES = 512
LISTED = 8  # of those that nothing tells apart
FEW = 16  # to see whether outputs are logits
# The memory may fit an only survivor worse than ``FITS``: augmentations that are not among the views shift it so far,
# constants of another kind further.
TOLERATED = 0.05
# How many times worse the memory fits every other candidate. (The closest two, CIFAR-100's and CLIP's, are 0.0035
# to 0.0048 apart, where the right one was seen at 0.0003 to 0.0006.)
APART = 5
# Before the race, candidates are left out that the memory fits this badly where it fits another one this well.
HOPELESS, HOPEFUL = 0.5, 0.02
# Few networks take BGR. It is no rival where the same images in RGB err less by a test at this level; as photographs
# are nearly grey, few hundred of them may tell no more.
BGR_LEVEL = 0.01
SHOWN = 5  # of the others, in a line

Say = Callable[[str], object]


class UnmeasurableError(RobenchError):
    """Images do not tell how a model's images were normalised, or which of several networks it is.

    ``rows`` names each that is left with its error, the least first, and what chooses it.
    """

    def __init__(self, sentence: str, *rows: str) -> None:
        super().__init__("\n".join([sentence, *rows]))
        self.rows = rows


@dataclass(frozen=True)
class Measurement:
    """How the candidates did.

    Attributes:
        winner: the clear one, None where there is none.
        unbeaten: it and all that errors do not tell from it, on the same images, the least error first.
        beaten: those that dropped out, on fewer images, the closest first.
        order: of the classes, in which errors are counted; None for that of the data.
        images: what they were measured on, in words.
    """

    winner: Trial | None
    unbeaten: tuple[Trial, ...]
    beaten: tuple[Trial, ...]
    order: Order | None
    images: str


def complete_model(
    model: Model,
    benchmark: Benchmark,
    *,
    guess: bool = True,
    device: str | None = None,
    say: Say,
) -> Model:
    """Return the model with a normalisation, of one network, that gives logits: as it is where it has all that.

    Args:
        model: as loaded. An ensemble is returned as it is: its members are to be completed before.
        benchmark: whose clean images are shown to it, 512 at most; where those are missing, its mildest condition.
        guess: whether to measure and convert; else what nothing says is refused.
        device: of torch; a GPU if there is one, else the CPU, when None.
        say: is told what was found, a line at a time. What else a reader of the numbers must know is in
            ``Model.notes``, too.

    Raises:
        UnmeasurableError: without a clear winner, with the candidates and the options that choose each; and for a model
            that does hardly better than guessing with any of them.
        RobenchError: for outputs that are of another number than the classes or not about one class (sigmoids); and
            without ``guess`` for what nothing says.
    """
    if model.members:
        return model
    measured = measure_unknown(model, benchmark, guess=guess, device=device, say=say)
    try:
        few = mildest_sample_of(benchmark, FEW)
    except RobenchError:
        return measured  # the evaluation names what cannot be read
    return _give_logits(measured, few, chosen_device(device), guess, say)


def measure_unknown(
    model: Model, benchmark: Benchmark, *, guess: bool = True, device: str | None = None, say: Say
) -> Model:
    """Return the model with its normalisation and as one network, whatever it gives; see ``complete_model``."""
    if model.normalisation is not None and not model.alternatives:
        return model
    if not guess:
        raise _not_said(model)
    place = chosen_device(device)
    sample = mildest_sample_of(benchmark, IMAGES)
    networks = [each.to(place) for each in (model, *model.alternatives)]
    found = measure(networks, sample, place)
    if all(
        is_near_chance(each, len(sample.suite.classes_used or sample.classes))
        for each in found.unbeaten
    ):
        raise UnmeasurableError(_near_chance(model, found))
    if found.winner is None:
        raise UnmeasurableError(*_undecided(model, found))
    for line in _lines(found, found.winner):
        say(line)
    completed = _apply(found, found.winner)
    for note in completed.notes[len(found.winner.model.notes) :]:
        say(f"note: {note}")
    return completed


def measured_or_finding(
    model: Model, benchmark: Benchmark, guess: bool, device: str | None, say: Say
) -> tuple[Model | None, list[Finding]]:
    """Return the model as ``measure_unknown`` does, or None and what keeps it from being examined."""
    try:
        return measure_unknown(model, benchmark, guess=guess, device=device, say=say), []
    except UnmeasurableError as error:
        return None, [Finding(CHECK, WRONG, str(error))]


def measure(networks: Sequence[Model], sample: Sample, device: torch.device) -> Measurement:
    """Let every network and preprocessing that it may have run against each other, until one is a clear winner."""
    batch_size = batch_size_for((sample.images.shape[1], sample.images.shape[2]))
    _check_shape(networks[0], sample, device)
    running = _screened(networks, sample, device)
    beaten: list[Trial] = []
    winner: Trial | None = None
    order: Order | None = None
    is_known_well = False
    count = len(sample.labels)
    stop = 0
    for start, stop in rounds(count):
        running, order = run_round(running, sample, start, stop, device, batch_size)
        lost = [each for each in running if any(other.beats(each) for other in running)]
        beaten = [*lost, *beaten]
        running = [each for each in running if each not in lost]
        if stop < min(ENOUGH, count):
            continue
        if not is_known_well:
            running = _remembered_well(running, sample, device)
            is_known_well = True
        winner = clear_winner(running, beaten)
        if winner is not None:
            break
    unbeaten = sorted(running, key=lambda each: each.error)
    return Measurement(winner, tuple(unbeaten), tuple(beaten), order, f"{stop} {sample.name}")


def clear_winner(running: Sequence[Trial], beaten: Sequence[Trial]) -> Trial | None:
    """Return the one that is to be used, or None where the two witnesses do not settle it.

    ``running`` are those that no error beats, ``beaten`` the others.
    """
    likely = [each for each in running if not _is_unlikely_bgr(each, running)]
    if any(each.mismatch is None for each in likely):
        return likely[0] if len(likely) == 1 else None
    best = min(likely, key=_mismatch)
    if _mismatch(best) > (FITS if len(likely) > 1 else TOLERATED):
        return None
    if not all(rules_out(best, each, APART) for each in likely if each is not best):
        return None
    contradicted = any(rules_out(each, best) for each in beaten)
    return None if contradicted else best


def _is_unlikely_bgr(trial: Trial, running: Sequence[Trial]) -> bool:
    return trial.preprocessing.is_bgr and any(
        not each.preprocessing.is_bgr and each.beats(trial, BGR_LEVEL) for each in running
    )


def _mismatch(trial: Trial) -> float:
    return float("inf") if trial.mismatch is None else trial.mismatch


def _screened(networks: Sequence[Model], sample: Sample, device: torch.device) -> list[Trial]:
    """Return the candidates, without those that a network's memory does not fit at all where it fits another well."""
    trials: list[Trial] = []
    for network in networks:
        memory = None  # corrupted images differ from what it remembers, however they are normalised
        if sample.is_clean:
            memory = Memory.of(network, sample.between(0, SCREENED), device)
        of_network = [
            remembered(Trial.of(network, each), memory) for each in _candidates(network, sample)
        ]
        if memory is not None and min(map(_mismatch, of_network)) <= HOPEFUL:
            of_network = [each for each in of_network if _mismatch(each) < HOPELESS]
        trials += of_network
    return trials


def _remembered_well(running: Sequence[Trial], sample: Sample, device: torch.device) -> list[Trial]:
    """Return the trials with the mismatch on all of the sample, where a part of it did not rule them out."""
    memories: dict[int, Memory | None] = {}
    result = []
    for each in running:
        known = each
        if each.mismatch is not None and each.mismatch <= HOPEFUL:
            if id(each.model) not in memories:
                memories[id(each.model)] = Memory.of(each.model, sample, device)
            known = remembered(each, memories[id(each.model)])
        result.append(known)
    return result


def _candidates(network: Model, sample: Sample) -> list[Preprocessing]:
    if network.normalisation is not None:
        return [Preprocessing("", network.normalisation)]
    every = preprocessings(None)
    return [each for each in every if not each.is_bgr] if sample.is_grey() else every


def _check_shape(model: Model, sample: Sample, device: torch.device) -> None:
    how = model.normalisation or NORMALISATIONS["none"]
    one = sample.between(0, 1).images
    # In evaluation mode: a batch norm in training mode would learn from this image. A network that takes no such image
    # says so here, in a line.
    shown = replace(model, normalisation=how).to(device)
    shape = tuple(ForwardPass(shown, device, 1).logits(one).shape)
    if shape != (1, len(sample.classes)):
        raise RobenchError(
            f"{model.name} gives outputs of shape {shape} for an image; expected {len(sample.classes)} logits"
        )


def _apply(found: Measurement, winner: Trial) -> Model:
    """Return the winner's model with what was found, and the notes that a reader needs."""
    model, how = winner.model, winner.preprocessing
    notes = list(model.notes)
    if model.normalisation is None:
        mean, std = how.normalisation.mean, how.normalisation.std
        if how.is_bgr:  # there they are for blue first
            mean, std = (mean[2], mean[1], mean[0]), (std[2], std[1], std[0])
        model = replace(
            model, normalisation=Normalisation(mean, std, _origin(found, winner), is_measured=True)
        )
    if how.is_bgr:
        notes.append("the network expects BGR: the channels are turned round for it")
        model = replace(
            model,
            network=given_bgr(model.network),
            architecture=f"{model.architecture or 'a callable'}, given BGR",
        )
    if winner.model.alternatives or any(each.model is not winner.model for each in found.beaten):
        notes.append(f"the network is {model.architecture}, as measured on {found.images}")
    if found.order is not None:
        notes.append(
            f"the outputs are in another order than the labels: {found.order.name}; only the normalisation was "
            "measured in that order, nothing else is"
        )
    return replace(model, alternatives=(), notes=tuple(notes))


def _give_logits(model: Model, few: Sample, device: torch.device, guess: bool, say: Say) -> Model:
    """Return the model, of probabilities with their logarithm."""
    _check_shape(model, few, device)
    images = few.images[: batch_size_for((few.images.shape[1], few.images.shape[2]))]
    outputs = model.to(device).logits(images, device).cpu()
    if not torch.isfinite(outputs).all():
        return model  # which every condition will say
    model = _noting_unsteadiness(model, images, outputs, device, say)
    if outputs.min() < 0:
        return model
    if are_probabilities(outputs / 100):
        raise RobenchError(
            f"{model.name} gives percentages that sum to 100; expected logits, or probabilities that sum to 1"
        )
    if are_probabilities(outputs):
        if not guess:
            raise RobenchError(
                f"{model.name} gives probabilities, not logits; without {argument('guess', False)} their "
                "logarithm is taken"
            )
        note = "the outputs are probabilities, not logits: their logarithm is taken"
        if (outputs.amax(1) == 1).all():
            note = (
                "the outputs are decisions, all or nothing: errors mean what they say, confidence and calibration "
                "nothing"
            )
        say(f"note: {note}")
        return replace(model, network=giving_logits(model.network), notes=(*model.notes, note))
    if outputs.max() <= 1 and outputs.min() < outputs.max():
        raise RobenchError(
            f"{model.name} gives values in [0, 1] that do not sum to 1, such as sigmoids of several labels; "
            "expected logits of one class among several"
        )
    return model


def _noting_unsteadiness(
    model: Model, images: NDArray[np.uint8], outputs: torch.Tensor, device: torch.device, say: Say
) -> Model:
    """Return the model, with a note where an image's outputs are others in another batch, or the next time."""
    change = change_in_another_batch(model, images, outputs, device)
    if change <= DEPENDS_ON_BATCH:
        return model
    note = (
        f"an image's outputs depend on the rest of its batch or on chance (by {change:.0%} of the largest), as with "
        "dropout or batch norm in training mode: the numbers are those of these batches"
    )
    say(f"note: {note}")
    return replace(model, notes=(*model.notes, note))


def _called(trial: Trial, several: bool) -> str:
    """Return what to call a candidate: its network too, where there are several."""
    name = trial.preprocessing.name
    if not several:
        return name
    return f"{trial.model.architecture} {name}".strip()


def _of_several(found: Measurement) -> bool:
    return len({id(each.model) for each in (*found.unbeaten, *found.beaten)}) > 1


def _numbers(trial: Trial) -> str:
    memory = "" if trial.mismatch is None else f", batch norm mismatch {trial.mismatch:.4f}"
    return f"{trial.error:.1%} error{memory}"


def _others(found: Measurement, winner: Trial) -> str:
    several = _of_several(found)
    others = [each for each in (*found.unbeaten, *found.beaten) if each is not winner]
    shown = [f"{_called(each, several)} {_in_short(each)}" for each in others[:SHOWN]]
    more = len(others) - len(shown)
    return ", ".join([*shown, *([f"{more} more, all clearly worse"] if more else [])])


def _in_short(trial: Trial) -> str:
    memory = "" if trial.mismatch is None else f" ({trial.mismatch:.4f})"
    return f"{trial.error:.1%}{memory}"


def _origin(found: Measurement, winner: Trial) -> str:
    name = _called(winner, _of_several(found))
    return f"measured on {found.images}: {name} {_numbers(winner)}; {_others(found, winner)}"


def _lines(found: Measurement, winner: Trial) -> list[str]:
    name = _called(winner, _of_several(found))
    return [
        f"normalisation: {name}, measured on {found.images}: {_numbers(winner)}",
        f"  the others: {_others(found, winner)}",
    ]


def _choice(trial: Trial, several: bool) -> str:
    """Return the arguments that choose a candidate."""
    how = trial.preprocessing
    options = [argument("architecture", trial.model.architecture)] if several else []
    if trial.model.normalisation is None:
        if how.is_bgr:
            options.append("a Python file whose function flips the channels to BGR, and")
        if how.name in NORMALISATIONS:
            options.append(argument("normalisation", how.name))
        else:
            options.append(how.normalisation.flags())
    return " ".join(options)


def _undecided(model: Model, found: Measurement) -> list[str]:
    """Return the refusal, and below it the table."""
    several = _of_several(found)
    rows = [f"  {_numbers(each)}: {_choice(each, several)}" for each in found.unbeaten[:LISTED]]
    if more := found.unbeaten[LISTED:]:
        rows.append(f"  {len(more)} more, to {more[-1].error:.1%} error")
    what = (
        "which network it is and how its images were normalised"
        if several
        else ("how its images were normalised")
    )
    worse = ", ".join(f"{_called(each, several)} {each.error:.1%}" for each in found.beaten[:SHOWN])
    sentence = (
        f"{model.name} ({model.source}) does not record {what}, and {found.images} do not tell these apart; "
        "give what chooses one:"
    )
    if worse:
        rows.append(f"  clearly worse: {worse}{', ...' if len(found.beaten) > SHOWN else ''}")
    return [sentence, *rows]


def _near_chance(model: Model, found: Measurement) -> str:
    best = found.unbeaten[0]
    return (
        f"{model.name} ({model.source}) does hardly better than guessing on {found.images}, however they are "
        f"normalised: {best.error:.1%} error at best; are the classes in another order, is it other data, "
        f"or is it untrained? Where that is as it should be, give {how_to_give()}"
    )


def _not_said(model: Model) -> RobenchError:
    if model.alternatives:
        names = " or ".join(
            argument("architecture", each.architecture) for each in (model, *model.alternatives)
        )
        return RobenchError(
            f"{model.source} fits several networks that compute different things; give {names}, or leave out "
            f"{argument('guess', False)}"
        )
    try:
        model.known_normalisation()
    except RobenchError as error:
        return RobenchError(f"{error}; without {argument('guess', False)} it is measured")
    raise AssertionError("all is known")
