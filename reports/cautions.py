"""What a reader must know before quoting a number: of the images, the network and what was not measured."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports.protocol import images_used, interval_sentence, on_the_fly, other_images, subset_of
from reports.results import Results
from robench import suites
from robench.contamination import contamination_of
from robench.unfinished_training import unfinished_training

NAMED = 4  # of more runs the others are counted


@dataclass(frozen=True)
class Caution:
    """A reason not to take some runs' numbers as they stand.

    Attributes:
        kind: which of ``KINDS``, or ``conditions``.
        runs: the names of the runs that it holds for.
        text: what a reader must know, beginning in lower case: it stands behind the runs' names.
        of_all: it holds for every one of several runs, which then need no names.
    """

    kind: str
    runs: tuple[str, ...]
    text: str
    of_all: bool = False

    def __str__(self) -> str:
        return f"{'All runs' if self.of_all else listed(self.runs)}: {self.text}"


def cautions(results: Results) -> tuple[Caution, ...]:
    """Return every caution, those of the images first; runs of which the same is to be said share one."""
    found = {kind: [say(info) for info in results.infos] for kind, say in KINDS.items()}
    found["conditions"] = [
        _gap(len(run.conditions()), len(run.info["conditions"])) for run in results.runs
    ]
    several = len(results.names) > 1
    return tuple(
        Caution(kind, runs, text, several and runs == tuple(results.names))
        for kind, texts in found.items()
        for text, runs in _alike(results, texts).items()
    )


def _alike(results: Results, texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return each text that is not empty -> the runs that it is of."""
    alike: dict[str, tuple[str, ...]] = {}
    for name, words in zip(results.names, texts, strict=True):
        if words:
            alike[words] = (*alike.get(words, ()), name)
    return alike


def _of_other_images(info: Mapping[str, Any]) -> str:
    if not other_images(info):
        return ""
    suite = suites.registry()[info["suite"]]
    return (
        f"made of {suite.dataset}'s own validation images. The published {suite.name} shows other images, with higher "
        "errors: published numbers do not compare."
    )


def _of_draws(info: Mapping[str, Any]) -> str:
    """Of a suite that is not published as files there is nothing to mistake its images for."""
    suite = suites.registry()[info["suite"]]
    if suite.folder is None or not on_the_fly(info):
        return ""
    verb, kept = ("perturbed", "frames") if suite.sequences else ("corrupted", "images")
    return (
        f"{verb} on the fly with seed {info['seed']}, not the published files, whose {kept} have other random draws. "
        "Runs of the same seed compare exactly, published numbers only nearly; no interval covers the difference."
    )


def _of_part(info: Mapping[str, Any]) -> str:
    images, subset = images_used(info), subset_of(info)
    if subset is not None:
        return f"evaluated on the subset {subset}, {images}. Only numbers of this subset compare."
    if images and info["data"]["limit"] is None:
        return (
            f"evaluated on {images}, a part of the test set. Numbers of the whole set, as papers print them, do not "
            "compare."
        )
    sentence = interval_sentence(info)
    return sentence and (
        f"evaluated on a part of the images; {sentence}. Papers' numbers are of the whole set."
    )


def _of_image_files(info: Mapping[str, Any]) -> str:
    return _sentences(info["data"].get("notes", ()))


def _of_normalisation(info: Mapping[str, Any]) -> str:
    how = info.get("preprocessing", {})
    if not how.get("measured", False):
        return ""
    mean, std = (", ".join(f"{value:.3g}" for value in how[key]) for key in ("mean", "std"))
    return (
        f"nothing says the normalisation; it was measured on images: mean {mean}, std {std}. With the right constants "
        "errors could be lower."
    )


def _of_model(info: Mapping[str, Any]) -> str:
    return _sentences(info["model"].get("notes", ()))


def _of_contamination(info: Mapping[str, Any]) -> str:
    """Of a suite without corruptions there is nothing to say."""
    if not suites.registry()[info["suite"]].corruptions:
        return ""
    found = contamination_of(info["model"])
    if found.operations:
        return (
            f"trained with {', '.join(found.operations)}, which overlap with test corruptions. Errors on those are not "
            "errors on unseen corruptions."
        )
    if found.known:
        return ""
    return "training is not on record, so whether it overlaps with test corruptions is unknown."


def _of_training(info: Mapping[str, Any]) -> str:
    done = unfinished_training(info["model"])
    return f"a checkpoint of {done} of its training." if done else ""


def _gap(finished: int, asked: int) -> str:
    if finished >= asked:
        return ""
    return f"{finished} of {asked} conditions are finished; what needs the others is refused."


# Kind -> what is to be said of a run, given its run.json, or ""; in the order of a report.
KINDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "other_images": _of_other_images,
    "on_the_fly": _of_draws,
    "part_of_the_images": _of_part,
    "image_files": _of_image_files,
    "normalisation": _of_normalisation,
    "model": _of_model,
    "training_overlap": _of_contamination,
    "unfinished_training": _of_training,
}


def _sentences(notes: Iterable[str]) -> str:
    """Return notes, which have no full stop, as one sentence."""
    words = "; ".join(notes)
    return f"{words}." if words else ""


def listed(names: Iterable[str]) -> str:
    """Return "a, b, c and d", or "a, b, c, d and 6 more"."""
    every = list(names)
    shown, rest = every[:NAMED], len(every) - NAMED
    if rest > 0:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))
