"""The rows of the papers' tables: which training method with which options each stands for."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from baselines import methods
from baselines.methods import Option

# suite whose runs are asked about anomalies -> the outside images; of CIFAR the user's choice.
OUTSIDE = {"cifar-10": "OUTSIDE", "cifar-100": "OUTSIDE", "imagenet-o-reference": "imagenet-o"}
DATA = "DATA"  # stands in commands for the user's folder of datasets
STYLISED = ("sin", "augmix_sin")
ATTACKED = "attack:"  # before a data set: the suite of what `robench attack` measures on it
PAPER_EPOCHS = {("imagenet", "augmix"): 180, ("imagenet", "ipmix"): 180}  # robench's default is 90


@dataclass(frozen=True)
class Variant:
    """A row of a table.

    Attributes:
        heading: how tables call it.
        method: of ``robench train``.
        options: those that differ from the method's defaults; ``on`` has more of them by dataset.
        network_prefix: what the method puts before the network's name.
    """

    heading: str
    method: str
    options: Mapping[str, Option] = field(default_factory=dict)
    on: Mapping[str, Mapping[str, Option]] = field(default_factory=dict)
    network_prefix: str = ""

    def options_on(self, dataset: str) -> dict[str, Option]:
        """Return the options that differ from the method's defaults on a dataset."""
        return {**self.options, **self.on.get(dataset, {})}

    @property
    def can_be_trained(self) -> bool:
        """Is the method one of ``robench train``?"""
        return self.method in methods.summaries()


NO_JSD = {"jsd": False}
VARIANTS = {
    "standard": Variant("Standard", "standard"),
    "cutout": Variant("Cutout", "cutout"),
    "mixup": Variant("Mixup", "mixup"),
    "cutmix": Variant("CutMix", "cutmix"),
    "autoaugment": Variant("AutoAugment*", "autoaugment", on={"imagenet": {"policy": "imagenet"}}),
    "adversarial": Variant("Adversarial training", "adversarial"),
    "augmix_no_jsd": Variant("AugMix without JSD", "augmix", NO_JSD),
    "augmix": Variant("AugMix", "augmix"),
    "patch_uniform": Variant("Patch Uniform", "patch_uniform"),
    "random_aa": Variant("Random AA*", "random_aa", NO_JSD),
    "random_aa_jsd": Variant("Random AA* with JSD", "random_aa", {"jsd": True}),
    "maxblur_pool": Variant("MaxBlur pooling", "maxblur", network_prefix="anti-aliased:"),
    "sin": Variant("Stylized ImageNet", "sin"),
    "augmix_sin": Variant("AugMix + SIN", "augmix_sin"),
    "ipmix": Variant("IPMix", "ipmix"),
    "ipmix_no_jsd": Variant("IPMix without JSD", "ipmix", NO_JSD),
    "pixmix": Variant("PixMix", "pixmix"),
    "autoaugment_full": Variant(
        "AutoAugment", "autoaugment", {"full": True}, on={"imagenet": {"policy": "imagenet"}}
    ),
    "randaugment": Variant("RandAugment", "randaugment"),
    "trivialaugment": Variant("TrivialAugment", "trivialaugment"),
    "saliencymix": Variant("SaliencyMix", "saliencymix"),
    "puzzlemix": Variant("Puzzle Mix", "puzzlemix"),
    "comixup": Variant("Co-Mixup", "comixup"),
}


@dataclass(frozen=True)
class Trained:
    """What a cell is of: a row's method, a network, the dataset it was trained on.

    ``apart`` says what else sets it apart, so that it is in no cell of the paper: another recipe, part of the images.
    Of a model whose training is no row's, ``variant`` is "" and ``apart`` begins with what it is called.
    """

    variant: str
    architecture: str
    dataset: str
    apart: str = ""


def command_of(trained: Trained, suite: str) -> str | None:
    """Return the commands that train a network and evaluate it on a suite; None where no method trains that row.

    ``DATA`` in them is the folder that holds the datasets' own folders. ImageNet-P's ratios need a run of AlexNet,
    which the commands make first.
    """
    variant = VARIANTS[trained.variant]
    if not variant.can_be_trained:
        return None
    network = trained.architecture.rpartition(":")[2]
    out = f"runs/{trained.dataset}/{network}/{trained.variant}"
    train = ["robench", "train", variant.method, "--dataset", trained.dataset, "--data-dir", DATA]
    train += ["--arch", trained.architecture]
    for option, value in variant.options_on(trained.dataset).items():
        if isinstance(value, bool):
            train.append(f"--{option}" if value else f"--no-{option}")
        else:
            train += [f"--{option}", str(value)]
    if epochs := PAPER_EPOCHS.get((trained.dataset, variant.method)):
        train += ["--epochs", str(epochs)]
    train += ["--out", out]
    parts = [_measurement(f"{out}/checkpoints/last.pt", suite, out)]
    if suite == "imagenet-p":
        parts.insert(0, _evaluation("torchvision:alexnet", suite, "runs/alexnet/imagenet-p"))
        parts[-1] += ["--baseline", "runs/alexnet/imagenet-p"]
    if variant.method in STYLISED:
        train += ["--stylised", f"{DATA}/stylised-{trained.dataset}"]
        train_parts = [_stylisation(trained.dataset), train]
    else:
        train_parts = [train]
    return " && ".join(map(shlex.join, [*train_parts, *parts]))


def _stylisation(dataset: str) -> list[str]:
    data = ["--dataset", dataset, "--data-dir", DATA, "--paintings", "PAINTINGS"]
    weights = ["--encoder", "vgg_normalised.pth", "--decoder", "decoder.pth"]
    return ["robench", "stylize", *data, *weights, "--out", f"{DATA}/stylised-{dataset}"]


def _measurement(model: str, suite: str, out: str) -> list[str]:
    """Return the command that measures what a suite stands for: an attack, anomalies, or errors."""
    if suite.startswith(ATTACKED):
        dataset = suite.removeprefix(ATTACKED)
        words = ["robench", "attack", "--model", model, "--dataset", dataset, "--data-dir", DATA]
        pgd = ["--epsilon", "2/255", "--steps", "20", "--step-size", "1/510"]
        return [*words, *pgd, "--out", f"{out}/pgd"]
    if outside := OUTSIDE.get(suite):
        words = ["robench", "detect", "--model", model, "--in", suite, "--out-data", outside]
        return [*words, "--data-dir", DATA, "--out", f"{out}/anomalies"]
    return _evaluation(model, suite, f"{out}/{suite}")


def _evaluation(model: str, suite: str, out: str) -> list[str]:
    words = ["robench", "eval", "--model", model, "--suite", suite]
    return [*words, "--data-dir", DATA, "--out", out]
