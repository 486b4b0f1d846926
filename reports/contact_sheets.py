"""What corruptions and perturbation sequences look like, on a picture of the user's own."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from corruptions import (
    BENCHMARK,
    EXTRA,
    PRESETS,
    SEVERITIES,
    corrupt,
    frame_count,
    perturb,
)
from reports.figures.contact_sheet import Group, Row, contact_sheet
from reports.figures.drawing import write_bytes
from reports.names import corruption_title, family, in_benchmark_order
from robench.datasets.framing import CentreCrop
from robench.datasets.image_folder import decoded
from robench.errors import RobenchError

AUTO = "auto"
SIDE_PX = {"cifar": 32, "tiny": 64, "imagenet": 224, "inception": 299}
# The largest side that a preset's constants are taken for: half way, by ratio, to the next benchmark's.
LARGEST_PX = {"cifar": 45, "tiny": 120}
SMALLEST_PX = 16
CELL_PX = 112  # small pictures are enlarged to about that
FRAMES_PER_ROW = 8


@dataclass(frozen=True)
class Specimen:
    """A picture to be corrupted.

    Attributes:
        name: of its file.
        pixels: uint8 (1, H, W, 3).
        around: the same at the same scale with what lies around it, uint8 (1, H', W', 3), for sequences.
        preset: whose constants suit it, or were asked for.
        framing: in words, what was done to the file's picture.
    """

    name: str
    pixels: NDArray[np.uint8]
    around: NDArray[np.uint8]
    preset: str
    framing: str

    @property
    def enlarge(self) -> int:
        """By how much it is enlarged on a sheet."""
        return max(1, round(CELL_PX / max(self.pixels.shape[1:3])))

    def sentence(self) -> str:
        """Return the preset and the framing in words."""
        return f"{self.preset} constants, {self.framing}"


def specimen(path: str | Path, preset: str = AUTO) -> Specimen:
    """Open a picture and frame it as its preset's benchmark would: the middle of a larger one, a smaller one whole.

    Args:
        path: of any picture.
        preset: ``"auto"`` takes the one whose benchmark has pictures of about that size.

    Raises:
        RobenchError: for a file that cannot be read, a picture below 16 pixels or an unknown preset.
    """
    if preset not in (AUTO, *PRESETS):
        raise RobenchError(f"unknown preset {preset!r}; known: {AUTO}, {', '.join(PRESETS)}")
    picture = decoded(Path(path))
    shorter = min(picture.size)
    if shorter < SMALLEST_PX:
        size = f"{picture.width} x {picture.height}"
        raise RobenchError(f"{path}: pictures must have at least 16 pixels a side, got {size}")
    if preset == AUTO:
        fitting = (name for name, largest in LARGEST_PX.items() if shorter <= largest)
        preset = next(fitting, "imagenet")
    side = SIDE_PX[preset]
    whole = f"{picture.width} x {picture.height} pixels"
    if shorter <= side:
        pixels = np.asarray(picture)[None]
        return Specimen(Path(path).name, pixels, pixels, preset, whole)
    framing = CentreCrop(round(side * 256 / 224), side)
    return Specimen(
        Path(path).name,
        np.array(framing(picture))[None],
        np.array(framing.uncropped(picture))[None],
        preset,
        f"the middle {side} x {side} of {whole} made smaller",
    )


def sheet_of_corruptions(
    shown: Specimen,
    names: Sequence[str] | None = None,
    severities: Sequence[int] | None = None,
    seed: int = 0,
) -> Image.Image:
    """Return a sheet of a picture under corruptions: a row each, by family; a column per severity.

    All nineteen and all severities when None. Raises CorruptionError for an unknown name, severity or seed.
    """
    levels = tuple(severities or SEVERITIES)
    ordered = in_benchmark_order(names or BENCHMARK + EXTRA)
    rows = {name: _severities(shown, name, levels, seed) for name in ordered}
    groups = [
        Group(heading.capitalize(), tuple(Row(corruption_title(n), rows[n]) for n in members))
        for heading, members in groupby(ordered, family)
    ]
    columns = ["clean", *(f"severity {severity}" for severity in levels)]
    caption = f"{shown.sentence()}, seed {seed}"
    return contact_sheet(groups, columns, shown.name, caption, shown.enlarge)


def sheet_of_sequence(shown: Specimen, name: str, seed: int = 0) -> Image.Image:
    """Return a sheet of all frames of a perturbation sequence; raise CorruptionError for an unknown name or seed."""
    frames = _frames(shown, name, seed)
    rows = []
    for start in range(0, len(frames), FRAMES_PER_ROW):
        part = frames[start : start + FRAMES_PER_ROW]
        rows.append(Row(f"frames {start} to {start + len(part) - 1}", part))
    title = f"{shown.name}: {corruption_title(name)}"
    caption = f"{shown.sentence()}, seed {seed}"
    columns = [""] * min(FRAMES_PER_ROW, len(frames))
    return contact_sheet([Group("", tuple(rows))], columns, title, caption, shown.enlarge)


def sheet_of_sequences(
    shown: Specimen, names: Sequence[str], columns: int = 7, seed: int = 0
) -> Image.Image:
    """Return a sheet of several sequences, a row each, with ``columns`` frames spread evenly over each."""
    rows = []
    for name in names:
        last = frame_count(name, preset=shown.preset) - 1
        chosen = np.linspace(0, last, columns).round().astype(int)
        rows.append(Row(corruption_title(name), _frames(shown, name, seed)[chosen]))
    headings = ["first frame", *[""] * (columns - 2), "last frame"]
    caption = f"{shown.sentence()}, seed {seed}"
    return contact_sheet([Group("", tuple(rows))], headings, shown.name, caption, shown.enlarge)


def sheet_png(sheet: Image.Image) -> bytes:
    """Return a sheet as a PNG file."""
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def write_sheet(sheet: Image.Image, path: Path) -> None:
    """Write a sheet as PNG, whole or not at all; raise RobenchError where that is not possible."""
    if path.suffix.lower() != ".png":
        raise RobenchError(f"the sheet is written as PNG: name --out {path.with_suffix('.png')}")
    write_bytes(path, sheet_png(sheet))


def _severities(shown: Specimen, name: str, levels: Sequence[int], seed: int) -> NDArray[np.uint8]:
    made = [corrupt(shown.pixels, name, s, preset=shown.preset, seed=seed) for s in levels]
    return np.concatenate([shown.pixels, *made])


def _frames(shown: Specimen, name: str, seed: int) -> NDArray[np.uint8]:
    framed = shown.around is not shown.pixels
    crop_px = shown.pixels.shape[1] if framed else None
    return perturb(shown.around, name, preset=shown.preset, seed=seed, crop_px=crop_px)[0]
