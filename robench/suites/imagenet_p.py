"""ImageNet-P and Tiny-ImageNet-P: ten perturbation sequences as videos.

ImageNet-P is made of ImageNet's validation images; Tiny-ImageNet-P is not made of Tiny ImageNet's (see
``robench/suites/clean_images.py``).

ImageNet-P's mFR and mT5D are means of ratios to AlexNet's flip probabilities and top-5 distances, which are published
nowhere: they are given for a run of AlexNet that the user names, and refused without one. Tiny-ImageNet-P has no
baseline. The published videos are compressed and lose detail; sequences made on the fly are not, and give other
numbers.

Source: Hendrycks & Dietterich 2019, section 4; the authors' ImageNet-P/test.py.
"""

from corruptions import CORE_IMAGENET, EXTRA_IMAGENET
from robench.suites.suite import Suite

SUITES = {
    "imagenet-p": Suite(
        name="imagenet-p",
        summary="ImageNet-P: 10 perturbation sequences of ImageNet's validation images, 224 px",
        dataset="imagenet",
        corruptions=CORE_IMAGENET,
        severities=(),
        preset="imagenet",
        folder="ImageNet-P",
        tree_side_px=224,
        sequences=True,
        extra=EXTRA_IMAGENET,
        baseline="alexnet",
    ),
    "tiny-imagenet-p": Suite(
        name="tiny-imagenet-p",
        summary="Tiny-ImageNet-P: 10 perturbation sequences of ImageNet's crops, 64 px",
        dataset="tiny-imagenet",
        corruptions=CORE_IMAGENET,
        severities=(),
        preset="tiny",
        folder="Tiny-ImageNet-P",
        clean_folder="imagenet_val_bbox_crop",
        tree_side_px=64,
        sequences=True,
        extra=EXTRA_IMAGENET,
    ),
}
