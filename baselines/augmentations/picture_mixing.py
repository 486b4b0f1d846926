"""How strongly an image and a mixing picture are mixed, as PixMix and IPMix draw it.

Source: Hendrycks et al. 2022, "PixMix: Dreamlike Pictures Comprehensively Improve Safety Measures",
appendix, and its published code; IPMix took it over.
"""

import numpy as np
from numpy.typing import NDArray

Uniforms = NDArray[np.float64]


def strengths(
    beta: float, branch: Uniforms, first: Uniforms, second: Uniforms
) -> NDArray[np.float32]:
    """Draw the strengths a of the image and b of the picture.

    With probability 1/2, a ~ Beta(beta, 1) and b ~ Beta(1, beta): a larger ``beta`` leaves more of the
    image and less of the picture. Else a ~ 1 + Beta(1, beta) and -b ~ Beta(1, beta): the picture is
    taken away from a strengthened image.

    Args:
        beta: above 0; 3 on CIFAR, 4 on ImageNet.
        branch, first, second: numbers uniform in (0, 1), of one shape.

    Returns:
        float32, that shape with a last axis of 2: a, b.
    """
    # The inverse distribution functions of Beta(beta, 1) and Beta(1, beta), which mirror each other.
    large, small, small_again = (
        first ** (1 / beta),
        1 - second ** (1 / beta),
        1 - first ** (1 / beta),
    )
    towards = branch < 0.5
    a = np.where(towards, large, 1 + small_again)
    b = np.where(towards, small, -small)
    return np.stack([a, b], axis=-1).astype(np.float32)
