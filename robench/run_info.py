"""The content of run.json: what is evaluated, on which images, how."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from robench.provenance import library_versions, now
from robench.records import FORMAT
from robench.suites import Condition
from robench.suites.benchmark import Benchmark
from robench.temperature_scaling import Temperature, recorded_or_asked
from robench.version import VERSION

if TYPE_CHECKING:
    from robench.computation import Computation
    from robench.models import Model

# What run.json says of a model, beside its name and its normalisation, which have places of their own.
MODEL_RECORD = (
    "source",
    "sha256",
    "architecture",
    "parameters",
    "training",
    "clean_view",
    "input_size_px",
    "weights",
    "alternatives",
    "notes",
    "members",
)


def run_identity(
    model: "Model",
    benchmark: Benchmark,
    *,
    precision: str = "fp32",
    temperatures: Sequence[float | str] | None = None,
) -> dict[str, Any]:
    """Return what makes a run this one and no other: the entries of run.json that ``robench.records.IDENTITY`` names.

    ``temperatures`` are those of run.json, or None.
    """
    how, record = model.known_normalisation(), model.record()
    return {
        **_about_data(benchmark, precision, temperatures),
        "model": {key: record[key] for key in ("sha256", "architecture", "weights")},
        "preprocessing": {"mean": list(how.mean), "std": list(how.std)},
    }


def was_asked(
    info: Mapping[str, Any],
    asked: Mapping[str, Any],
    benchmark: Benchmark,
    *,
    precision: str,
    temperature: float | str | None,
) -> bool:
    """Say whether a run.json is of the same request: the same files, options and images; no model need be loaded."""
    values = recorded_or_asked(temperature, info)
    about = _about_data(benchmark, precision, values)
    return info.get("asked") == asked and all(_agrees(info, key, about) for key in about)


def _about_data(
    benchmark: Benchmark, precision: str, temperatures: Sequence[float | str] | None
) -> dict[str, Any]:
    """Return the part of a run's identity that is not the model's."""
    return {
        "robench": VERSION,
        "suite": benchmark.suite.name,
        "preset": benchmark.suite.preset,
        "seed": benchmark.seed,
        "data": {"manifest_sha256": benchmark.manifest_sha256(), "limit": _limit(benchmark)},
        "precision": precision,
        "temperature": None if temperatures is None else {"values": list(temperatures)},
    }


def _agrees(info: Mapping[str, Any], key: str, about: Mapping[str, Any]) -> bool:
    found, wanted = info.get(key), about[key]
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(found.get(each) == wanted[each] for each in wanted)
    return bool(found == wanted)


def run_info(
    model: "Model",
    benchmark: Benchmark,
    conditions: Iterable[Condition],
    computation: "Computation",
    command: Sequence[str] = (),
    temperature: Temperature | None = None,
    *,
    manifest_sha256: str | None = None,
    asked: Mapping[str, Any] | None = None,
    assumed: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the content of run.json: everything needed to know, and to repeat, what was measured.

    A model whose logits are divided by a temperature is called so: in a table it is another one. ``manifest_sha256`` is
    the benchmark's, where it is at hand; ``asked`` is what the model was asked for with, of a model in files;
    ``assumed`` says what nobody had said.
    """
    record = model.record()
    return {
        "format": FORMAT,
        "robench": VERSION,
        "command": list(command),
        "asked": None if asked is None else dict(asked),
        "assumed": list(assumed),
        "name": model.name if temperature is None else f"{model.name} ({temperature.label()})",
        "model": {
            **{key: record[key] for key in MODEL_RECORD},
            "num_classes": len(benchmark.full.classes),
        },
        "preprocessing": {
            "mean": list(model.known_normalisation().mean),
            "std": list(model.known_normalisation().std),
            "origin": model.known_normalisation().origin,
            "measured": model.known_normalisation().is_measured,
        },
        "suite": benchmark.suite.name,
        "classes_used": _classes_used(benchmark),
        "preset": benchmark.suite.preset,
        "seed": benchmark.seed,
        "data": {
            "description": benchmark.description(),
            "manifest_sha256": manifest_sha256 or benchmark.manifest_sha256(),
            "images": len(benchmark.positions),
            "available": len(benchmark.full.labels),
            "limit": _limit(benchmark),
            "subset": benchmark.subset,
            "on_the_fly": benchmark.on_the_fly,
            "other_images": benchmark.other_images,
            "notes": list(benchmark.image_notes),
        },
        "conditions": [str(condition) for condition in conditions],
        **computation.record(),
        "temperature": None if temperature is None else temperature.record(),
        "libraries": library_versions(),
        "started": now(),
        "finished": None,
        "seconds": 0.0,
    }


def _classes_used(benchmark: Benchmark) -> list[int] | None:
    used = benchmark.suite.classes_used
    return None if used is None else list(used)


def _limit(benchmark: Benchmark) -> int | None:
    count = len(benchmark.positions)
    return count if count < len(benchmark.full.labels) else None
