"""The consistency loss of AugMix and IPMix: the views of an image should get the same prediction.

Source: Hendrycks et al. 2020 (AugMix), section 3, equations 1 and 2, with the published code's clamp.
"""

import torch
from torch import Tensor
from torch.nn import functional

CONSISTENCY_WEIGHT = 12.0
MIXTURE_FLOOR = 1e-7


def jensen_shannon(views: tuple[Tensor, ...]) -> Tensor:
    """Return the Jensen-Shannon divergence of the views' predictions, in nats, averaged over images.

    It is the mean of KL(view || mixture), the mixture being the mean of the views' probabilities,
    clamped to at least 1e-7 so that its logarithm is finite.

    Args:
        views: two or more float tensors (N, classes) of logits.
    """
    log_views = torch.log_softmax(torch.stack(views), dim=-1)
    probabilities = log_views.exp()
    log_mixture = probabilities.mean(dim=0).clamp(MIXTURE_FLOOR, 1).log()
    # p log p from the logarithm of the softmax: where p underflows to 0 its gradient is 0, while
    # that of functional.kl_div is not a number.
    return (probabilities * (log_views - log_mixture)).sum(dim=-1).mean()


def loss_of_views(logits: Tensor, targets: Tensor, views: int) -> Tensor:
    """Return the cross-entropy on the clean view + 12 x the divergence of all; of one view, its cross-entropy.

    Args:
        logits: float (V N, classes), the N of each view together, the clean view first.
        targets: int64 (N,) or class probabilities (N, classes).
        views: V.
    """
    if views == 1:
        return functional.cross_entropy(logits, targets)
    each = logits.chunk(views)
    return functional.cross_entropy(each[0], targets) + CONSISTENCY_WEIGHT * jensen_shannon(each)
