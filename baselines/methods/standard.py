"""Ordinary training: cross-entropy on the flipped and cropped image, the first column of every table."""

from dataclasses import dataclass

from baselines.methods.method import Method


@dataclass(frozen=True)
class Standard(Method):
    """No augmentation but the recipe's flip and crop."""

    summary = "cross-entropy on flipped and cropped images"


METHODS = {"standard": Standard}
