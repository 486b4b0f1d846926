"""Trees of JPEG files and videos, against Pillow and the arrays that went into them."""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from corruptions import corrupt, perturb
from robench import RobenchError, generation
from robench.datasets.video_file import decode_video
from robench.generation.forecast import forecast_generation
from robench.generation.order import Order
from robench.generation.video_file import encode_video
from robench.shard import Shard
from tests.generation.photographs import photograph, write_photographs

NAMES = ("gaussian_noise", "contrast")
COUNT = 15


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    return write_photographs(tmp_path / "photographs")


def order(source: Path, *names: str, **options: object) -> Order:
    given = {"preset": "tiny", "names": names or NAMES, "severities": (1, 4)}
    return generation.order_for(source=source, **{**given, **options})  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    """Return the tree's files by path, without the bookkeeping."""
    files = [path for path in folder.rglob("*") if path.suffix in (".JPEG", ".mp4")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_every_file_is_what_pillow_writes_of_the_corrupted_square(
    photographs: Path, tmp_path: Path
) -> None:
    job = order(photographs, seed=5)
    done = generation.generate(job, tmp_path / "out")
    assert (done.made, done.kept, done.skipped) == (2 * 2 * COUNT, 0, ())
    found = contents(tmp_path / "out")
    assert len(found) == 2 * 2 * COUNT
    clean = job.source.read(0, COUNT)
    for name in NAMES:
        for severity in (1, 4):
            corrupted = corrupt(clean, name, severity, preset="tiny", seed=5)
            for image, path in zip(corrupted, job.source.paths, strict=True):  # type: ignore[attr-defined]
                buffer = io.BytesIO()
                Image.fromarray(image).save(buffer, "JPEG", quality=85, optimize=True)
                assert found[f"{name}/{severity}/{path}"] == buffer.getvalue()


def test_the_digests_lie_in_tables(photographs: Path, tmp_path: Path) -> None:
    generation.generate(order(photographs), tmp_path / "out")
    (table,) = (tmp_path / "out" / "manifest").glob("*.tsv")
    header, *rows = [line.split("\t") for line in table.read_text().splitlines()]
    assert header == ["sha256", "bytes", "path"]
    files = contents(tmp_path / "out")
    assert {path: int(size) for _, size, path in rows} == {
        path: len(data) for path, data in files.items()
    }


def test_files_that_were_finished_but_not_entered_are_entered(
    photographs: Path, tmp_path: Path
) -> None:
    generation.generate(order(photographs), tmp_path / "out")
    (table,) = (tmp_path / "out" / "manifest").glob("*.tsv")
    whole = table.read_text()
    table.write_text("".join(whole.splitlines(keepends=True)[:9]))
    assert generation.generate(order(photographs), tmp_path / "out").made == 0
    assert sorted(table.read_text().splitlines()) == sorted(whole.splitlines())


def test_shards_groups_and_workers_do_not_show(
    photographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation.generate(order(photographs), tmp_path / "whole", workers=1)
    monkeypatch.setattr("robench.generation.tree_job.GROUP_SIZE", 4)
    for number in (2, 3, 1):
        part = order(photographs, shard=Shard(number, 3))
        generation.generate(part, tmp_path / "shared", workers=3)
    assert contents(tmp_path / "whole") == contents(tmp_path / "shared")
    shards = list((tmp_path / "shared" / "manifest").glob("*/manifest.json"))
    assert len(shards) == 3


def test_what_is_there_is_kept_and_more_can_be_added(photographs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    generation.generate(order(photographs, "contrast"), out)
    before = contents(out)
    removed = out / "contrast" / "4" / "n0001" / "photo_2.JPEG"
    removed.unlink()
    leftover = removed.with_name(f".{removed.name}.77.tmp")
    leftover.write_bytes(b"left by a kill")
    done = generation.generate(order(photographs, "contrast", "fog"), out)
    assert (done.made, done.kept) == (2 * COUNT + 1, 2 * COUNT - 1)
    after = contents(out)
    assert {path: after[path] for path in before} == before
    assert not leftover.exists()


def test_a_damaged_file_is_made_again(photographs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    generation.generate(order(photographs), out)
    before = contents(out)
    path = next(iter(before))
    (out / path).write_bytes(before[path][:100])
    assert generation.generate(order(photographs), out).made == 1
    assert contents(out) == before


def test_no_kill_leaves_a_temporary_file_for_good(photographs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    generation.generate(order(photographs), out)
    (table,) = (out / "manifest").glob("*.tsv")
    leftovers = [path.with_name(f".{path.name}.77.tmp") for path in (out / "manifest.json", table)]
    for leftover in leftovers:
        leftover.write_bytes(b"left by a kill")
    generation.generate(order(photographs), out)
    assert not [leftover for leftover in leftovers if leftover.exists()]


def test_another_size_or_changed_photographs_are_refused(photographs: Path, tmp_path: Path) -> None:
    generation.generate(order(photographs, "contrast"), tmp_path / "out")
    with pytest.raises(RobenchError, match="from other images or at another size"):
        generation.generate(order(photographs, "contrast", side_px=48), tmp_path / "out")


def test_a_broken_photograph_stops_or_is_left_out(photographs: Path, tmp_path: Path) -> None:
    broken = photographs / "n0001" / "photo_3.JPEG"
    broken.write_bytes(broken.read_bytes()[:300])
    with pytest.raises(RobenchError, match=r"photo_3\.JPEG is not .*--skip-broken"):
        generation.generate(order(photographs, "contrast"), tmp_path / "out")
    done = generation.generate(order(photographs, "contrast"), tmp_path / "out", skip_broken=True)
    assert done.skipped == ("n0001/photo_3.JPEG",)
    files = contents(tmp_path / "out")
    assert len(files) == 2 * (COUNT - 1)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["skipped"] == ["n0001/photo_3.JPEG"]
    again = generation.generate(order(photographs, "contrast"), tmp_path / "out", skip_broken=True)
    assert (again.made, again.kept) == (0, 2 * (COUNT - 1))


def test_leaving_one_out_does_not_change_the_others(photographs: Path, tmp_path: Path) -> None:
    generation.generate(order(photographs, "shot_noise"), tmp_path / "whole")
    (photographs / "n0000" / "photo_0.JPEG").write_bytes(b"")
    generation.generate(order(photographs, "shot_noise"), tmp_path / "rest", skip_broken=True)
    whole, rest = contents(tmp_path / "whole"), contents(tmp_path / "rest")
    assert len(rest) == len(whole) - 2
    assert all(whole[path] == data for path, data in rest.items())


def test_other_formats_become_jpeg_unless_names_would_meet(tmp_path: Path) -> None:
    source = write_photographs(tmp_path / "photographs", count=1, classes=1)
    photograph(8, 64, 64).save(source / "n0000" / "other.png")
    generation.generate(order(source, "contrast"), tmp_path / "out")
    assert "contrast/1/n0000/other.JPEG" in contents(tmp_path / "out")
    shutil.copy(source / "n0000" / "photo_0.JPEG", source / "n0000" / "other.JPEG")
    with pytest.raises(RobenchError, match=r"2 photographs would become n0000/other\.JPEG"):
        generation.generate(order(source, "contrast"), tmp_path / "again")


def test_a_sequence_is_a_video_per_photograph(photographs: Path, tmp_path: Path) -> None:
    job = order(
        photographs, "snow", preset="imagenet", side_px=64, sequences=True, shard=Shard(1, 5)
    )
    generation.generate(job, tmp_path / "out", lossless=True)
    files = contents(tmp_path / "out")
    assert sorted(files) == [f"snow/n0000/photo_{number}.mp4" for number in range(3)]
    for number in range(3):
        whole = job.source.uncropped(number)  # type: ignore[attr-defined]
        assert min(whole.shape[:2]) == 73
        expected = perturb(whole[None], "snow", preset="imagenet", indices=[number], crop_px=64)
        assert np.array_equal(decode_video(files[f"snow/n0000/photo_{number}.mp4"]), expected[0])


def test_a_video_is_the_same_every_time() -> None:
    picture = np.random.default_rng(0).normal(np.asarray(photograph(0, 200, 200)), 12)
    picture = picture.clip(0, 255).astype(np.uint8)
    frames = np.stack([picture[step : 160 + step, step : 160 + step] for step in range(12)])
    assert len({encode_video(frames, grainy=False, lossless=False) for _ in range(8)}) == 1


def test_the_benchmarks_compression_is_close() -> None:
    frames = perturb(np.asarray(photograph(7, 64, 64))[None], "brightness", preset="tiny")[0]
    data = encode_video(frames, grainy=False, lossless=False)
    difference = np.abs(decode_video(data).astype(int) - frames)
    assert difference.mean() < 3
    assert len(data) < len(encode_video(frames, grainy=False, lossless=True))


def test_a_dry_run_writes_nothing(photographs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    wanted = order(photographs, "fog", "pixelate")
    expected = forecast_generation(wanted, out)
    assert not out.exists()
    count = len(wanted.source.labels)
    conditions = 2 * len(wanted.severities)
    assert (expected.images, expected.times) == (count, conditions)
    assert expected.steps == conditions * count
    assert expected.seconds is not None
    assert expected.seconds > 0
    assert expected.disk_bytes > 0
    generation.generate(wanted, out)
    assert forecast_generation(wanted, out).steps == 0
