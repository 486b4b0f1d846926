"""The AugMix paper's Tables 1 and 4 on CIFAR-10-C with the networks that were trained here, and its Figures 5 and 6."""

import functools
from pathlib import Path

import pandas as pd
from reproduction.cells import RESULTS, table

from reports.paper.augmix_tables import augmix_tables
from reports.paper.figures import figures
from reports.paper.opened import open_runs
from reports.paper.paper import paper_article
from reports.paper.variants import VARIANTS

PICTURES = Path(__file__).parent
NETWORKS = {
    "allconvnet": "AllConvNet",
    "densenet": "DenseNet",
    "wideresnet": "WideResNet",
    "resnext": "ResNeXt",
}


def table_1() -> str:
    """Return Table 1's part on CIFAR-10-C: the mean corruption error of four published networks, and of ours."""
    cells = _cells("augmix_table1").query("part == 'cifar-10-c'")
    printed = cells.pivot(index="column", columns="row", values="published")
    measured = _measured(cells, "column")
    rows = [
        (
            VARIANTS[name].heading,
            *(f"{printed.loc[name, network]:.1f}" for network in NETWORKS),
            measured.get(name, ""),
        )
        for name in cells["column"].drop_duplicates()
    ]
    return table(("method", *NETWORKS.values(), "ResNet-20, measured"), rows)


def table_4() -> str:
    """Return Table 4's part on CIFAR-10-C: the ablation of AugMix, published of WideResNet-40-2, and ours."""
    (layout,) = (each for each in augmix_tables() if each.name == "augmix_table4")
    measured = _measured(_cells("augmix_table4").query("column == 'cifar-10-c'"), "row")
    rows = []
    for key, name in layout.rows.items():
        variant = layout.slots[key, "cifar-10-c"].trained.variant
        printed = layout.published[key, "cifar-10-c"]
        rows.append((name, f"{printed:.1f}", measured.get(variant, "")))
    return table(("method", "WideResNet-40-2, published", "ResNet-20, measured"), rows)


def write_figures() -> None:
    """Draw Figures 5 and 6 of the networks that were trained here."""
    for drawing in figures(open_runs(_runs(), any_recipe=False), pooled=False):
        if "resnet20" in drawing.stem:
            name = drawing.stem.replace("cifar-10-c-error-", "").replace("-epochs-10", "")
            (PICTURES / f"{name}.png").write_bytes(drawing.render("png"))


def _runs() -> list[Path]:
    return sorted((RESULTS / "trained").glob("*/cifar-10-[cp]"))


def _cells(name: str) -> pd.DataFrame:
    """Return the cells of a table of the paper, and of the rows of ours below it."""
    rows = _rows()
    return rows[rows["table"] == name]


@functools.cache
def _rows() -> pd.DataFrame:
    return paper_article("augmix", _runs())[1]


def _measured(cells: pd.DataFrame, key: str) -> dict[str, str]:
    """Return method -> what was measured of it."""
    rows = cells.dropna(subset="measured")
    return {row[key].partition("|")[0]: _text(row) for _, row in rows.iterrows()}


def _text(row: pd.Series) -> str:
    text = f"{row['measured']:.1f} [{row['low']:.1f}, {row['high']:.1f}]"
    return f"{text}, {row['runs']} seeds" if row["runs"] > 1 else text
