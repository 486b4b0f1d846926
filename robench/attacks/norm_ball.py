"""The perturbations an attack may make: those of bounded size in one norm.

Images are in [0, 1], so an epsilon of 2/255 in the l_inf norm is two of 255 grey levels in every channel of every
pixel, and an epsilon of 0.5 in the l_2 norm is a Euclidean length over all channels and pixels of an image.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from corruptions.keyed_random import KeyedRandom
from robench.errors import RobenchError

NORMS = ("linf", "l2")
TINY = (
    1e-12  # keeps 0/0 from becoming NaN; far below the length of any gradient that points somewhere
)


@dataclass(frozen=True)
class NormBall:
    """All perturbations, float32 (N, C, H, W), whose ``norm`` per image is at most ``epsilon``.

    Raises RobenchError for an unknown norm, and for an epsilon that is not positive or, in l_inf, above 1.
    """

    norm: str
    epsilon: float

    def __post_init__(self) -> None:
        if self.norm not in NORMS:
            raise RobenchError(f"norm must be one of {', '.join(NORMS)}, got {self.norm!r}")
        if not math.isfinite(self.epsilon) or self.epsilon <= 0:
            raise RobenchError(f"epsilon must be a positive number, got {self.epsilon}")
        if self.norm == "linf" and self.epsilon > 1:
            raise RobenchError(
                f"epsilon is in units of the whole range of a pixel, 0 to 1, got {self.epsilon}; "
                f"{self.epsilon:g} of 255 grey levels are {self.epsilon:g}/255"
            )

    def start(self, random: KeyedRandom, like: Tensor) -> Tensor:
        """Draw perturbations uniformly from the ball, one per image, each from its own stream of numbers."""
        shape = tuple(like.shape[1:])
        if self.norm == "linf":
            drawn = random.uniform(shape, -self.epsilon, self.epsilon)
            return torch.from_numpy(drawn).to(like)
        direction = torch.from_numpy(random.normal(shape)).to(like)
        share = torch.from_numpy(random.uniform((1, 1, 1)) ** (1 / math.prod(shape))).to(like)
        return direction / lengths(direction) * share * self.epsilon

    def ascent(self, gradient: Tensor) -> Tensor:
        """Return the steepest step of size 1 in this norm; zero where the gradient is zero."""
        return gradient.sign() if self.norm == "linf" else gradient / lengths(gradient)

    def project(self, perturbation: Tensor) -> Tensor:
        """Return the nearest perturbations in the ball."""
        if self.norm == "linf":
            return perturbation.clamp(-self.epsilon, self.epsilon)
        return perturbation * (self.epsilon / lengths(perturbation)).clamp(max=1)


def lengths(perturbation: Tensor) -> Tensor:
    """Return the Euclidean length per image, (N, 1, 1, 1), at least ``TINY``."""
    return perturbation.flatten(1).norm(dim=1).clamp_min(TINY).view(-1, 1, 1, 1)
