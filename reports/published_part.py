"""Where runs stand among the published models of their suite."""

import pandas as pd

from reports import drawings
from reports.grid import Column, grid
from reports.results import Results
from reports.run_parts import Illustration
from reports.tables.against_published import published_points

ERRORS = ("clean_error", "mean_corruption_error")
COLUMNS = (
    Column("clean_error", "Clean error (%)"),
    Column("mean_corruption_error", "Mean corruption error (%)"),
    Column("protocol", "Measured on", "text"),
)


def published_part(results: Results, table: pd.DataFrame) -> Illustration | None:
    """Return the runs among published models; None for mixed runs and where either has no such number.

    ``table`` is the summary.
    """
    known = table.dropna(subset=list(ERRORS))
    points = published_points(results.infos[0]["suite"])
    if results.mixed or known.empty or points.empty:
        return None
    differing = _differing(results)
    of_runs = known.assign(model=known.index, protocol=f"this report{differing}", published=False)
    whole = pd.concat(
        [of_runs, points.assign(published=True).replace({"protocol": {"": "the published files"}})],
        ignore_index=True,
    )
    ends = [f"{quantity}_{end}" for quantity in ERRORS for end in ("low", "high")]
    shown = whole[["model", "published", *ERRORS, *ends, "protocol"]]
    drawing = drawings.published_drawing(shown.drop(columns="protocol"), differing)
    numbers = grid(shown.set_index("model"), COLUMNS, "Beside published models", "Model")
    return Illustration(drawing, numbers)


def _differing(results: Results) -> str:
    """Return how the runs' images differ from the published models'; they are alike among the runs."""
    data = results.infos[0]["data"]
    found = []
    if " on the fly (" in data["description"]:
        found.append("corrupted on the fly")
    if data["limit"] is not None:
        found.append(f"{data['images']:,} images")
    return f"; the runs: {', '.join(found)}" if found else ""
