"""What the IPMix paper compares: corruptions, consistency, attack, calibration, shifted images, anomalies.

Source: Huang et al. 2023 and its published code. We could not read the paper's tables themselves: what
``baselines.published`` holds of them comes from where it says, and a cell that it does not hold is marked as unknown.
"""

from collections.abc import Mapping
from typing import NamedTuple

from baselines import published
from reports.paper.layout import (
    CLEAN,
    DATASETS,
    RESNET50,
    Heading,
    Key,
    PaperTable,
    Slot,
    printed_cells,
)  # fmt: skip
from reports.paper.variants import ATTACKED, VARIANTS, Trained

UNKNOWN = "?"
# architecture of the published table -> heading, network; the published code drops out 0.3 in wide networks.
NETWORKS = {
    "wrn-40-4": ("WideResNet-40-4", "wrn-40-4-dropout"),
    "wrn-28-10": ("WideResNet-28-10", "wrn-28-10-dropout"),
    "resnext29": ("ResNeXt-29", "resnext29"),
    "resnet18": ("ResNet-18", "resnet18"),
}
COMPARED = ("standard", "cutout", "mixup", "cutmix", "augmix", "pixmix")
CALIBRATION = "rms_calibration_error_reference"


class Place(NamedTuple):
    """The suite and the score of a column, whatever the row."""

    suite: str
    corruption: str
    metric: str
    outside: str = ""


DETECTION = {"auroc": "AUROC", "aupr": "AUPR", "fpr95": "FPR95"}


def ipmix_tables() -> list[PaperTable]:
    """Return the paper's comparisons on CIFAR, on ImageNet and of anomaly detection."""
    measures = [_of_dataset(suite) for suite in DATASETS]
    return [*measures, _methods(), _imagenet(), _detection()]


def _of_dataset(suite: str) -> PaperTable:
    """Return the measures of the methods with WideResNet-40-4, and of IPMix with every network."""
    title, dataset = DATASETS[suite]
    printed = published.load("ipmix_networks")
    ours = printed[printed["dataset"] == dataset].set_index("architecture").drop(columns="dataset")
    rows = {name: VARIANTS[name].heading for name in COMPARED}
    rows |= {key: f"IPMix, {heading}" for key, (heading, _) in NETWORKS.items()}
    trained = {name: Trained(name, NETWORKS["wrn-40-4"][1], dataset) for name in COMPARED}
    trained |= {key: Trained("ipmix", built, dataset) for key, (_, built) in NETWORKS.items()}
    columns: dict[str, tuple[Heading, Place]] = {
        "clean_error": (Heading("Clean"), Place(suite, *CLEAN)),
        "mean_corruption_error": (Heading(title), Place(suite, "all", "mean_uce")),
        "mean_flip_probability": (
            Heading(f"{title[:-1]}P flips"),
            Place(f"{dataset}-p", "all", "mean_flip_probability"),
        ),
        "adversarial_error": (
            Heading("PGD 2/255"),
            Place(ATTACKED + dataset, "all", "adversarial_error"),
        ),
        "rms_calibration_error": (Heading("RMS calibration"), Place(suite, "clean", CALIBRATION)),
    }
    return PaperTable(
        name="ipmix_networks",
        part=suite,
        heading="Safety measures on CIFAR",
        title=f"{title[:-2]}: errors, flip probability and calibration (%); methods with WideResNet-40-4",
        corner="Method",
        rows=rows,
        columns={key: heading for key, (heading, _) in columns.items()},
        slots=_slots(trained, {key: place for key, (_, place) in columns.items()}),
        published=printed_cells(ours),
        unknown=UNKNOWN,
    )


