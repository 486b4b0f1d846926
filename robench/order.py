"""What an evaluation is asked to be, checked: everything that is wrong is told at once, before PyTorch is imported."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robench.arguments import argument
from robench.complaints import Complaint, closest, refuse
from robench.errors import MissingDataError, RobenchError
from robench.places import DATA_FOLDER, OWN_PICTURES, holds_something, open_where_found
from robench.registry import unknown_name
from robench.shard import WHOLE, Shard

if TYPE_CHECKING:
    from robench.models import Normalisation
    from robench.suites import Condition, Suite
    from robench.suites.benchmark import Benchmark

PRECISIONS = ("fp32", "bf16")
NORMALISATIONS = ("imagenet", "cifar-10", "cifar-100", "half", "none")
DEVICES = ("cpu", "cuda", "mps", "xpu", "hpu", "xla", "mtia", "meta")
WEIGHT_FILES = ("*.pt", "*.pth", "*.ckpt", "*.safetensors", "*.th", "*.tar", "*.onnx", "*.pt2")


@dataclass(frozen=True, kw_only=True)
class Order:
    """An evaluation that is asked for; fields and defaults are the arguments of ``robench.evaluate``."""

    model: Any
    suite: str | None
    data_dir: str | Path | None = None
    out: str | Path | None = None
    runs: str | Path | None = None
    normalisation: "str | Normalisation | tuple[Sequence[float], Sequence[float]] | None" = None
    architecture: str | Sequence[str] | None = None
    weights: str | None = None
    name: str | None = None
    corruptions: Sequence[str] | None = None
    severities: Sequence[int] | None = None
    limit: int | None = None
    subset: str | None = None
    preset: str | None = None
    size_px: int | None = None
    classes: str | Path | Sequence[str] | None = None
    mode: str = "auto"
    baseline: str | Path | None = None
    seed: int = 0
    batch_size: int | None = None
    device: str | None = None
    precision: str = "fp32"
    compiled: bool = False
    temperature: float | str | None = None
    shard: str | None = None
    resume: bool = False
    strict: bool = False
    unsafe_load: bool = False
    guess: bool = True
    ensemble: bool = False
    progress: bool = False
    say: Callable[[str], object] = lambda line: None
    command: Sequence[str] = ()

    @property
    def specs(self) -> tuple[str, ...] | None:
        """What ``--model`` names, one each of an ensemble; None where the model is an object in Python."""
        if isinstance(self.model, str | Path):
            return (str(self.model),)
        if isinstance(self.model, Sequence) and all(
            isinstance(each, str | Path) for each in self.model
        ):
            return tuple(map(str, self.model))
        return None

    @property
    def architectures(self) -> tuple[str, ...]:
        """The networks that are named, if any."""
        named = self.architecture
        return (named,) if isinstance(named, str) else tuple(named or ())

    @property
    def part(self) -> Shard:
        """The shard of the work."""
        return Shard.parse(self.shard) if self.shard else WHOLE

    def asked(self) -> dict[str, Any] | None:
        """Return what was asked for of the model, as run.json keeps it: the same again is known without loading it.

        None where the model is not in files alone.
        """
        specs = self.specs
        if specs is None or not all(Path(spec).is_file() for spec in specs):
            return None
        given = self.normalisation
        return {
            "files": [_sha256(spec) for spec in specs],
            "architectures": list(self.architectures),
            "normalisation": given if given is None or isinstance(given, str) else repr(given),
            "weights": self.weights,
            "name": self.name,
            "guess": self.guess,
            "ensemble": self.ensemble,
        }


def _sha256(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Opened:
    """An order whose data is open.

    Attributes:
        benchmark: the suite with its data.
        conditions: what is evaluated.
        place: the folder that the data was found in.
        notes: what was assumed of how the images are shown.
    """

    benchmark: "Benchmark"
    conditions: "tuple[Condition, ...]"
    place: Path | None
    notes: tuple[str, ...] = ()


def open_order(order: Order) -> Opened:
    """Open the data of an order; raise ComplaintsError with all that is wrong with it, as far as it is known by now."""
    from robench.suites import CLEAN

    refuse(list(_of_types(order)))  # nothing else can be asked of what is something else
    found = [*_of_model(order), *_of_options(order)]
    suite, of_suite = _suite(order)
    found += of_suite
    conditions: tuple[Condition, ...] = ()
    opened: tuple[Benchmark, Path | None] | None = None
    if suite is not None:
        conditions, of_conditions = _conditions(suite, order)
        found += of_conditions
        if not of_suite:  # else the suite is a guess, which may not be worth reading its data
            opened, of_data = _benchmark(suite, order)
            found += of_data
    refuse(found)
    assert opened is not None  # or there was something to complain about
    benchmark, place = opened
    if benchmark.clean_missing and len(conditions) > 1:
        without = f"no clean images, so no clean error: {benchmark.clean_missing}"
        conditions = tuple(each for each in conditions if each != CLEAN)
        return Opened(benchmark, conditions, place, (without,))
    return Opened(benchmark, conditions, place)


# What each argument may be, where Python's own message would name none of them.
NUMBERS = ("limit", "batch_size", "seed", "size_px")
WORDS = ("suite", "name", "subset", "preset", "mode", "device", "precision", "shard", "weights")
LISTS = ("corruptions", "severities")
PATHS = ("data_dir", "out", "runs", "baseline")


def _of_types(order: Order) -> Iterator[Complaint]:
    """Complain of values of another type than their argument has, as a caller in Python can give them."""
    for name in NUMBERS:
        value = getattr(order, name)
        if value is not None and (type(value) is bool or not isinstance(value, Integral)):
            yield Complaint(f"{argument(name)} must be a whole number, got {value!r}", name)
    for name in WORDS:
        if (value := getattr(order, name)) is not None and not isinstance(value, str):
            yield Complaint(f"{argument(name)} must be text, got {value!r}", name)
    for name in PATHS:
        if (value := getattr(order, name)) is not None and not isinstance(value, str | os.PathLike):
            yield Complaint(f"{argument(name)} must be a path, got {value!r}", name)
    for name in LISTS:
        value = getattr(order, name)
        if value is None:
            continue
        if isinstance(value, str) or not isinstance(value, Sequence):
            yield Complaint(f"{argument(name)} must be a list, got {value!r}", name)
        elif len(value) == 0:
            yield Complaint(f"{argument(name)} is empty: name some, or leave it out for all", name)


def _of_model(order: Order) -> list[Complaint]:
    specs = order.specs
    if order.model is None or specs == ():
        near = _files_like("", Path())
        only = str(near[0]) if len(near) == 1 else None
        here = f"; here is {only}" if only else ""
        return [
            Complaint(
                f"no model is named: give a file, timm:NAME, torchvision:NAME, ...{here} "
                "(robench list models)",
                "model",
                only or "FILE",
            )
        ]
    if specs is None:
        return []
    found = []
    for spec in specs:
        path = Path(spec)
        if ":" in spec or path.is_file() or path.is_dir():
            continue
        near = _files_like(path.name, path.parent)
        meant = closest(path.name, [each.name for each in near])
        instead = str(path.with_name(meant)) if meant else None
        hint = f"; did you mean {instead}?" if instead else ""
        found.append(Complaint(f"no checkpoint {spec}{hint}", "model", instead or "FILE"))
    if len(specs) > 1 and not order.ensemble:
        found.append(
            Complaint(
                f"{len(specs)} models: give {argument('ensemble', True)} to average them, or run them one by one"
            )
        )
    if len(specs) == 1 and order.ensemble:
        found.append(Complaint("an ensemble needs at least 2 models, got 1: name another one"))
    return found


def _files_like(name: str, folder: Path) -> list[Path]:
    suffix = Path(name).suffix
    patterns = [*WEIGHT_FILES, *([f"*{suffix}"] if suffix else [])]
    found = {each for pattern in patterns for each in folder.glob(pattern)}
    return sorted(each for each in found if each.is_file())


def _of_options(order: Order) -> list[Complaint]:
    """Complain of what is impossible whatever the suite."""
    found = []
    if order.precision not in PRECISIONS:
        found.append(
            Complaint(
                f"precision must be one of {', '.join(PRECISIONS)}, got {order.precision!r}",
                "precision",
                closest(order.precision, PRECISIONS) or "fp32",
            )
        )
    if isinstance(order.normalisation, str) and order.normalisation not in NORMALISATIONS:
        found.append(
            Complaint(
                unknown_name("normalisation", order.normalisation, NORMALISATIONS),
                "normalisation",
                closest(order.normalisation, NORMALISATIONS),
            )
        )
    if order.batch_size is not None and order.batch_size < 1:
        found.append(
            Complaint(f"batch size must be at least 1, got {order.batch_size}", "batch_size", "1")
        )
    if order.device is not None and order.device.partition(":")[0] not in DEVICES:
        found.append(
            Complaint(
                f"device {order.device!r} cannot be used; try {argument('device', 'cpu')}",
                "device",
                "cpu",
            )
        )
    if not 0 <= order.seed < 2**64:
        found.append(Complaint(f"seed must be 0 to 2**64 - 1, got {order.seed}", "seed", "0"))
    if order.limit is not None and order.limit < 1:
        found.append(Complaint(f"limit must be at least 1, got {order.limit}", "limit", "1"))
    if order.shard is not None:
        try:
            Shard.parse(order.shard)
        except RobenchError as error:
            found.append(Complaint(str(error), "shard", "1/2"))
    if order.baseline is not None and not (Path(order.baseline) / "run.json").is_file():
        found.append(
            Complaint(f"the baseline {order.baseline} is not a run directory: it has no run.json")
        )
    return [*found, *_of_out(order)]


def _of_out(order: Order) -> list[Complaint]:
    """Complain of a folder that cannot be written or is something else."""
    if order.out is None and order.runs is None:
        return []
    given = order.out is not None
    if given and not str(order.out).strip():
        return [Complaint(f"{argument('out')} is empty: name a folder", "out", "FOLDER")]
    out = Path(order.out if order.out is not None else str(order.runs))
    instead = ("out", "FOLDER")
    if given and holds_something(out) and not (out / "run.json").is_file():
        return [
            Complaint(
                f"{out} is not empty and is not a run; choose another {argument('out')}", *instead
            )
        ]
    above = next(each for each in (out, *out.absolute().parents) if each.exists())
    if not above.is_dir():
        return [
            Complaint(
                f"cannot write {out}: {above} is a file; choose another {argument('out')}", *instead
            )
        ]
    if not os.access(above, os.W_OK):
        return [
            Complaint(
                f"cannot write {out}: {above} is read-only; choose another {argument('out')}",
                *instead,
            )
        ]
    return []


def _suite(order: Order) -> "tuple[Suite | None, list[Complaint]]":
    from robench import suites

    known = suites.registry()
    if not order.suite:
        return None, [Complaint("no suite is named: see robench list suites", "suite", "SUITE")]
    if order.suite not in known:
        sentence = unknown_name("suite", order.suite, known)
        meant = closest(order.suite, known)  # what else is asked for is checked with it
        return known[meant] if meant else None, [Complaint(sentence, "suite", meant)]
    return known[order.suite], []


def _conditions(suite: "Suite", order: Order) -> "tuple[tuple[Condition, ...], list[Complaint]]":
    """Return the conditions; complain of corruptions, severities and a temperature that the suite has not."""
    from robench import temperature_scaling

    found = []
    names = None if order.corruptions is None else tuple(order.corruptions)
    severities = None if order.severities is None else tuple(order.severities)
    for option, these in (("corruptions", (names, None)), ("severities", (None, severities))):
        try:
            suite.conditions(these[0], these[1])
        except RobenchError as error:
            found.append(Complaint(str(error), option, _possible(suite, option, order)))
    try:
        temperature_scaling.check(order.temperature, suite)
    except RobenchError as error:
        found.append(Complaint(str(error)))
    return ((), found) if found else (suite.conditions(names, severities), [])


def _possible(suite: "Suite", option: str, order: Order) -> str | None:
    """Return what the option could be: the names closest to those given, or the severities that there are."""
    if option == "severities":
        there = [level for level in order.severities or () if level in suite.severities]
        return ",".join(map(str, there or suite.severities)) or None
    known = suite.corruptions + suite.extra
    meant = [closest(name, known) for name in order.corruptions or ()]
    return ",".join(map(str, meant)) if meant and None not in meant else None


def _benchmark(
    suite: "Suite", order: Order
) -> "tuple[tuple[Benchmark, Path | None] | None, list[Complaint]]":
    """Open the data where it is; complain where it is not or where its options cannot be."""
    from robench.suites.benchmark import open_benchmark

    if suite.name == OWN_PICTURES and order.data_dir is None:
        sentence = (
            f"{suite.name} needs {argument('data_dir')}, a folder with a sub-folder per class"
        )
        return None, [Complaint(sentence, "data_dir", "FOLDER")]

    try:
        class_list = _class_list(order)
    except RobenchError as error:
        return None, [Complaint(str(error))]

    def open_in(place: Path) -> "Benchmark":
        return open_benchmark(
            suite,
            place,
            mode=order.mode,
            seed=min(max(order.seed, 0), 2**64 - 1),
            limit=order.limit if order.limit is None or order.limit > 0 else 1,
            subset=order.subset,
            preset=order.preset,
            size_px=order.size_px,
            classes=class_list,
        )

    place = Path(order.data_dir) if order.data_dir is not None else DATA_FOLDER
    try:
        return open_where_found(open_in, order.data_dir), []
    except MissingDataError as error:
        from robench.download import fetching_command

        fetch = fetching_command(suite.name, place)
        return None, [Complaint(f"{error}; fetch it: {fetch}", first=fetch)]
    except RobenchError as error:
        return None, [Complaint(str(error))]


def _class_list(order: Order) -> tuple[str, ...] | None:
    """Return the names of the classes in the order of the network's outputs, where they are given."""
    from robench.datasets.own_folder import read_class_list

    if order.classes is None or not isinstance(order.classes, str | Path):
        return None if order.classes is None else tuple(order.classes)
    return read_class_list(order.classes)
