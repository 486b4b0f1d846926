"""What an attack leaves behind."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Attacked:
    """The images after an attack, and whether it succeeded.

    Attributes:
        images: float32 (N, 3, H, W) in [0, 1]: the adversarial image; the clean one where that is misclassified
            already; the last attempt where none succeeded.
        wrong: bool (N,): is the image in ``images`` misclassified? Its mean is the adversarial error.
        clean_wrong: bool (N,): was the clean image misclassified?
        without_gradient: bool (N,): every gradient the attack saw for this image was exactly zero, so that it had no
            direction to go and its failure says nothing about the image.
    """

    images: Tensor
    wrong: NDArray[np.bool_]
    clean_wrong: NDArray[np.bool_]
    without_gradient: NDArray[np.bool_]
