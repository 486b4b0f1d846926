"""ImageNet-C and Tiny-ImageNet-C: 15 corruptions x 5 severities as JPEG files.

ImageNet-C is made of ImageNet's validation images; Tiny-ImageNet-C is not made of Tiny ImageNet's (see
``robench/suites/clean_images.py``).

ImageNet-C divides by AlexNet's errors; Tiny-ImageNet-C has no baseline of its own that is published in figures, so its
errors stay as they are. Source: Hendrycks & Dietterich 2019.
"""

from corruptions import BENCHMARK, EXTRA, SEVERITIES
from robench.suites.suite import Suite

SUITES = {
    "imagenet-c": Suite(
        name="imagenet-c",
        summary="ImageNet-C: 15 corruptions x 5 severities of ImageNet's validation images, 224 px",
        dataset="imagenet",
        corruptions=BENCHMARK,
        extra=EXTRA,
        severities=SEVERITIES,
        preset="imagenet",
        folder="ImageNet-C",
        normaliser="alexnet_imagenet_c",
        tree_side_px=224,
    ),
    "tiny-imagenet-c": Suite(
        name="tiny-imagenet-c",
        summary="Tiny-ImageNet-C: 15 corruptions x 5 severities of ImageNet's crops, 64 px",
        dataset="tiny-imagenet",
        corruptions=BENCHMARK,
        extra=EXTRA,
        severities=SEVERITIES,
        preset="tiny",
        folder="Tiny-ImageNet-C",
        clean_folder="imagenet_val_bbox_crop",
        tree_side_px=64,
    ),
}
