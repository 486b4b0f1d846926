"""The .npy layout, against numpy and the published files' md5."""

import errno
import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from corruptions import CorruptionError, corrupt, perturb
from robench import RobenchError, generation
from robench.generation.forecast import forecast_generation
from robench.generation.order import Order
from robench.shard import Shard
from tests.conftest import IMAGES_PER_CIFAR_FILE as COUNT

PUBLISHED_MD5 = {
    "labels": "c439b113295ed5254878798ffe28fd54",
    "brightness": "0a81ef75e0b523c3383219c330a85d48",
    "contrast": "3c8262171c51307f916c30a3308235a8",
    "defocus_blur": "7d1322666342a0702b1957e92f6254bc",
    "zoom_blur": "6ea8e63f1c5cdee1517533840641641b",
    "gaussian_blur": "c33370155bc9b055fb4a89113d3c559d",
    "saturate": "1cfae0964219c5102abbb883e538cc56",
    "pixelate": "0f14f7e2db14288304e1de10df16832f",
}


@pytest.mark.fidelity
def test_eight_files_are_the_published_ones(tmp_path: Path) -> None:
    folder = os.environ.get("ROBENCH_DATA")
    if not folder:
        pytest.skip("ROBENCH_DATA does not name a folder that holds cifar-10-batches-py")
    names = tuple(name for name in PUBLISHED_MD5 if name != "labels")
    generation.generate(
        generation.order_for(suite="cifar-10-c", data_dir=folder, names=names), tmp_path
    )
    for name, md5 in PUBLISHED_MD5.items():
        with (tmp_path / f"{name}.npy").open("rb") as file:
            assert hashlib.file_digest(file, "md5").hexdigest() == md5, name


def order(data: Path, *names: str, suite: str = "cifar-10-c", **options: object) -> Order:
    return generation.order_for(suite=suite, data_dir=data, names=names or None, **options)  # type: ignore[arg-type]


def test_a_corruption_is_five_severities_of_the_test_set(cifar_dir: Path, tmp_path: Path) -> None:
    job = order(cifar_dir, "shot_noise", seed=7)
    done = generation.generate(job, tmp_path / "out")
    assert (done.made, done.kept) == (2, 0)
    clean = job.source.read(0, COUNT)
    severities = [corrupt(clean, "shot_noise", s, preset="cifar", seed=7) for s in range(1, 6)]
    np.save(tmp_path / "expected.npy", np.concatenate(severities))
    expected = (tmp_path / "expected.npy").read_bytes()
    assert (tmp_path / "out" / "shot_noise.npy").read_bytes() == expected
    labels = np.load(tmp_path / "out" / "labels.npy")
    assert labels.dtype == np.uint8
    assert np.array_equal(labels, np.tile(job.source.labels, 5))


def test_a_sequence_is_one_film_per_image(cifar_dir: Path, tmp_path: Path) -> None:
    job = order(cifar_dir, "translate", "gaussian_noise_2", suite="cifar-10-p")
    generation.generate(job, tmp_path / "out")
    clean = job.source.read(0, COUNT)
    for name in job.names:
        expected = perturb(clean, name, preset="cifar")
        found = np.load(tmp_path / "out" / f"{name}.npy")
        assert found.shape[:2] == (COUNT, 16 if name == "translate" else 31)
        assert np.array_equal(found, expected)
    assert np.array_equal(np.load(tmp_path / "out" / "labels.npy"), job.source.labels)


def test_a_corruption_without_the_preset_is_refused(cifar_dir: Path) -> None:
    assert order(cifar_dir, "ripple").names == ("ripple",)
    with pytest.raises(CorruptionError, match="caustic_refraction"):
        order(cifar_dir, "caustic_refraction")


def test_everything_is_generated_by_default(cifar_dir: Path) -> None:
    assert len(order(cifar_dir).names) == 19
    assert "spatter" in order(cifar_dir, suite="cifar-10-p").names


