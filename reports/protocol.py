"""What two runs must share for their numbers to be comparable: the suite and the protocol."""

from collections.abc import Mapping, Sequence
from typing import Any

from robench import suites
from robench.datasets.official_count import OFFICIAL_COUNTS
from robench.errors import RobenchError
from robench.records import Run


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
    }
    fields = {field: (value, value) for field, value in plain.items()}
    return fields | {"data": (manifest, f"{data['description']} [{manifest[:8]}]")}


def on_the_fly(info: Mapping[str, Any]) -> bool:
    """Were the images corrupted or perturbed while they were evaluated, not read from the published files?"""
    return " on the fly" in info["data"]["description"]


def images_used(info: Mapping[str, Any]) -> str:
    """Return "500 of 10,000 images" for a run on part of what a paper measures on, "" for one on all of it."""
    data = info["data"]
    count = int(data["images"])
    wanted = OFFICIAL_COUNTS.get(dataset_of(str(info["suite"])))
    if data.get("limit") is None and (wanted is None or count == wanted):
        return ""
    return f"{count:,} of {wanted:,} images" if wanted else f"{count:,} images"


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
