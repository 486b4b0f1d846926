"""The bar with the time left: drawn on a terminal and in a notebook, a line every 10% where output is piped."""

import sys
import warnings
from typing import Any

from tqdm import TqdmWarning, tqdm

STEPS = 10  # lines that piped output gets in all


class ProgressLines(tqdm):
    """A bar for a file or a pipe: a line whenever another tenth is done."""

    _told: int | None = None

    def display(self, msg: str | None = None, pos: int | None = None) -> bool:  # type: ignore[override]  # as it is
        """Print a line if a tenth was passed since the last one."""
        done = STEPS * self.n // self.total if self.total else 0
        if self._told is None:  # of a run that goes on, what was done before is no news
            self._told = int(done)
        if done > self._told:
            self._told = int(done)
            print(self._line(), file=self.fp, flush=True)
        return True

    def clear(self, *arguments: Any, **options: Any) -> None:
        """Leave what was printed."""

    def close(self) -> None:
        """Print the last line, if all is done, and nothing else."""
        if not self.disable:
            self.display()
            self.disable = True
            self._decr_instances(self)  # type: ignore[attr-defined]  # what closing does, but for printing

    def _line(self) -> str:
        amount = self.format_sizeof if self.unit_scale else "{:,}".format
        total = self.total or self.n
        what = f"{self.desc.removesuffix(': ')}: " if self.desc else ""
        taken = self.format_dict["elapsed"]
        rate = (self.n - self.initial) / taken if taken else 0
        left = ""
        if rate and self.n < total:
            left = f", {self.format_interval((total - self.n) / rate)} left"
        speed = f", {self.format_sizeof(rate)}{self.unit}/s" if rate else ""
        return (
            f"{what}{self.n / total:.0%} ({amount(self.n)} of {amount(total)} {self.unit}), "
            f"{self.format_interval(taken)}{left}{speed}"
        )


def bar(
    total: float | None,
    *,
    unit: str,
    shown: bool = True,
    desc: str = "",
    initial: int = 0,
    unit_scale: bool = False,
) -> "tqdm[Any]":
    """Return a bar over ``total`` units on stderr, to be used as a context; it counts even where it is not ``shown``.

    Its ``update``, ``set_description``, ``set_postfix`` and ``close`` are those of ``tqdm``.
    """
    kind: type[tqdm[Any]] = tqdm
    if "ipykernel" in sys.modules:
        with warnings.catch_warnings():
            # Without ipywidgets it is a bar of text, which needs no warning.
            warnings.simplefilter("ignore", TqdmWarning)
            from tqdm.auto import tqdm as kind
    elif not sys.stderr.isatty():
        kind = ProgressLines
    return kind(
        total=total,
        unit=unit,
        desc=desc or None,
        initial=initial,
        unit_scale=unit_scale,
        disable=not shown,
        dynamic_ncols=True,
    )
