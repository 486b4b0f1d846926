"""CIFAR-10-P and CIFAR-100-P, and their kin on the embedded digits: ten perturbation sequences of the test images.

Each test image becomes a short video, and what counts is how often the prediction flips on the way. The mean flip
probability is unnormalised, as in the AugMix paper (Hendrycks et al. 2020, section 4.1).

**Spatter.** In the published ``spatter.npy`` about 6% of the frames, in 15% of the sequences, are black: the script
divides 0 by 0 where no drop is left on the lens. They are evaluated as they are stored. Sequences made here, on the
fly or by ``robench generate``, have the clean image in their place, so that flip probabilities on spatter, and with
them the mean, are lower than on the published file. State which was used.

Source: Hendrycks & Dietterich 2019, section 4; the authors' cifar-p-eval.py.
"""

from corruptions import CORE_CIFAR, EXTRA_CIFAR
from robench.suites.suite import Suite

SUITES = {
    name: Suite(
        name=name,
        summary=f"{title}-P: 10 perturbation sequences of the {title} test set",
        dataset=name.removesuffix("-p"),
        corruptions=CORE_CIFAR,
        severities=(),
        preset="cifar",
        folder=f"{title}-P",
        sequences=True,
        extra=EXTRA_CIFAR,
    )
    for name, title in (("cifar-10-p", "CIFAR-10"), ("cifar-100-p", "CIFAR-100"))
} | {
    "digits-p": Suite(
        name="digits-p",
        summary="digits-P: 10 perturbation sequences of the embedded digits, always on the fly",
        dataset="digits",
        corruptions=CORE_CIFAR,
        severities=(),
        preset="cifar",
        sequences=True,
        extra=EXTRA_CIFAR,
    )
}
