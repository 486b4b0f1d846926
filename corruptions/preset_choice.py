"""``preset="auto"``: the preset whose benchmark has images of about this size."""

import logging
import math

from corruptions.errors import CorruptionError

AUTO = "auto"
# The sides of the images that each set of constants was chosen for.
NATIVE_SIDE_PX = {"cifar": 32, "tiny": 64, "imagenet": 224, "inception": 299}

_log = logging.getLogger("corruptions")


def preset_for(height_px: int, width_px: int) -> str:
    """Return the preset whose native side is nearest to the smaller side, by ratio.

    That is ``cifar`` up to 45 pixels, ``tiny`` to 119, ``imagenet`` to 258 and ``inception`` above. Raises
    CorruptionError for a side below 1.
    """
    side_px = min(height_px, width_px)
    if side_px < 1:
        raise CorruptionError(f"no preset for images of {height_px} x {width_px} pixels")
    return min(NATIVE_SIDE_PX, key=lambda name: abs(math.log(NATIVE_SIDE_PX[name] / side_px)))


def resolved(preset: str, height_px: int, width_px: int) -> str:
    """Return ``preset``, or for ``"auto"`` the one for this size, and log which it is."""
    if preset != AUTO:
        return preset
    chosen = preset_for(height_px, width_px)
    _log.info("preset auto: %s, for images of %d x %d pixels", chosen, height_px, width_px)
    return chosen
