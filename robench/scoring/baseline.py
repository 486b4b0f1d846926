"""The run of another network that a run's scores are divided by, where no figures are published.

What is needed of it is kept in the run that it normalises, as RUN/baseline.json: the run can then be scored again, and
reported, without it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from robench.errors import RobenchError
from robench.outside_file import read_json_object
from robench.provenance import write_json
from robench.records import Run

FILE = "baseline.json"
# What the two runs must have in common: all that their values depend on but the network.
SHARED = ("suite", "preset", "seed", "data.images", "data.manifest_sha256")


@dataclass(frozen=True)
class Baseline:
    """A network to be divided by.

    Attributes:
        name: of the network.
        run: the folder of its run.
        sha256: of its weights, where that is known.
        values: metric -> corruption or sequence -> value.
    """

    name: str
    run: str
    sha256: str | None
    values: Mapping[str, Mapping[str, float]]


def check_shared(run: Run, baseline: Run) -> None:
    """Raise RobenchError unless both runs are of the same images in the same conditions."""
    for key in SHARED:
        mine, others = _at(run, key), _at(baseline, key)
        if mine != others:
            raise RobenchError(
                f"{baseline.path} is no baseline of {run.path}: its {key.replace('.', ' ')} is {others}, the run's is "
                f"{mine}; evaluate both alike"
            )


def keep(run: Run, baseline: Baseline) -> None:
    """Store a baseline in the run that it normalises."""
    write_json(run.path / FILE, asdict(baseline))


def kept(run: Run) -> Baseline | None:
    """Return the baseline stored in a run, or None; raise RobenchError when its file is damaged."""
    path = run.path / FILE
    if not path.exists():
        return None
    try:
        return Baseline(**read_json_object(path, "delete it and give --baseline again"))
    except TypeError as error:
        raise RobenchError(
            f"{path} is damaged ({error}); delete it and give --baseline again"
        ) from None


def _at(run: Run, key: str) -> object:
    found: object = run.info
    for part in key.split("."):
        assert isinstance(found, dict)
        found = found.get(part)
    return found
