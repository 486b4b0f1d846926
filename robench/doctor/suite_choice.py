"""Which benchmarks to examine, where the user does not say."""

from collections.abc import Iterator
from pathlib import Path

from robench import suites
from robench.arguments import argument
from robench.doctor.finding import WRONG, Finding
from robench.download import open_or_advise
from robench.errors import RobenchError
from robench.places import DATA_FOLDER, data_places
from robench.suites import Suite
from robench.suites.benchmark import Benchmark, open_benchmark
from robench.suites.official_folder import found_folder

CHECK = "data"


def open_for_examination(
    suite: str | None, data_dir: str | Path | None
) -> tuple[list[Benchmark], list[Finding]]:
    """Open the suite of that name, or all whose data is in ``data_dir``, and say which are there but cannot be opened.

    Those are the suites with an official folder there and, for test sets that none of them stands on, the clean images
    alone. Raises RobenchError where there are none.
    """
    if suite is not None:
        return [open_benchmark(suites.registry()[suite], data_dir)], []
    if data_dir is None:
        data_dir = place_of_data(None, None)
    opened: list[Benchmark] = []
    findings: list[Finding] = []
    for description in _with_folder(Path(data_dir)):
        try:
            opened.append(open_benchmark(description, data_dir))
        except RobenchError as error:
            findings.append(Finding(CHECK, WRONG, f"{description.name} cannot be opened: {error}"))
    known = {benchmark.full.name for benchmark in opened}
    opened += [each for each in _clean_alone(data_dir) if each.full.name not in known]
    if not opened and not findings:
        raise RobenchError(
            f"{data_dir} holds the data of no suite; choose one with {argument('suite')}"
        )
    return opened, findings


def place_of_data(suite: str | None, data_dir: str | Path | None) -> Path:
    """Return the folder that is examined: the one given, or the first of ``data_places`` with the data.

    That is the suite's, or where none is named that of any. Raises RobenchError where none has it.
    """
    if suite is not None:
        described = suites.registry()[suite]
        return open_or_advise(lambda place: open_benchmark(described, place), data_dir, suite)[1]
    places = data_places(data_dir)
    if data_dir is not None:
        return places[0]
    for place in places:
        if any(_with_folder(place)) or any(_clean_alone(place)):
            return place
    raise RobenchError(
        f"there is no data in {', '.join(map(str, places))}; give {argument('data_dir')}, or fetch some: "
        f"robench download cifar-10-c --data-dir {DATA_FOLDER}"
    )


def the_one(opened: list[Benchmark]) -> Benchmark:
    """Return the benchmark that a model is examined with: any, where all stand on the same clean images.

    Raises RobenchError where they do not.
    """
    if len({benchmark.full.name for benchmark in opened}) != 1:
        names = ", ".join(benchmark.suite.name for benchmark in opened) or "no suite"
        raise RobenchError(
            f"there is data of {names}: choose with {argument('suite')} what the model is for"
        )
    return opened[0]


def _with_folder(data_dir: Path) -> Iterator[Suite]:
    for suite in suites.registry().values():
        if found_folder(suite, data_dir) is not None:
            yield suite


def _clean_alone(data_dir: str | Path) -> Iterator[Benchmark]:
    """Open the test sets in the folder: those without corruptions that are neither embedded nor a part of another."""
    references = {suite.reference for suite in suites.registry().values()}
    for suite in suites.registry().values():
        if suite.corruptions or suite.name in (*references, "digits"):
            continue
        try:
            yield open_benchmark(suite, data_dir)
        except RobenchError:
            continue  # it is not there