def _methods() -> PaperTable:
    printed = published.load("ipmix_methods").set_index("method")
    suite = "cifar-100-c"
    network = NETWORKS["wrn-28-10"][1]
    trained = {name: Trained(MORE.get(name, name), network, "cifar-100") for name in printed.index}
    places = {
        "clean_error": Place(suite, *CLEAN),
        "mean_corruption_error": Place(suite, "all", "mean_uce"),
    }
    return PaperTable(
        name="ipmix_methods",
        part="",
        heading="Accuracy and robustness of every method",
        title="CIFAR-100 and CIFAR-100-C: clean error and mean corruption error (%), WideResNet-28-10",
        corner="Method",
        rows={name: VARIANTS[each.variant].heading for name, each in trained.items()},
        columns={"clean_error": Heading("Clean"), "mean_corruption_error": Heading("CIFAR-100-C")},
        slots=_slots(trained, places),
        published=printed_cells(printed),
        unknown=UNKNOWN,
    )


# What the authors' figure calls rows that are no row of another table: AutoAugment is not AugMix's version of it.
MORE = {"autoaugment": "autoaugment_full"}


def _imagenet() -> PaperTable:
    columns: dict[str, tuple[Heading, Place]] = {
        "clean_error": (Heading("Clean"), Place("imagenet-c", *CLEAN)),
        "mce": (Heading("ImageNet-C mCE"), Place("imagenet-c", "all", "mce")),
        "mfr": (Heading("ImageNet-P mFR"), Place("imagenet-p", "all", "mfr")),
        "imagenet_r": (Heading("ImageNet-R"), Place("imagenet-r", *CLEAN)),
        "imagenet_a": (Heading("ImageNet-A"), Place("imagenet-a", *CLEAN)),
        "rms_calibration_error": (
            Heading("RMS calibration"),
            Place("imagenet-c", "clean", CALIBRATION),
        ),
        "imagenet_o": (
            Heading("ImageNet-O AUPR", higher_is_better=True),
            Place("imagenet-o-reference", "all", "aupr_max_softmax", "imagenet-o"),
        ),
    }
    rows = ("standard", "cutout", "mixup", "cutmix", "augmix", "pixmix", "ipmix")
    trained = {name: Trained(name, RESNET50, "imagenet") for name in rows}
    return PaperTable(
        name="ipmix_imagenet",
        part="",
        heading="ImageNet",
        title="ImageNet-C, -P, -R, -A and -O: errors, mCE, mFR, calibration and AUPR (%) of ResNet-50",
        corner="Method",
        rows={name: VARIANTS[name].heading for name in rows},
        columns={key: heading for key, (heading, _) in columns.items()},
        slots=_slots(trained, {key: place for key, (_, place) in columns.items()}),
        published={},
        unknown=UNKNOWN,
    )


def _detection() -> PaperTable:
    """Return anomaly detection; the outside images are those that the runs were shown, as the paper's are unknown."""
    rows = (*COMPARED, "ipmix")
    columns, slots = {}, dict[Key, Slot]()
    for title, dataset in DATASETS.values():
        for metric, heading in DETECTION.items():
            key = f"{dataset}_{metric}"
            columns[key] = Heading(heading, title[:-2], higher_is_better=metric != "fpr95")
            for row in rows:
                trained = Trained(row, NETWORKS["wrn-40-4"][1], dataset)
                slots[row, key] = Slot(trained, dataset, "all", f"{metric}_max_softmax")
    return PaperTable(
        name="ipmix_detection",
        part="",
        heading="Anomaly detection",
        title="Anomaly detection by the maximum softmax (%), WideResNet-40-4; mean over the sets of outside images",
        corner="Method",
        rows={name: VARIANTS[name].heading for name in rows},
        columns=columns,
        slots=slots,
        published={},
        unknown=UNKNOWN,
    )


def _slots(trained: Mapping[str, Trained], places: Mapping[str, Place]) -> dict[Key, Slot]:
    """Return the slots of rows x columns."""
    return {
        (row, column): Slot(each, place.suite, place.corruption, place.metric, place.outside)
        for row, each in trained.items()
        for column, place in places.items()
    }
