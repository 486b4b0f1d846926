"""Kill an evaluation at random instants, go on each time, and compare its scores with those of an undisturbed run.

    python benchmarks/kills.py --kills 10 -- --model net.pt --suite cifar-10-c --data-dir data --limit 500

What comes after ``--`` are options of ``robench eval``, without --out and --resume; a batch size is best given, since
two runs may measure two. Instants are drawn from twice the time that the undisturbed run took, with Python's start,
divided by the number of kills and one; every other one is later by a tenth of that time, so that the run gets on.
Exits with 1 when a byte of scores.csv differs.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


def started(options: list[str], out: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "robench", "eval", *options, "--quiet", "--out", str(out)]
    if (out / "run.json").exists():
        command.append("--resume")
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)


def finished_count(out: Path) -> int:
    return len(list(out.rglob("*.parquet")))


def killed(options: list[str], out: Path, after_s: float) -> bool:
    """Start or go on, kill after so many seconds; return whether there was something to kill."""
    process = started(options, out)
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait() != 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("options", nargs="+")
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        whole, broken = Path(folder) / "whole", Path(folder) / "broken"
        began = time.monotonic()
        assert started(arguments.options, whole).wait() == 0
        took_s = time.monotonic() - began
        print(f"undisturbed: {finished_count(whole)} conditions in {took_s:.0f} s")
        kills = 0
        while kills < arguments.kills:
            after_s = draw.uniform(0, 2 * took_s / (arguments.kills + 1)) + kills % 2 * took_s / 10
            if not killed(arguments.options, broken, after_s):
                print(f"finished after {kills} kills")
                break
            kills += 1
            print(f"kill {kills} after {after_s:.1f} s: {finished_count(broken)} files stored")
        else:
            assert started(arguments.options, broken).wait() == 0
        same = (whole / "scores.csv").read_bytes() == (broken / "scores.csv").read_bytes()
    print(f"{kills} kills; scores.csv {'is the same to the byte' if same else 'DIFFERS'}")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
