"""Tables 1 to 4 of the AugMix paper. Source: Hendrycks et al. 2020."""

import pandas as pd

from baselines import published
from reports.names import corruption_heading, family
from reports.paper.layout import (
    CLEAN,
    DATASETS,
    RESNET50,
    Heading,
    PaperTable,
    Slot,
    printed_cells,
)  # fmt: skip
from reports.paper.variants import VARIANTS, Trained

NETWORKS = {
    "allconvnet": ("AllConvNet", "allconvnet"),
    "densenet": ("DenseNet", "densenet"),
    "wideresnet": ("WideResNet", "wrn-40-2"),
    "resnext": ("ResNeXt", "resnext29"),
}
# What table 4 calls the rows that other tables have under another name.
ABLATION = {"random_autoaugment": "random_aa", "random_autoaugment_jsd": "random_aa_jsd"}


def augmix_tables() -> list[PaperTable]:
    """Return the paper's tables in its order."""
    return [*_table_1(), *_table_2(), *_table_3(), *_table_4()]


def _table_1() -> list[PaperTable]:
    printed = published.load("augmix_table1")
    return [_of_dataset(printed[printed["dataset"] == dataset], dataset) for dataset in DATASETS]


def _of_dataset(printed: pd.DataFrame, suite: str) -> PaperTable:
    title, dataset = DATASETS[suite]
    names = list(printed.columns[2:])
    cells = printed_cells(printed.set_index("architecture")[names])
    slots = {
        (network, name): Slot(Trained(name, built, dataset), suite, "all", "mean_uce")
        for network, (_, built) in NETWORKS.items()
        for name in names
    }
    return PaperTable(
        name="augmix_table1",
        part=suite,
        heading="Table 1",
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
        heading=f"Table {name[-1]}",
        title=title,
        corner="Method",
        rows={key: VARIANTS[key].heading for key in printed.index},
        columns=columns,
        slots={
            (row, column): Slot(Trained(row, RESNET50, "imagenet"), suite, *scored[column])
            for row in printed.index
            for column in columns
        },
        published=printed_cells(printed),
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
            heading="Table 4",
            title="Ablation with WideResNet-40-2: mean corruption error (%), unnormalised",
            corner="Method",
            rows={key: VARIANTS[variant].heading for key, variant in variants.items()},
            columns={suite: Heading(title) for suite, (title, _) in DATASETS.items()},
            slots=slots,
            published=printed_cells(printed),
        )
    ]
