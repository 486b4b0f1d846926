"""Which benchmark to examine, where the user does not say."""

from pathlib import Path

from robench import suites
from robench.errors import RobenchError
from robench.suites.benchmark import Benchmark, open_benchmark


def open_for_examination(suite: str | None, data_dir: str | Path | None) -> Benchmark:
    """Open the suite of that name, or the one whose official folder or else clean data is in ``data_dir``.

    Raises RobenchError when none or several are there, naming them.
    """
    if suite is not None:
        return open_benchmark(suites.registry()[suite], data_dir)
    if data_dir is None:
        raise RobenchError("give --suite, or --data-dir with the data of one")
    found: dict[str, Benchmark] = {}
    for name, description in suites.registry().items():
        if description.folder is None:
            continue
        try:
            found[name] = open_benchmark(description, data_dir)
        except RobenchError:
            continue  # its data is not there
    with_folder = {name: each for name, each in found.items() if each.folder is not None}
    candidates = with_folder or found
    if len(candidates) != 1:
        names = ", ".join(candidates) or "none"
        raise RobenchError(f"{data_dir} holds the data of {names}; choose one with --suite")
    return next(iter(candidates.values()))
