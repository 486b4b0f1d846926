"""What two runs must share for their numbers to be comparable: the suite and the protocol, read from run.json."""

from collections.abc import Mapping, Sequence
from typing import Any

from robench import suites
from robench.datasets.official_count import OFFICIAL_COUNTS
from robench.errors import RobenchError
from robench.records import Run

OTHER_IMAGES = "other images than the benchmark's"


def protocol(info: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return field -> (identity, wording) of what a run measured, from the contents of its ``run.json``.

    Runs are comparable where the identities are equal. That of the data is its manifest: the wording names folders,
    which differ from machine to machine.
    """
    data = info["data"]
    limit = data["limit"]
    manifest = str(data["manifest_sha256"])
    plain = {
        "suite": str(info["suite"]),
        "preset": str(info["preset"]),
        "seed": str(info["seed"]),
        "limit": "all images" if limit is None else f"{limit} images",
        "images": OTHER_IMAGES if other_images(info) else "the benchmark's images",
    }
    fields = {field: (value, value) for field, value in plain.items()}
    return fields | {"data": (manifest, f"{data['description']} [{manifest[:8]}]")}


def on_the_fly(info: Mapping[str, Any]) -> bool:
    """Were the images corrupted or perturbed while they were evaluated, not read from the published files?

    A run.json that has no such field says it in its description alone.
    """
    data = info["data"]
    return bool(data.get("on_the_fly", " on the fly" in data["description"]))


def other_images(info: Mapping[str, Any]) -> bool:
    """Were other images evaluated than those that the published benchmark shows?

    Where a run.json has no such field, the runs made on the fly of a suite whose clean images are an archive of their
    own were: they used the data set's.
    """
    found = info["data"].get("other_images")
    if found is not None:
        return bool(found)
    suite = suites.registry().get(str(info["suite"]))
    return suite is not None and suite.clean_folder is not None and on_the_fly(info)


def subset_of(info: Mapping[str, Any]) -> str | None:
    """Return the name of the part of the images that was evaluated; None for all of them and for a part by number.

    A run.json that has no such field says it in its command alone.
    """
    data = info["data"]
    if "subset" in data:
        return None if data["subset"] is None else str(data["subset"])
    command = list(info["command"])
    if data["limit"] is None or "--subset" not in command[:-1]:
        return None
    return str(command[command.index("--subset") + 1])


def images_used(info: Mapping[str, Any]) -> str:
    """Return "500 of 10,000 images" for a run on part of what a paper measures on, "" for one on all of it."""
    data = info["data"]
    count = int(data["images"])
    wanted = OFFICIAL_COUNTS.get(dataset_of(str(info["suite"])), data.get("available"))
    if data.get("limit") is None and wanted in (None, count):
        return ""
    return f"{count:,} of {wanted:,} images" if wanted else f"{count:,} images"


def interval_sentence(info: Mapping[str, Any]) -> str:
    """Return what the intervals of a run on a number of images are of; "" of all images and of a named subset.

    A run.json without the name of a subset may be of the first classes only, as small parts once were.
    """
    if info["data"]["limit"] is None or subset_of(info) is not None:
        return ""
    spread = " spread over the classes" if "subset" in info["data"] else ""
    return f"values and intervals are for the whole set, estimated from {images_used(info)}{spread}"


def dataset_of(suite: str) -> str:
    """Return the clean data set of a suite, or what an attack was on."""
    attacked = suite.partition(":")[2]
    return attacked or suites.registry()[suite].dataset


def differences(infos: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the fields in which the protocols differ -> each run's wording, in the order of the runs."""
    protocols = [protocol(info) for info in infos]
    return {
        field: [each[field][1] for each in protocols]
        for field in protocols[0]
        if len({each[field][0] for each in protocols}) > 1
    }


def check_comparable(names: Sequence[str], infos: Sequence[Mapping[str, Any]]) -> None:
    """Raise RobenchError naming the first difference and two runs that show it, if the runs' protocols differ."""
    found = differences(infos)
    if not found:
        return
    field, values = next(iter(found.items()))
    other = next(position for position, value in enumerate(values) if value != values[0])
    also = f" (also: {', '.join(list(found)[1:])})" if len(found) > 1 else ""
    raise RobenchError(
        f"the runs differ in their {field}{also}: {values[0]} for {names[0]}, {values[other]} for {names[other]}; "
        "report them apart, or together with --mixed, which marks the page"
    )


def check_alike(names: Sequence[str], infos: Sequence[Mapping[str, Any]]) -> None:
    """Raise RobenchError if runs that a mean is taken over were not measured alike."""
    found = differences(infos)
    if found:
        field, values = next(iter(found.items()))
        other = next(position for position, value in enumerate(values) if value != values[0])
        raise RobenchError(
            f"{names[0]} and {names[other]} belong to one cell and differ in their {field}: {values[0]}, "
            f"{values[other]}; name runs of one protocol"
        )


def check_outside(names: Sequence[str], runs: Sequence[Run]) -> None:
    """Raise RobenchError if two runs were shown different outside images under one name."""
    seen: dict[str, tuple[str, str]] = {}
    for name, run in zip(names, runs, strict=True):
        for outside in run.outside():
            what, digest = outside.info["suite"], outside.info["data"]["manifest_sha256"]
            other, found = seen.setdefault(what, (name, digest))
            if found != digest:
                raise RobenchError(
                    f"{other} and {name} were shown different outside images under the name {what}; report them apart, "
                    "or together with --mixed, which marks the page"
                )
