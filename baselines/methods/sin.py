"""SIN: training on the images and on stylised copies of them, whose texture says nothing of their class.

Source: Geirhos et al. 2019, "ImageNet-trained CNNs are biased towards texture; increasing shape bias
improves accuracy and robustness", and Hendrycks et al. 2020 (AugMix), section 4.3, which trains on both
at once and adds AugMix. ``robench stylize`` makes the copies.
"""

from dataclasses import dataclass

from baselines.methods.augmix import AugMix
from baselines.methods.method import Method, option
from robench.errors import RobenchError

HELP = "Stylised copy of the training images, made by `robench stylize`."


def _required(folder: str) -> str:
    if not folder:
        raise RobenchError("sin and augmix_sin need --stylised DIR, made by `robench stylize`")
    return folder


@dataclass(frozen=True)
class Sin(Method):
    """Cross-entropy on flipped and cropped images and, in the same epoch, their stylised copies."""

    summary = "the images and their stylised copies (--stylised DIR)"

    stylised: str = option("", HELP, folder=True, required=True)

    def also_trains_on(self) -> str:
        """Return the folder of the copies; raise RobenchError when none was given."""
        return _required(self.stylised)


@dataclass(frozen=True)
class AugMixSin(AugMix):
    """AugMix on the images and, in the same epoch, their stylised copies."""

    summary = "AugMix on the images and their stylised copies (--stylised DIR)"

    stylised: str = option("", HELP, folder=True, required=True)

    def also_trains_on(self) -> str:
        """Return the folder of the copies; raise RobenchError when none was given."""
        return _required(self.stylised)


METHODS = {"augmix_sin": AugMixSin, "sin": Sin}
