"""AutoAttack, through the packaged form of its authors' code (``pip install robench[attacks]``).

Four attacks without settings, each on the images the last one left: APGD on the cross-entropy, targeted APGD on the
difference of logits, targeted FAB and the gradient-free Square. pyautoattack rather than torchattacks, because the
latter pins a version of requests from 2020.

Its random numbers come from one stream per batch, seeded anew for each: unlike ``pgd``, a result depends on the batch
size. Nothing else of the process's random state is touched.

Source: Croce & Hein 2020, "Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free
Attacks".
"""

import importlib.util

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from robench.attacks.attacked import Attacked
from robench.attacks.norm_ball import NormBall
from robench.attacks.target import Target, target_of
from robench.errors import RobenchError
from robench.models import Model

NAMES = {"linf": "Linf", "l2": "L2"}
FEWEST_CLASSES = 4  # its targeted loss divides by a difference of the largest logits


def autoattack(
    model: Model,
    images: NDArray[np.uint8],
    labels: ArrayLike,
    *,
    norm: str = "linf",
    epsilon: float = 8 / 255,
    seed: int = 0,
    indices: ArrayLike | None = None,
    device: str | torch.device | None = None,
) -> Attacked:
    """Attack a batch of images with the standard version of AutoAttack.

    Arguments and result as for ``pgd``, but ``indices`` has no effect: it is there so that both can be called alike.
    Raises RobenchError when the package is not installed, and for fewer than four classes.
    """
    NormBall(norm, epsilon)  # refuses what makes no sense, in the words of pgd
    if importlib.util.find_spec("pyautoattack") is None:
        raise RobenchError("AutoAttack is not installed: pip install 'robench[attacks]'")
    target = target_of(model, device)
    clean = target.pixels(images)
    truth = torch.as_tensor(np.asarray(labels, np.int64), device=target.device)
    clean_wrong = target.predictions(clean) != truth
    found = clean.clone()
    left = torch.nonzero(~clean_wrong).flatten()
    if len(left):
        found[left] = _attack(target, clean[left], truth[left], norm, epsilon, seed)
    wrong = target.predictions(found) != truth
    return Attacked(
        found, wrong.cpu().numpy(), clean_wrong.cpu().numpy(), np.zeros(len(images), bool)
    )


def _attack(
    target: Target,
    clean: torch.Tensor,
    truth: torch.Tensor,
    norm: str,
    epsilon: float,
    seed: int,
) -> torch.Tensor:
    from pyautoattack import AutoAttack

    classes = target.class_count(clean)
    if classes < FEWEST_CLASSES:
        raise RobenchError(f"AutoAttack needs at least {FEWEST_CLASSES} classes, got {classes}")
    with torch.random.fork_rng([target.device] if target.device.type == "cuda" else []):
        attack = AutoAttack(target, norm=NAMES[norm], eps=epsilon, seed=seed, device=target.device)
        # It would go for nine wrong classes even where there are fewer.
        attack.apgd_targeted.n_target_classes = attack.fab.n_target_classes = min(9, classes - 1)
        adversarial, _ = attack.run_standard_evaluation(clean, truth, batch_size=len(clean))
    return adversarial
