"""Write the tables of docs/certificate.md: generate CIFAR-10-C from the official test set and certify it.

``python docs/certify.py DATA`` with the folder that holds ``cifar-10-batches-py``, or ``make certificate``. Needs
2.9 GB for the images, in a temporary folder or, to keep them, in ``--folder``. The words around the tables stay.
"""

import argparse
import hashlib
import platform
import re
import tempfile
from collections import Counter
from pathlib import Path

from PIL import features

from robench import generation
from robench.certificate import Certificate, verify
from robench.certificate.verdict import OFFICIAL, REPRODUCED, SAME_DISTRIBUTION
from robench.provenance import library_versions
from robench.version import VERSION

DOCUMENT = Path(__file__).parent / "certificate.md"
SUITE = "cifar-10-c"
SEED, ANOTHER_SEED = 0, 1
# Those of robench's libraries that take part in making pixels.
PIXEL_MAKERS = ("python", "numpy", "numba", "scipy", "opencv-python", "pillow")
MARKED = re.compile(r"(<!-- begin (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Generate, certify, and replace the document's tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder that holds cifar-10-batches-py")
    parser.add_argument("--folder", type=Path, help="where to keep the corrupted images")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        made = certified(arguments.data, arguments.folder or Path(temporary), progress=True)
    tables = {"certificate": made, "versions": versions()}
    text = DOCUMENT.read_text(encoding="utf-8")
    text = MARKED.sub(lambda found: f"{found[1]}{tables[found[2]]}\n{found[3]}", text)
    DOCUMENT.write_text(text, encoding="utf-8")


def certified(data: Path, folder: Path, progress: bool = False) -> str:
    """Return the table of verdicts; generates into ``folder`` what is not there yet."""
    order = generation.order_for(suite=SUITE, data_dir=data, seed=SEED)
    generation.generate(order, folder, progress=progress)
    known = verify(folder, data_dir=data)
    unknown = verify(folder, data_dir=data, seed=ANOTHER_SEED)
    count = Counter(each.verdict for each in known.verdicts)
    counts = ", ".join(f"{count[word]} {word}" for word in (OFFICIAL, REPRODUCED))
    head = [
        "| file | md5 | verdict | verdict of one who does not know the seed |",
        "|---|---|---|---|",
    ]
    held = f"Held against {known.against}, {len(known.verdicts)} files: {counts}."
    return "\n".join([held, "", *head, *rows(folder, known, unknown)])


def rows(folder: Path, known: Certificate, unknown: Certificate) -> list[str]:
    """Return a row per file: the verdicts with the seed of the manifest and without it."""
    made = []
    for each, blind in zip(known.verdicts, unknown.verdicts, strict=True):
        with (folder / each.file).open("rb") as file:
            md5 = hashlib.file_digest(file, "md5").hexdigest()
        without = blind.verdict
        if blind.verdict == SAME_DISTRIBUTION:
            without += f" (p = {blind.p_value:.2g})"
        made.append(f"| `{each.file}` | `{md5}` | {each.verdict} | {without} |")
    return made


def versions() -> str:
    """Return the table of what the images were made with."""
    libraries = library_versions()
    used = {"robench": VERSION} | {name: libraries[name] for name in PIXEL_MAKERS}
    used["libjpeg-turbo, in Pillow"] = str(features.version("libjpeg_turbo"))
    used["system"] = f"{platform.system()}, {platform.machine()}"
    lines = [f"| {name} | {version} |" for name, version in used.items()]
    return "\n".join(["| | version |", "|---|---|", *lines])


if __name__ == "__main__":
    main()
