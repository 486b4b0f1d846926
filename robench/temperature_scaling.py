"""``--temperature``: what the logits of a run are divided by before their probabilities are stored.

A number is used as it is. ``"fit"`` finds the number with the smallest negative log-likelihood on the clean images of
the run itself, without scoring an image by a temperature that saw it: the images of each tenth get the one fitted on
the nine others; corrupted, an image keeps that of its clean self. So no image has to be left out, and the errors are
those of the run without a temperature.

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2; fitted on clean images and used on
corrupted ones as in Ovadia et al. 2019, "Can You Trust Your Model's Uncertainty?".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from robench.arguments import argument
from robench.errors import RobenchError
from robench.progress import bar
from robench.suites import Suite
from robench.suites.benchmark import Benchmark
from robench.suites.test_sets import SUITES as CLEAN_TEST_SETS

if TYPE_CHECKING:
    import torch

    from robench.computation import Computation

FIT, GIVEN, FITTED = "fit", "given", "fitted"
FEWEST_IMAGES = 100  # fewer leave a temperature to chance
DECIMALS = 4  # far below what the images tell, above what batch sizes and machines do to it


@dataclass(frozen=True)
class Temperature:
    """What logits are divided by.

    Attributes:
        values: one for each tenth of the images, as ``robench.metrics.temperature.folds_of`` divides them; a single one
            where it was given.
        origin: ``"given"``, or in words which images they were fitted on.
    """

    values: tuple[float, ...]
    origin: str

    def divided(self, logits: "torch.Tensor", indices: NDArray[np.integer]) -> "torch.Tensor":
        """Return logits (N, K) of images with these numbers, (N,), each divided by its temperature."""
        import torch

        from robench.metrics.temperature import folds_of

        values = np.array(self.values)[folds_of(indices) if len(self.values) > 1 else 0]
        return logits / torch.as_tensor(values, dtype=logits.dtype).view(-1, 1)

    def sentence(self) -> str:
        """Return it in words, such as "2.31 (given)" or "2.25 to 2.39 (...)"."""
        ends = dict.fromkeys(f"{value:.4g}" for value in (min(self.values), max(self.values)))
        return f"{' to '.join(ends)} ({self.origin})"

    def label(self) -> str:
        """Return what is put behind a model's name."""
        return "T fitted" if self.origin != GIVEN else f"T = {self.values[0]:g}"

    def record(self) -> dict[str, Any]:
        """Return what run.json says of it."""
        return {"values": list(self.values), "origin": self.origin}


def check(asked: float | str | None, suite: Suite) -> None:
    """Raise RobenchError for what is no temperature, and for a suite that it cannot be used on."""
    if asked is None:
        return
    from robench.metrics.temperature import LARGEST, SMALLEST

    if suite.sequences:
        raise RobenchError(
            f"a temperature changes no prediction, which is all that {suite.name} is about: "
            f"leave {argument('temperature')} out"
        )
    if asked == FIT:
        if not suite.corruptions and suite.name not in CLEAN_TEST_SETS:
            raise RobenchError(
                f"{suite.name} has no clean images to fit a temperature on; fit it on its clean test set, and give the "
                f"number: {argument('temperature', 1.5)}"
            )
    elif isinstance(asked, str) or not SMALLEST <= asked <= LARGEST:
        raise RobenchError(
            f"a temperature is a number from {SMALLEST:g} to {LARGEST:g} or {FIT!r}, got {asked!r}"
        )


def recorded_or_asked(
    asked: float | str | None, recorded: Mapping[str, Any] | None
) -> list[float | str] | None:
    """Return what run.json will have as the temperature's values, as far as that is known before any is fitted."""
    if asked is None or not isinstance(asked, str):
        return None if asked is None else [asked]
    before = (recorded or {}).get("temperature")
    return list(before["values"]) if before and before["origin"] != GIVEN else [FITTED]


def arranged_temperature(
    asked: float | str | None,
    benchmark: Benchmark,
    computation: "Computation",
    *,
    recorded: Mapping[str, Any] | None,
    progress: bool,
    say: Callable[[str], object],
) -> Temperature | None:
    """Return what a run divides by: what was asked for, that of the run that is continued, or a fitted one.

    Raises RobenchError where none can be fitted: no clean images, too few, or damaged ones.
    """
    if asked is None:
        return None
    before = (recorded or {}).get("temperature")
    if not isinstance(asked, str):
        found = Temperature((asked,), GIVEN)
    elif before is not None and before["origin"] != GIVEN:
        found = Temperature(tuple(before["values"]), before["origin"])
    else:
        found = _fitted(benchmark, computation, progress)
    say(f"temperature: {found.sentence()}")
    return found


def _fitted(benchmark: Benchmark, computation: "Computation", progress: bool) -> Temperature:
    if benchmark.clean_missing:
        raise RobenchError(
            f"a temperature is fitted on clean images, and there are none: {benchmark.clean_missing}"
        )
    from robench.metrics import UndefinedMetricError
    from robench.metrics.temperature import cross_fitted_temperatures

    clean = benchmark.clean
    if len(clean.labels) < FEWEST_IMAGES:
        raise RobenchError(
            f"a temperature is fitted on {FEWEST_IMAGES} clean images or more, here are {len(clean.labels)}: evaluate "
            "more of them, or give the number"
        )
    logits = _logits_of_clean(benchmark, computation, progress)
    try:
        values = cross_fitted_temperatures(logits, clean.labels, clean.indices).round(DECIMALS)
    except UndefinedMetricError as reason:
        raise RobenchError(f"no temperature can be fitted: {reason}") from None
    origin = f"each fitted on nine tenths of {len(clean.labels):,} clean images, used on the tenth"
    return Temperature(tuple(map(float, values)), origin)


def _logits_of_clean(
    benchmark: Benchmark, computation: "Computation", progress: bool
) -> NDArray[np.float32]:
    from robench.forward_pass import ForwardPass

    clean, size = benchmark.clean, computation.batch_size
    forward = ForwardPass(computation.inference.model, computation.device, size)
    count = len(clean.labels)
    parts = []
    with bar(count, unit="img", shown=progress) as shown:
        shown.set_description("clean, for the temperature")
        for start in range(0, count, size):
            images = clean.read(start, min(start + size, count))
            parts.append(forward.logits(images, shown.update).numpy())
    return np.concatenate(parts)
