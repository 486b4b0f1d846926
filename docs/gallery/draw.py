"""Draw the pictures of docs/gallery.md: ``python docs/gallery/draw.py``.

The photograph is flower.jpg of scikit-learn's sample images (CC BY 2.0,
https://www.flickr.com/photos/vultilion/6056698931/). Its middle is shown at the 64 pixels of Tiny-ImageNet-C, so that
the pictures stay small without losing colours, which a palette would.
"""

from pathlib import Path

from PIL import Image
from sklearn.datasets import load_sample_image

from corruptions import BENCHMARK, EXTRA, FAMILIES, families
from reports.contact_sheets import sheet_of_corruptions, sheet_of_sequences, specimen, write_sheet

FOLDER = Path(__file__).parent
DAHLIA = (120, 20, 520, 420)  # left, top, right, bottom
SEVERITIES = (1, 3, 5)
# Frost blends in photographs of third parties, which may not be redistributed here.
SHOWN = tuple(name for name in BENCHMARK + EXTRA if name != "frost")
SEQUENCES = ("motion_blur", "snow", "brightness", "translate", "rotate", "tilt", "scale")
FRAMES = 4


def main() -> None:
    """Draw a sheet per family of corruptions and one of the sequences."""
    flower = Image.fromarray(load_sample_image("flower.jpg")).crop(DAHLIA)
    path = FOLDER / "dahlia.png"
    write_sheet(flower.resize((64, 64), Image.Resampling.LANCZOS), path)
    shown = specimen(path)
    for family in FAMILIES:
        names = [name for name in SHOWN if families()[name] == family]
        if names:
            write_sheet(sheet_of_corruptions(shown, names, SEVERITIES), FOLDER / f"{family}.png")
    write_sheet(sheet_of_sequences(shown, SEQUENCES, FRAMES), FOLDER / "sequences.png")


if __name__ == "__main__":
    main()
