"""CIFAR-10-C-bar, CIFAR-100-C-bar and ImageNet-C-bar: corruptions chosen to be unlike those of the -C benchmarks.

Their layouts are those of CIFAR-10-C and ImageNet-C; the folders' names are those that the authors' scripts give. The
paper has no CIFAR-100-C-bar: it is CIFAR-10-C-bar's corruptions on CIFAR-100. Errors are unnormalised.
Source: Mintun et al. 2021, "On Interaction Between Augmentations and Corruptions in Natural Corruption Robustness".
"""

from corruptions import CIFAR_BAR, IMAGENET_BAR, SEVERITIES
from robench.suites.suite import Suite

SUITES = {
    name: Suite(
        name=name,
        summary=f"{title}-C-bar: 10 corruptions unlike those of {title}-C, x 5 severities",
        dataset=name.removesuffix("-c-bar"),
        corruptions=CIFAR_BAR,
        severities=SEVERITIES,
        preset="cifar",
        folder=f"{title}-C-Bar",
    )
    for name, title in (("cifar-10-c-bar", "CIFAR-10"), ("cifar-100-c-bar", "CIFAR-100"))
} | {
    "imagenet-c-bar": Suite(
        name="imagenet-c-bar",
        summary="ImageNet-C-bar: 10 corruptions unlike those of ImageNet-C, x 5 severities",
        dataset="imagenet",
        corruptions=IMAGENET_BAR,
        severities=SEVERITIES,
        preset="imagenet",
        folder="ImageNet-C-Bar",
        tree_side_px=224,
    )
}
