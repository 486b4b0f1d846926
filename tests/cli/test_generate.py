"""``robench generate`` in a subprocess: run, kill, go on, and every mistake a person can make."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from robench import generation
from robench.cli import main
from tests.generation.photographs import write_photographs
from tests.generation.test_tree import contents

NAMES = ("contrast", "brightness", "shot_noise", "pixelate", "fog", "saturate", "spatter", "snow")
CHOSEN = ("--corruptions", ",".join(NAMES))
FEW = ("--corruptions", ",".join(NAMES[:3]))


def start(*arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-m", "robench", "generate", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stop_when(process: subprocess.Popen, ready: Callable[[], bool], how: int) -> tuple[int, str]:
    while process.poll() is None and not ready():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
    process.send_signal(how)
    _, errors = process.communicate()
    return process.returncode, errors


def arrays(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.npy"))}


def test_killed_and_repeated_is_the_same_to_the_byte(cifar_dir: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    arguments = ("--suite", "cifar-10-c", "--data-dir", cifar_dir, *CHOSEN, "--quiet", "--out")
    process = start(*arguments, broken)
    stop_when(process, lambda: len(list(broken.glob("*.npy"))) >= 3, signal.SIGKILL)
    kept = {path: path.stat().st_mtime_ns for path in broken.glob("*.npy")}
    assert 3 <= len(kept) < 1 + len(NAMES)
    process = start(*arguments, broken)
    output, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert f"{1 + len(NAMES) - len(kept)} files written, {len(kept)} were there already" in output
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    order = generation.order_for(suite="cifar-10-c", data_dir=cifar_dir, names=NAMES)
    generation.generate(order, whole)
    assert arrays(whole) == arrays(broken)
    assert not list(broken.glob(".*.tmp"))


def test_a_killed_tree_goes_on_too(tmp_path: Path) -> None:
    source = write_photographs(tmp_path / "photographs")
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    arguments = ("--source", source, "--suite", "tiny-imagenet-c", *FEW, "--out")
    stop_when(start(*arguments, broken), lambda: len(contents(broken)) >= 30, signal.SIGKILL)
    kept = {broken / path: (broken / path).stat().st_mtime_ns for path in contents(broken)}
    assert 30 <= len(kept) < 5 * 3 * 15
    process = start(*arguments, broken)
    _, errors = process.communicate()
    assert process.returncode == 0
    assert "100%" in errors.splitlines()[-1]
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    order = generation.order_for(source=source, suite="tiny-imagenet-c", names=NAMES[:3])
    generation.generate(order, whole)
    assert contents(whole) == contents(broken)
    assert not list(broken.rglob(".*.tmp"))


def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path) -> None:
    source, out = write_photographs(tmp_path / "photographs"), tmp_path / "out"
    process = start("--source", source, "--preset", "tiny", "--quiet", "--out", out)
    code, errors = stop_when(process, lambda: len(contents(out)) >= 10, signal.SIGINT)
    assert code == 130
    assert "interrupted; what was finished is kept, repeat the command to go on" in errors
    assert "Traceback" not in errors
    assert not list(out.rglob(".*.tmp"))


WITHOUT_TORCH = """
import sys
from robench.cli import main
main(sys.argv[1:], standalone_mode=False)
sys.exit(3 if "torch" in sys.modules else 0)
"""


def test_generating_and_certifying_need_no_torch(tmp_path: Path) -> None:
    data = ("--suite", "digits-c")
    for words in (("generate", *data, "--names", "contrast", "--out"), ("verify",)):
        command = [sys.executable, "-c", WITHOUT_TORCH, *words, tmp_path / "out"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert "2 reproduced" in done.stdout


# What is wrong -> (arguments, part of the sentence). {data}, {photos}, {empty}, {broken} and {file} are made.
MISTAKES = {
    "nothing": ("", "give --suite, or --source with --preset"),
    "suite": ("--suite cifar10-c --data-dir {data}", "did you mean 'cifar-10-c'"),
    "corruption": ("--suite cifar-10-c --data-dir {data} --corruptions fgo", "did you mean 'fog'"),
    "no corruption": ("--suite cifar-10-c --data-dir {data} --corruptions fog,,x", "'x'"),
    "sequence": ("--suite cifar-10-p --data-dir {data} --names tlit", "did you mean 'tilt'"),
    "data": ("--suite cifar-10-c --data-dir nowhere", "fetch it: robench download cifar-10"),
    "severities": (
        "--suite cifar-10-c --data-dir {data} --severities 1",
        "has all five severities in each file",
    ),
    "size without": ("--suite cifar-10-c --data-dir {data} --size 64", "go with --source"),
    "not of photographs": ("--suite cifar-10-c --source {photos}", "is not made of photographs"),
    "no preset": ("--source {photos}", "give --suite, or --source with --preset"),
    "preset": ("--source {photos} --preset big", "unknown preset 'big'"),
    "size": ("--source {photos} --preset tiny --size 8", "16 to 4096 pixels, got 8"),
    "severity": ("--source {photos} --preset tiny --severities 6", "must be 1 to 5, got 6"),
    "empty": ("--source {empty} --preset tiny", "has no images in class folders"),
    "broken": ("--source {broken} --preset tiny", "leave it out with --skip-broken"),
    "shard 0": ("--suite cifar-10-c --data-dir {data} --shard 0/16", "a part like 3/16"),
    "shard 17": ("--suite cifar-10-c --data-dir {data} --shard 17/16", "a part like 3/16"),
    "workers": ("--suite cifar-10-c --data-dir {data} --workers 0", "at least 1, got 0"),
    "seed": ("--suite cifar-10-c --data-dir {data} --seed -1", "seed must be 0 to"),
    "out": ("--suite cifar-10-c --data-dir {data} --out {file}", "cannot write"),
    "out taken": ("--suite cifar-10-c --data-dir {data} --out {data}", "choose another --out"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line(name: str, cifar_dir: Path, tmp_path: Path) -> None:
    broken = write_photographs(tmp_path / "broken", count=1, classes=1)
    (broken / "n0000" / "photo_0.JPEG").write_bytes(b"not an image")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("not a folder")
    made = {
        "data": cifar_dir,
        "photos": write_photographs(tmp_path / "photos", count=1, classes=1),
        "empty": tmp_path / "empty",
        "broken": broken,
        "file": tmp_path / "file",
    }
    text, sentence = MISTAKES[name]
    arguments = [word.format(**made) for word in text.split()]
    out = () if "--out" in arguments else ("--out", str(tmp_path / "out"))
    done = CliRunner().invoke(main, ["generate", "--quiet", *out, *arguments])
    assert done.exit_code == 2, done.output
    assert sentence in done.stderr
    assert done.stderr.startswith("robench: ")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.glob("out/**/*.npy")) + list(tmp_path.glob("out/**/*.JPEG"))
