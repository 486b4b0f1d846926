"""The papers whose tables can be regenerated."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from robench.errors import RobenchError

if (
    TYPE_CHECKING
):  # tables are made of data frames, and a wrong name is to be told before these are loaded
    from reports.paper.layout import PaperTable


@dataclass(frozen=True)
class Paper:
    """``title`` with authors and year; ``has_figures``: are its figures regenerated, too?"""

    name: str
    title: str
    has_figures: bool

    def tables(self) -> "list[PaperTable]":
        """Return its tables, as ``reports.paper.<name>_tables`` lays them out."""
        module = importlib.import_module(f"reports.paper.{self.name}_tables")
        tables: list[PaperTable] = getattr(module, f"{self.name}_tables")()
        return tables


PAPERS = {
    "augmix": Paper("augmix", "AugMix (Hendrycks et al. 2020)", True),
    "ipmix": Paper("ipmix", "IPMix (Huang et al. 2023)", False),
}


def paper_named(name: str) -> Paper:
    """Return a paper; raise RobenchError for one that is unknown."""
    if name not in PAPERS:
        raise RobenchError(
            f"no table of {name!r} is in baselines/published, so there is nothing to regenerate; known: "
            f"{', '.join(PAPERS)}"
        )
    return PAPERS[name]
