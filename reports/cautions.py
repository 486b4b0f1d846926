"""What a reader must know before quoting a number: of the models' training, and of what was not measured."""

from collections import defaultdict
from collections.abc import Iterable

from reports.protocol import images_used
from reports.results import Results
from robench import suites
from robench.contamination import Contamination, contamination_of
from robench.unfinished_training import unfinished_training

NAMED = 4  # of more runs the others are counted


def cautions(results: Results) -> list[str]:
    """Return a sentence for each caution; runs that share one share the sentence."""
    return [
        *contaminations(results),
        *unfinished(results),
        *parts_of_the_images(results),
        *gaps(results),
    ]


def contaminations(results: Results) -> list[str]:
    """Say which models saw in training what overlaps with test corruptions, or might have.

    Runs on suites without corruptions are passed over.
    """
    alike: dict[Contamination, list[str]] = defaultdict(list)
    for name, info in zip(results.names, results.infos, strict=True):
        if suites.registry()[info["suite"]].corruptions:
            alike[contamination_of(info["model"])].append(name)
    sentences = []
    for each, names in alike.items():
        if each.operations:
            sentences.append(
                f"{listed(names)}: trained with {', '.join(each.operations)}, which overlap with test corruptions. "
                "Errors on those are not errors on unseen corruptions."
            )
        elif not each.known:
            sentences.append(
                f"{listed(names)}: training is not on record, so whether it overlaps with test corruptions is unknown."
            )
    return sentences


def unfinished(results: Results) -> list[str]:
    """Say which models are of a training that was still going on."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name, info in zip(results.names, results.infos, strict=True):
        if done := unfinished_training(info["model"]):
            alike[done].append(name)
    return [
        f"{listed(names)}: a checkpoint of {done} of its training." for done, names in alike.items()
    ]


def parts_of_the_images(results: Results) -> list[str]:
    """Say which runs are of a part of the test images."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name, info in zip(results.names, results.infos, strict=True):
        if images := images_used(info):
            alike[images].append(name)
    return [
        f"{listed(names)}: evaluated on {images}, a part of the test set. Numbers of the whole set, as papers "
        "print them, do not compare."
        for images, names in alike.items()
    ]


def gaps(results: Results) -> list[str]:
    """Say which runs lack conditions of those that they were asked for."""
    alike: dict[tuple[int, int], list[str]] = defaultdict(list)
    for name, run in zip(results.names, results.runs, strict=True):
        asked, finished = len(run.info["conditions"]), len(run.conditions())
        if finished < asked:
            alike[finished, asked].append(name)
    return [
        f"{listed(names)}: {finished} of {asked} conditions are finished; what needs the others is refused."
        for (finished, asked), names in alike.items()
    ]


def listed(names: Iterable[str]) -> str:
    """Return "a, b, c and d", or "a, b, c, d and 6 more"."""
    every = list(names)
    shown, rest = every[:NAMED], len(every) - NAMED
    if rest > 0:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
