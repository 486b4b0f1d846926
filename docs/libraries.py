"""Hold all pixels equal under the oldest and the newest libraries that setup.cfg allows.

``python docs/libraries.py``, or ``make libraries``, installs the libraries that make pixels, without torch, into
environments of their own below build/libraries: the oldest of setup.cfg's bounds, the newest of all, and the newest
with OpenCV 4. In each it makes every corruption at every severity of every preset, every sequence of every preset,
the squares that photographs are framed to, and the JPEG step of the benchmark's trees, from the same pictures, and
runs the tests of the reference's pixels and of the warps, which under OpenCV 4 are held against OpenCV's. Then it
compares, names what differs and by how much, writes the table of docs/corruptions.md, and fails where anything
differs.

The oldest libraries need Python 3.11. The environments stay, 2.6 GB with their pixels; the next time only what is newer
is installed.
"""

import argparse
import configparser
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "corruptions.md"
MARKED = re.compile(r"(<!-- begin libraries -->\n).*?(<!-- end -->)", re.DOTALL)
# Those of robench's libraries that take part in making pixels, and what these need.
PIXEL_MAKERS = ("numpy", "scipy", "numba", "llvmlite", "opencv-python", "pillow")
NEWEST = "newest"
OPENCV_4 = "newest, OpenCV 4"
ENVIRONMENTS = ("oldest", OPENCV_4, NEWEST)
# The reference's pixels, and the warps of OpenCV itself, which only OpenCV 4 can be asked for.
TESTS = ("tests/corruptions/test_reference_pixels.py", "tests/corruptions/test_grid_warp.py")
# Preset -> how many pictures of which side are corrupted; how many of which side are perturbed, and cropped to what.
SIZES = {
    "cifar": ((8, 32), (4, 32, 32)),
    "tiny": ((4, 64), (2, 64, 64)),
    "imagenet": ((2, 224), (1, 256, 224)),
    "inception": ((1, 299), (1, 120, 107)),
}


def main() -> int:
    """Make the environments and their pixels, compare, and replace the document's table; return 1 where any differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "libraries")
    parser.add_argument("--pixels", type=Path, help=argparse.SUPPRESS)  # in an environment
    arguments = parser.parse_args()
    if arguments.pixels:
        write_pixels(arguments.pixels)
        return 0
    for name in ENVIRONMENTS:
        print(f"{name}: {' '.join(requirements(name))}", flush=True)
        run_in_environment(name, arguments.folder)
    compared = table(arguments.folder)
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(
        MARKED.sub(lambda found: f"{found[1]}{compared}\n{found[2]}", text), encoding="utf-8"
    )
    print(compared)
    return int(any(differing(arguments.folder, name) for name in ENVIRONMENTS))


def requirements(environment: str) -> list[str]:
    """Return what pip installs into one of ``ENVIRONMENTS``: setup.cfg's lower bounds, or the newest versions."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = config["options"]["install_requires"].split("\n")
    bounds = dict(line.split(">=") for line in lines if ">=" in line)
    if environment == "oldest":
        return [f"{name}=={bounds[name]}" for name in PIXEL_MAKERS]
    newest = [f"{name}>={bounds[name]}" for name in PIXEL_MAKERS]
    return [
        f"{each},<5" if each.startswith("opencv") and environment == OPENCV_4 else each
        for each in newest
    ]


def place(folder: Path, environment: str) -> Path:
    """Return the folder of one of ``ENVIRONMENTS``."""
    return folder / environment.replace(", ", "-").replace(" ", "-").lower()


def run_in_environment(environment: str, folder: Path) -> None:
    """Install what is missing or outdated in an environment, and let it write its pixels."""
    home = place(folder, environment)
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--upgrade"]
    subprocess.run([*pip, *requirements(environment), "pytest>=8"], check=True)
    # Installed for its photographs only: what it would itself need is not.
    subprocess.run([*pip, "--no-deps", "imagecorruptions"], check=True)
    # Compiled kernels of another numba must not be overwritten.
    variables = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(home / "kernels")}
    subprocess.run([python, __file__, "--pixels", home / "pixels"], check=True, env=variables)
    tests = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
    subprocess.run(tests, check=True, env=variables, cwd=ROOT)


def write_pixels(folder: Path) -> None:
    """Write the pixels of every case to ``folder``, one file each, and versions.json; runs in an environment."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, pixels in cases():
        np.save(folder / f"{name}.npy", pixels)
    versions = {name: version(name) for name in PIXEL_MAKERS}
    (folder / "versions.json").write_text(json.dumps(versions), encoding="utf-8")


def cases() -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name and the pixels, uint8, of everything that is held equal."""
    # Here, since an environment has them and who reads the table need not.
    from PIL import Image

    import corruptions
    from corruptions import catalogue
    from robench.datasets.framing import framing_of
    from robench.datasets.stored_jpeg import read_back
    from tests.corruptions.golden.bar import picture

    for preset, ((count, side_px), (few, whole_px, crop_px)) in SIZES.items():
        images = np.stack([picture(side_px, seed) for seed in range(count)])
        for name in corruptions.families():
            if preset in catalogue.load(name).STRENGTH:
                for severity in corruptions.SEVERITIES:
                    made = corruptions.corrupt(images, name, severity, preset=preset)
                    yield f"{name} {severity} of {preset}", made
        images = np.stack([picture(whole_px, seed) for seed in range(few)])
        for name in corruptions.perturbation_names():
            made = corruptions.perturb(images, name, preset=preset, crop_px=crop_px)
            yield f"sequence {name} of {preset}", made
        square = framing_of(preset)(Image.fromarray(picture(500, 0)[:, :375]))
        yield f"framing of {preset}", np.asarray(square)
    yield "JPEG step of trees", read_back(np.stack([picture(224, seed) for seed in range(8)]))


def differing(folder: Path, environment: str) -> list[str]:
    """Return what differs in an environment from the newest one, and by how much; also what only one of them has."""
    here, there = (place(folder, name) / "pixels" for name in (environment, NEWEST))
    files = [{path.stem: path for path in each.glob("*.npy")} for each in (here, there)]
    lines = [f"{name} is in one only" for name in sorted(files[0].keys() ^ files[1].keys())]
    for name in sorted(files[0].keys() & files[1].keys()):
        mine, other = (np.load(each[name]).astype(np.int16) for each in files)
        if mine.shape != other.shape:
            lines.append(f"{name} has another shape")
        elif np.any(mine != other):
            difference = np.abs(mine - other)
            share, largest = np.mean(difference > 0), difference.max()
            lines.append(f"{name}: {share:.3%} of the values, by up to {largest}")
    return lines


def table(folder: Path) -> str:
    """Return the document's table: what every environment has, and what differs in it from the newest one."""
    head = f"| | {' | '.join(PIXEL_MAKERS)} | cases | differ from the newest |"
    rows = [head, "|---" * (len(PIXEL_MAKERS) + 3) + "|"]
    for name in ENVIRONMENTS:
        pixels = place(folder, name) / "pixels"
        versions = json.loads((pixels / "versions.json").read_text(encoding="utf-8"))
        count = len(list(pixels.glob("*.npy")))
        lines = "<br>".join(differing(folder, name)) or "none"
        cells = (name, *(versions[each] for each in PIXEL_MAKERS), count, lines)
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
