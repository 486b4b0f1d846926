"""Motion blur in a direction that turns by whole degrees from frame to frame.

A direction drawn at random never puts a step of the trail exactly between two pixels; -150 and -30
degrees, of which half a pixel a step is the sine, do. There ImageMagick's own order of operations
decides, which ``motion_taps.motion_offsets`` need not keep.

Source: ImageMagick 6, effect.c.
"""

import functools
import math

import numpy as np
from numpy.typing import NDArray


@functools.cache
def turning_offsets(first_deg: float, turn_deg: float, frames: int, taps: int) -> NDArray[np.int64]:
    """Return (down, right) steps to the pixels of each frame's trail, int64 (frames, taps, 2).

    The trail of frame 0 points to ``first_deg``, each next one ``turn_deg`` further; 0 degrees
    points right and 90 down.
    """
    angles = [first_deg + turn_deg * k for k in range(frames)]
    offsets = np.array([_steps(angle, taps) for angle in angles])
    offsets.flags.writeable = False  # shared by every caller through the cache
    return offsets


def _steps(angle_deg: float, taps: int) -> list[tuple[int, int]]:
    radians = math.pi * angle_deg / 180.0
    down, right = taps * math.sin(radians), taps * math.cos(radians)
    # A length of ``taps`` but for rounding, which is what decides where a step is half a pixel.
    length = math.hypot(down, right)
    return [
        (math.ceil(k * down / length - 0.5), math.ceil(k * right / length - 0.5))
        for k in range(taps)
    ]
