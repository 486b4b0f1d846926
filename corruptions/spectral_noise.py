"""Noise with a given amplitude for every frequency and random phases: blue, brown and the like.

Source: the imagenet_c_bar scripts of Mintun, Kirillov & Xie 2021.
"""

import numpy as np
from numpy.typing import NDArray

from corruptions.keyed_random import KeyedRandom

Floats = NDArray[np.float64]


def sample_phases(random: KeyedRandom, planes: int, height: int, width: int) -> Floats:
    """Draw the phases of every frequency of some planes of noise: (N, planes, H, W), 0 to 2 pi.

    Only the left half is drawn. The right half is the left half turned by 180 degrees, as is the
    lower half of the middle column of an odd width.
    """
    drawn = [_half_phases(random, height, width) for _ in range(planes)]
    return np.stack([_completed(*halves, height) for halves in drawn], axis=1)


def _half_phases(random: KeyedRandom, height: int, width: int) -> tuple[Floats, Floats | None]:
    left = random.uniform((height, width // 2), 0.0, 2 * np.pi)
    middle = random.uniform((height // 2,), 0.0, 2 * np.pi) if width % 2 else None
    return left, middle


def _completed(left: Floats, upper: Floats | None, height: int) -> Floats:
    parts = [left, left[:, ::-1, ::-1]]
    if upper is not None:
        between = np.zeros((len(upper), height % 2))
        parts.insert(1, np.concatenate([upper, between, upper[:, ::-1]], axis=1)[..., None])
    return np.concatenate(parts, axis=2)


def distance_from_centre(height: int, width: int) -> Floats:
    """Return (H, W): how far each frequency is from 0, in steps of the discrete transform."""
    dy = np.arange(height) - height / 2
    dx = np.arange(width) - width / 2
    return np.sqrt(dx * dx + (dy * dy)[:, None])


def spectral_noise(amplitudes: Floats, phases: Floats) -> Floats:
    """Return noise of standard deviation 1, shaped (..., H, W) like ``phases``.

    Args:
        amplitudes: (H, W), frequency 0 at the row H // 2 and column W // 2.
        phases: (..., H, W) in radians.
    """
    height, width = amplitudes.shape
    spectrum = np.empty(phases.shape, np.complex128)
    spectrum.real = amplitudes * np.cos(phases)
    spectrum.imag = amplitudes * np.sin(phases)
    spectrum = np.roll(spectrum, (height // 2, width // 2), axis=(-2, -1))
    # Oddity kept: the phases are mirrored about the array's middle, not about frequency 0, and not
    # negated. So the noise would be complex, and only its real part is taken.
    noise = np.fft.ifft2(spectrum).real
    deviations: Floats = np.std(noise, axis=(-2, -1), keepdims=True)
    return np.asarray(noise / deviations)
