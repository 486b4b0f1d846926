"""All checks, in the order in which one would look."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from robench import suites
from robench.datasets.image_folder import ImageFolder
from robench.doctor.class_order import check_class_order
from robench.doctor.completion import measured_or_finding
from robench.doctor.crop_check import check_clean_crop, check_corrupted_crop
from robench.doctor.data_check import check_clean, check_corrupted
from robench.doctor.finding import NOTE, WRONG, Diagnosis, Finding
from robench.doctor.output_check import check_outputs
from robench.doctor.preprocessing_check import CHECK, best_of, check_preprocessing
from robench.doctor.race import race
from robench.doctor.sample import batch_size_for, sample_of
from robench.download import open_or_advise
from robench.errors import RobenchError
from robench.inference import chosen_device
from robench.models import AnyNormalisation, Model, load, wrap
from robench.suites.benchmark import Benchmark, open_benchmark

LIMIT = 500


def diagnose(
    model: Model | Callable[[torch.Tensor], torch.Tensor] | str | Path | None,
    suite: Benchmark | str,
    *,
    data_dir: str | Path | None = None,
    normalisation: AnyNormalisation | None = None,
    limit: int = LIMIT,
    batch_size: int | None = None,
    device: str | None = None,
) -> Diagnosis:
    """Look for what makes numbers wrong without an error message.

    Args:
        model: what to examine: a network or function from float32 (N, 3, H, W) to logits, a ``Model``, or a file or
            name that ``load_model`` takes; the data alone when None.
        suite: a suite's name, or what ``robench.suites.benchmark.open_benchmark`` opened.
        data_dir: the folder that holds the suite's data. When None, ``$ROBENCH_DATA``, ``data`` or the working folder,
            the first that has it. Of an opened suite, for the md5 of its files.
        normalisation: what the model is thought to have been trained with, where it does not say so itself: a name of
            ``robench.models.NORMALISATIONS``, or mean and std. Measured where nothing says it.
        limit: how many clean images the model is shown, spread over the classes; more find smaller mistakes.
        batch_size: images per forward pass; by their size when None.
        device: of torch; a GPU if there is one, else the CPU, when None.

    Raises:
        RobenchError: for a suite or model that is not known, a device that is not there, a limit below 1, data that
            cannot be read, and an ensemble, whose members are to be examined one by one.
    """
    if limit < 1:
        raise RobenchError(f"limit must be at least 1, got {limit}")
    if isinstance(suite, str):
        benchmark, data_dir = _open_suite(suite, data_dir)
    else:
        benchmark = suite
    examined, findings = _open_model(model, normalisation, benchmark, device)
    place = chosen_device(device)
    batch_size = batch_size or batch_size_for(benchmark.size_px)
    clean = check_clean(benchmark, Path(data_dir) if data_dir is not None else None)
    if clean.verdict == WRONG and isinstance(benchmark.full, ImageFolder):
        return Diagnosis((clean,))  # every other check would stop at a file that cannot be read
    shown: Model | None = None
    of_model: list[Finding] = []
    if examined is not None:
        shown, of_model = _of_model(examined.to(place), benchmark, limit, batch_size, place)
    findings += [
        clean,
        check_clean_crop(benchmark, shown, place, batch_size),
        corrupted := check_corrupted(benchmark),
    ]
    if corrupted.verdict != WRONG:
        findings.append(check_corrupted_crop(benchmark))
    return Diagnosis((*findings, *of_model))


def _open_suite(name: str, data_dir: str | Path | None) -> tuple[Benchmark, Path]:
    suite = suites.registry()[name]
    return open_or_advise(lambda place: open_benchmark(suite, place), data_dir, name)


def _open_model(
    model: Model | Callable[[torch.Tensor], torch.Tensor] | str | Path | None,
    normalisation: AnyNormalisation | None,
    benchmark: Benchmark,
    device: str | None,
) -> tuple[Model | None, list[Finding]]:
    """Return the model, None where there is none that can be examined, and what was measured of it or why not."""
    if model is None:
        return None, []
    if isinstance(model, str | Path):
        classes = len(benchmark.full.classes)
        model = load(model, classes=classes, normalisation=normalisation)
    else:
        model = wrap(model, normalisation=normalisation)
    if model.members:
        raise RobenchError("an ensemble cannot be examined; give its members one by one")
    measured: list[str] = []
    examined, findings = measured_or_finding(model, benchmark, True, device, measured.append)
    return examined, [*(Finding(CHECK, NOTE, line.strip()) for line in measured), *findings]


def _of_model(
    model: Model, benchmark: Benchmark, limit: int, batch_size: int, device: torch.device
) -> tuple[Model | None, list[Finding]]:
    """Return the model with the preprocessing that fits it, or None where none can be told, and the findings."""
    sample = sample_of(benchmark, limit)
    outputs = check_outputs(model, sample, device)
    if outputs.verdict == WRONG and "probabilities" not in outputs.sentence:
        return None, [outputs]
    result = race(model, sample, device, batch_size)
    found = result.finished
    preprocessing = check_preprocessing(found, result.beaten, result.order is not None)
    order = check_class_order(found, sample.labels[: len(found[0].is_error)], sample.classes)
    best = best_of(found).preprocessing
    shown = None if best.is_bgr else replace(model, normalisation=best.normalisation)
    return shown, [outputs, preprocessing, order]
