"""The papers whose tables can be regenerated."""

from collections.abc import Callable
from dataclasses import dataclass

from reports.paper.augmix_tables import augmix_tables
from reports.paper.ipmix_tables import ipmix_tables
from reports.paper.layout import PaperTable
from robench.errors import RobenchError


@dataclass(frozen=True)
class Paper:
    """``title`` with authors and year; its tables; ``has_figures``: are its figures regenerated, too?"""

    title: str
    tables: Callable[[], list[PaperTable]]
    has_figures: bool


PAPERS = {
    "augmix": Paper("AugMix (Hendrycks et al. 2020)", augmix_tables, True),
    "ipmix": Paper("IPMix (Huang et al. 2023)", ipmix_tables, False),
}


def paper_named(name: str) -> Paper:
    """Return a paper; raise RobenchError for one that is unknown."""
    if name not in PAPERS:
        raise RobenchError(
            f"no table of {name!r} is in baselines/published, so there is nothing to regenerate; known: "
            f"{', '.join(PAPERS)}"
        )
    return PAPERS[name]