def test_batches_do_not_show(
    cifar_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = order(cifar_dir, "fog", "impulse_noise")
    generation.generate(job, tmp_path / "whole", workers=1)
    monkeypatch.setattr("robench.generation.arrays.BATCH_BYTES", 7 * 32 * 32 * 3)
    generation.generate(job, tmp_path / "cut", workers=2)
    for name in ("fog.npy", "impulse_noise.npy"):
        whole, cut = tmp_path / "whole" / name, tmp_path / "cut" / name
        assert whole.read_bytes() == cut.read_bytes()


def test_the_manifest_has_the_digest_of_every_file(cifar_dir: Path, tmp_path: Path) -> None:
    job = order(cifar_dir, "contrast", seed=3)
    generation.generate(job, tmp_path / "out", command=["robench", "generate"])
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["seed"] == 3
    assert manifest["preset"] == "cifar"
    assert manifest["command"] == ["robench", "generate"]
    assert manifest["source"]["sha256"] == job.source.manifest_sha256()
    assert "numpy" in manifest["libraries"]
    assert manifest["finished"] is not None
    assert set(manifest["files"]) == {"labels.npy", "contrast.npy"}
    for name, entry in manifest["files"].items():
        content = (tmp_path / "out" / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def test_finished_files_are_kept_and_new_ones_added(cifar_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    generation.generate(order(cifar_dir, "contrast"), out)
    before = (out / "contrast.npy").stat().st_mtime_ns
    (out / ".contrast.npy.77.tmp").write_bytes(b"left by a kill")
    done = generation.generate(order(cifar_dir, "contrast", "fog"), out)
    assert (done.made, done.kept) == (1, 2)
    assert (out / "contrast.npy").stat().st_mtime_ns == before
    assert not list(out.glob(".*.tmp"))
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["names"] == ["contrast", "fog"]
    generation.generate(order(cifar_dir, "pixelate"), out)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["names"] == ["contrast", "fog", "pixelate"]
    assert len(manifest["files"]) == 4


def test_a_file_that_was_finished_but_not_entered_is_entered(
    cifar_dir: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    generation.generate(order(cifar_dir, "contrast"), out)
    path = out / "manifest.json"
    whole = json.loads(path.read_text())
    path.write_text(json.dumps(whole | {"files": {}}))
    assert generation.generate(order(cifar_dir, "contrast"), out).kept == 2
    assert json.loads(path.read_text())["files"] == whole["files"]


@pytest.mark.parametrize(
    "damage", [{"names": None}, {"source": {}}, {"files": {"../contrast.npy": {}}}]
)
def test_a_manifest_of_wrong_entries_is_one_line(
    cifar_dir: Path, tmp_path: Path, damage: dict
) -> None:
    out = tmp_path / "out"
    generation.generate(order(cifar_dir, "contrast"), out)
    path = out / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | damage))
    with pytest.raises(RobenchError, match=r"manifest\.json is damaged"):
        generation.generate(order(cifar_dir, "contrast"), out)


def test_a_damaged_file_is_made_again(cifar_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    generation.generate(order(cifar_dir, "contrast"), out)
    path = out / "contrast.npy"
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    assert generation.generate(order(cifar_dir, "contrast"), out).made == 1
    assert path.read_bytes() == whole


def test_shards_fill_one_folder_with_the_same_files(cifar_dir: Path, tmp_path: Path) -> None:
    names = ("contrast", "fog", "shot_noise", "pixelate")
    generation.generate(order(cifar_dir, *names), tmp_path / "whole")
    for number in (3, 1, 2):
        part = order(cifar_dir, *names, shard=Shard(number, 3))
        generation.generate(part, tmp_path / "shared")
    for name in (*names, "labels"):
        whole, shared = (tmp_path / f / f"{name}.npy" for f in ("whole", "shared"))
        assert whole.read_bytes() == shared.read_bytes()


def test_what_differs_is_refused(cifar_dir: Path, tmp_path: Path) -> None:
    generation.generate(order(cifar_dir, "contrast"), tmp_path / "out")
    with pytest.raises(RobenchError, match="generated with seed 0, this command has 1"):
        generation.generate(order(cifar_dir, "contrast", seed=1), tmp_path / "out")
    with pytest.raises(RobenchError, match="from other images"):
        generation.generate(order(cifar_dir, "fog", suite="digits-c"), tmp_path / "out")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    shutil.copy(tmp_path / "out" / "contrast.npy", foreign)
    with pytest.raises(RobenchError, match=r"holds files but no manifest\.json"):
        generation.generate(order(cifar_dir, "contrast"), foreign)
    assert sorted(path.name for path in foreign.glob("[!.]*")) == ["contrast.npy"]


def test_a_disk_without_room_is_refused_before_anything_is_written(
    cifar_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=600_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(RobenchError, match=r"needs 615 kB but its disk has 600 kB free"):
        generation.generate(order(cifar_dir, "contrast"), tmp_path / "out")
    assert not list((tmp_path / "out").glob("*.npy"))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EINVAL])
def test_a_disk_that_fills_up_leaves_nothing(
    code: int, cifar_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, start: int, length: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    if code == errno.EINVAL:  # a file system that cannot reserve space can still be written
        assert generation.generate(order(cifar_dir, "contrast"), tmp_path / "out").made == 2
        return
    with pytest.raises(RobenchError, match=r"labels\.npy: No space left on device; nothing was"):
        generation.generate(order(cifar_dir, "contrast"), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").glob("*.npy")] == []
    assert not list((tmp_path / "out").glob(".*.tmp"))


def test_a_dry_run_writes_nothing_and_knows_the_size(cifar_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    order = generation.order_for(
        suite="cifar-10-c", data_dir=cifar_dir, names=("fog", "brightness")
    )
    expected = forecast_generation(order, out)
    assert not out.exists()
    assert (expected.images, expected.times, expected.steps) == (40, 10, 400)
    generation.generate(order, out)
    written = sum(path.stat().st_size for path in out.glob("*.npy"))
    assert expected.disk_bytes == written
    assert forecast_generation(order, out).steps == 0
