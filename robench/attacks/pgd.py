"""Projected gradient descent: walk up the loss, stay in the ball.

Source: Madry et al. 2018, "Towards Deep Learning Models Resistant to Adversarial Attacks". From a random point of the
ball, each step goes along the sign (l_inf) or the direction (l_2) of the gradient of the cross-entropy, then back into
the ball and into [0, 1]. As in the papers' tables the image after the last step counts, not the worst on the way. An
image counts as wrong when its clean version is misclassified or any restart succeeds.

The random start of an image depends on (seed, norm, restart, image index) alone, so the error depends on batch size and
device by floating-point rounding only.

PGD gives a lower bound of the adversarial error. A model whose softmax saturates gives it gradients of exactly zero;
how many images that happened to is reported, and AutoAttack is the remedy.
"""

import math

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from corruptions.keyed_random import KeyedRandom
from robench.attacks.attacked import Attacked
from robench.attacks.norm_ball import NormBall
from robench.attacks.target import Target, target_of
from robench.errors import RobenchError
from robench.models import Model


def pgd(
    model: Model,
    images: NDArray[np.uint8],
    labels: ArrayLike,
    *,
    norm: str = "linf",
    epsilon: float = 8 / 255,
    step_size: float | None = None,
    steps: int = 20,
    restarts: int = 1,
    seed: int = 0,
    indices: ArrayLike | None = None,
    device: str | torch.device | None = None,
) -> Attacked:
    """Attack a batch of images.

    Args:
        model: the classifier with its preprocessing, which happens after the perturbation.
        images: uint8 (N, H, W, 3).
        labels: (N,), each image's true class.
        norm: ``"linf"`` or ``"l2"``.
        epsilon: the largest perturbation, for pixels in [0, 1].
        step_size: in the same unit; 2.5 epsilon / steps when None, as in the source.
        steps: gradients per restart.
        restarts: random starts per image, tried until one succeeds.
        seed: 0 to 2**64 - 1, of the random starts.
        indices: (N,), each image's number in its dataset; 0 .. N-1 when None.
        device: of torch; the CPU when None.

    Raises:
        RobenchError: for a setting that makes no sense, and a model without gradients.
    """
    ball = NormBall(norm, epsilon)
    step = usual_step_size(epsilon, steps) if step_size is None else step_size
    _refuse_nonsense(step, steps, restarts, seed)
    target = target_of(model, device)
    numbers = np.arange(len(images)) if indices is None else np.asarray(indices, np.int64)
    truth = torch.as_tensor(np.asarray(labels, np.int64), device=target.device)
    found = target.pixels(images)
    clean_wrong = target.predictions(found) != truth
    wrong, without_gradient = clean_wrong.clone(), ~clean_wrong
    clean = found.clone()
    for restart in range(restarts):
        left = torch.nonzero(~wrong).flatten()
        if not len(left):
            break
        random = KeyedRandom(seed, f"pgd {norm}", restart, numbers[left.cpu().numpy()])
        start = ball.start(random, clean[left])
        walked, had_gradient = _walk(target, clean[left], start, truth[left], ball, step, steps)
        found[left] = walked
        wrong[left] = target.predictions(walked) != truth[left]
        without_gradient[left] &= ~had_gradient
    return Attacked(
        found, wrong.cpu().numpy(), clean_wrong.cpu().numpy(), without_gradient.cpu().numpy()
    )


def _walk(
    target: Target,
    clean: Tensor,
    perturbation: Tensor,
    truth: Tensor,
    ball: NormBall,
    step: float,
    steps: int,
) -> tuple[Tensor, Tensor]:
    """Return the images after the last step, and bool (N,): was any of the image's gradients not zero?"""
    had_gradient = torch.zeros_like(truth, dtype=torch.bool)
    image = (clean + perturbation).clamp(0, 1)
    for _ in range(steps):
        gradient = target.loss_gradient(image, truth)
        had_gradient |= gradient.flatten(1).any(1)
        perturbation = ball.project(image + step * ball.ascent(gradient) - clean)
        # Clipping to [0, 1] moves towards the clean image in every pixel and so cannot leave the ball.
        image = (clean + perturbation).clamp(0, 1)
    return image, had_gradient


def usual_step_size(epsilon: float, steps: int) -> float:
    """Return 2.5 epsilon / steps, which reaches any point of the ball from any other with steps to spare."""
    if steps < 1:
        raise RobenchError(f"steps must be at least 1, got {steps}")
    return 2.5 * epsilon / steps


def _refuse_nonsense(step: float, steps: int, restarts: int, seed: int) -> None:
    if steps < 1 or restarts < 1:
        raise RobenchError(
            f"steps and restarts must be at least 1, got {steps} steps and {restarts} restarts"
        )
    if not math.isfinite(step) or step <= 0:
        raise RobenchError(f"step size must be a positive number, got {step}")
    if not 0 <= seed < 2**64:
        raise RobenchError(f"seed must be 0 to 2**64 - 1, got {seed}")
