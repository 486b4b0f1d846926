"""The papers' tables as they are laid out: rows, columns, what each cell is of, and what was published there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from baselines import published
from reports.names import corruption_heading, family
from reports.paper.variants import VARIANTS, Trained
from robench.errors import RobenchError

Key = tuple[str, str]  # row, column
CLEAN = ("clean", "error")
NETWORKS = {
    "allconvnet": ("AllConvNet", "allconvnet"),
    "densenet": ("DenseNet", "densenet"),
    "wideresnet": ("WideResNet", "wrn-40-2"),
    "resnext": ("ResNeXt", "resnext29"),
}
DATASETS = {"cifar-10-c": ("CIFAR-10-C", "cifar-10"), "cifar-100-c": ("CIFAR-100-C", "cifar-100")}
RESNET50 = "torchvision:resnet50"
# What table 4 calls the rows that other tables have under another name.
ABLATION = {"random_autoaugment": "random_aa", "random_autoaugment_jsd": "random_aa_jsd"}


@dataclass(frozen=True)
class Slot:
    """What a cell holds: of which network, from a run of which suite, and which row of its tidy scores."""

    trained: Trained
    suite: str
    corruption: str
    metric: str


@dataclass(frozen=True)
class Heading:
    """What stands over a column, under a group if it has one; ``decimals`` are those of the paper."""

    text: str
    group: str = ""
    decimals: int = 1


@dataclass(frozen=True)
class PaperTable:
    """One table of a paper.

    Attributes:
        name: of the file in ``baselines.published``.
        part: tells two tables of one file apart, or "".
        title: as a caption.
        corner: over the rows' names.
        rows: key -> name; columns: key -> heading.
        slots: what fills a cell; a mean over rows has none.
        published: in percent, as printed; a cell that the paper leaves out has none.
        best_in: do the numbers compete in a "row" or a "column"?
        means: row -> the rows it is the mean of.
    """

    name: str
    part: str
    title: str
    corner: str
    rows: Mapping[str, str]
    columns: Mapping[str, Heading]
    slots: Mapping[Key, Slot]
    published: Mapping[Key, float]
    best_in: str
    means: Mapping[str, tuple[str, ...]]


def tables(paper: str) -> list[PaperTable]:
    """Return the tables of a paper in its order; raise RobenchError for an unknown paper."""
    if paper not in PAPERS:
        raise RobenchError(
            f"no table of {paper!r} is in baselines/published, so there is nothing to regenerate; known: "
            f"{', '.join(PAPERS)}"
        )
    return [table for build in PAPERS[paper] for table in build()]


def _table_1() -> list[PaperTable]:
    printed = published.load("augmix_table1")
    return [_of_dataset(printed[printed["dataset"] == dataset], dataset) for dataset in DATASETS]


def _of_dataset(printed: pd.DataFrame, suite: str) -> PaperTable:
    title, dataset = DATASETS[suite]
    names = list(printed.columns[2:])
    cells = _cells(printed.set_index("architecture")[names])
    slots = {
        (network, name): Slot(Trained(name, built, dataset), suite, "all", "mean_uce")
        for network, (_, built) in NETWORKS.items()
        for name in names
    }
    return PaperTable(
        name="augmix_table1",
        part=suite,
        title=f"Mean corruption error (%) on {title}, unnormalised",
        corner="Network",
        rows={key: heading for key, (heading, _) in NETWORKS.items()} | {"mean": "Mean"},
        columns={name: Heading(VARIANTS[name].heading) for name in names},
        slots=slots,
        published=cells,
        best_in="row",
        means={"mean": tuple(NETWORKS)},
    )


def _table_2() -> list[PaperTable]:
    title = "ImageNet-C: clean error, corruption errors (CE) and their mean (mCE) (%) of ResNet-50"
    return [_of_imagenet("augmix_table2", title, "imagenet-c", "ce", "mce", "mCE")]


def _table_3() -> list[PaperTable]:
    title = "ImageNet-P: clean error, flip rates and their mean (mFR) (%) of ResNet-50"
    return [_of_imagenet("augmix_table3", title, "imagenet-p", "flip_rate", "mfr", "mFR")]


def _of_imagenet(
    name: str, title: str, suite: str, metric: str, mean: str, mean_heading: str
) -> PaperTable:
    printed = published.load(name).set_index("method")
    inner = [key for key in printed.columns if key not in ("clean_error", mean)]
    columns = {
        "clean_error": Heading("Clean"),
        **{key: Heading(corruption_heading(key), family(key), 0) for key in inner},
        mean: Heading(mean_heading),
    }
    scored = {"clean_error": CLEAN, mean: ("all", mean)} | {key: (key, metric) for key in inner}
    return PaperTable(
        name=name,
        part="",
        title=title,
        corner="Method",
        rows={key: VARIANTS[key].heading for key in printed.index},
        columns=columns,
        slots={
            (row, column): Slot(Trained(row, RESNET50, "imagenet"), suite, *scored[column])
            for row in printed.index
            for column in columns
        },
        published=_cells(printed),
        best_in="column",
        means={},
    )


def _table_4() -> list[PaperTable]:
    printed = published.load("augmix_table4").set_index("method")
    variants = {key: ABLATION.get(key, key) for key in printed.index}
    slots = {
        (key, suite): Slot(Trained(variant, "wrn-40-2", dataset), suite, "all", "mean_uce")
        for key, variant in variants.items()
        for suite, (_, dataset) in DATASETS.items()
    }
    return [
        PaperTable(
            name="augmix_table4",
            part="",
            title="Ablation with WideResNet-40-2: mean corruption error (%), unnormalised",
            corner="Method",
            rows={key: VARIANTS[variant].heading for key, variant in variants.items()},
            columns={suite: Heading(title) for suite, (title, _) in DATASETS.items()},
            slots=slots,
            published=_cells(printed),
            best_in="column",
            means={},
        )
    ]


def _cells(printed: pd.DataFrame) -> dict[Key, float]:
    return {
        (str(row), str(column)): float(value)
        for row, values in printed.to_dict("index").items()
        for column, value in values.items()
    }


PAPERS: dict[str, tuple[Callable[[], list[PaperTable]], ...]] = {
    "augmix": (_table_1, _table_2, _table_3, _table_4),
}
