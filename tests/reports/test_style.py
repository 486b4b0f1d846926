"""Can the colours be told apart, and from the paper, by everyone?"""

from itertools import combinations

import numpy as np
import pytest

from reports import style

# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
THEMES = {"light": (style.HUES, style.PAPER), "dark": (style.HUES_ON_DARK, style.ON_DARK["paper"])}


def linear(colour: str) -> np.ndarray:
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    ratio = XYZ @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", THEMES)
def test_hues_differ(theme, vision):
    seen = [lab(np.array(VISIONS[vision]) @ linear(hue)) for hue in THEMES[theme][0]]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) >= 25


@pytest.mark.parametrize("theme", THEMES)
def test_hues_stand_out_from_the_paper(theme):
    hues, paper = THEMES[theme]
    assert min(contrast(hue, paper) for hue in hues) >= 3


def test_words_stand_out_from_the_paper():
    for ink in (style.INK, style.MUTED):
        assert contrast(ink, style.PAPER) >= 4.5
    for ink in ("ink", "muted"):
        assert contrast(style.ON_DARK[ink], style.ON_DARK["paper"]) >= 4.5


def test_both_themes_know_every_variable():
    assert style.theme(dark=False).keys() == style.theme(dark=True).keys()
    assert set(style.theme_variables().values()) == style.theme(dark=False).keys()
