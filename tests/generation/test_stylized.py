"""A stylised copy: end to end with weights drawn at random, gone on with, trained on, and refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from baselines import adain
from robench.datasets.as_stored import AsStored
from robench.datasets.image_folder import ImageFolder, open_image_folder
from robench.datasets.stylised_copy import with_stylised_copy
from robench.errors import RobenchError
from robench.generation import stylized as target
from robench.generation.stylized import Style, stylize
from tests.training.tiny_problem import tiny_source

SMALL = Style(alpha=1.0, side_px=32)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two paintings, and weights of the two networks."""
    folder = tmp_path_factory.mktemp("given")
    (folder / "paintings").mkdir()
    random = np.random.default_rng(0)
    for name, size in (("a", (40, 60)), ("b", (50, 30))):
        pixels = random.integers(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"paintings/{name}.png")
    torch.manual_seed(0)
    torch.save(adain.encoder().state_dict(), folder / "encoder.pth")
    torch.save(adain.decoder().state_dict(), folder / "decoder.pth")
    return folder


@pytest.fixture
def run(given: Path, tmp_path: Path) -> Callable[..., Any]:
    def stylized(source: Any, out: str = "copy", **changes: Any) -> Any:
        arguments = {"style": SMALL} | changes
        files = (given / "paintings", given / "encoder.pth", given / "decoder.pth")
        return stylize(source, *files, tmp_path / out, **arguments)

    return stylized


def pictures(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.png"))}


def test_a_stopped_copy_goes_on_and_is_the_same(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tiny_source(11)
    done = run(source, "whole")
    assert (done.made, done.kept) == (11, 0)
    with monkeypatch.context() as patch:
        write = target._write

        def stop(path: Path, picture: Any) -> None:
            if path.name == "00000009.png":
                raise KeyboardInterrupt
            write(path, picture)

        patch.setattr(target, "_write", stop)
        with pytest.raises(KeyboardInterrupt):
            run(source)
    assert len(pictures(tmp_path / "copy")) == 9
    with pytest.raises(RobenchError, match="is not finished; repeat its `robench stylize`"):
        with_stylised_copy(source, tmp_path / "copy")
    done = run(source)
    assert (done.made, done.kept) == (2, 9)
    whole, gone_on = (pictures(tmp_path / name) for name in ("whole", "copy"))
    assert whole.keys() == gone_on.keys()
    for name in whole:  # the last batch is of another size, which may move a last bit
        one, two = (
            np.asarray(Image.open(tmp_path / f / name)).astype(int) for f in ("whole", "copy")
        )
        assert np.abs(one - two).max() <= 1


def test_the_copies_follow_the_images(run: Callable[..., Any], tmp_path: Path) -> None:
    source = tiny_source(10)
    run(source)
    both = with_stylised_copy(source, tmp_path / "copy")
    assert both.classes == source.classes
    np.testing.assert_array_equal(both.labels, np.tile(source.labels, 2))
    assert len(np.unique(both.indices)) == 20
    np.testing.assert_array_equal(both.read(0, 10), source.read(0, 10))
    with Image.open(tmp_path / "copy/00000003.png") as picture:
        np.testing.assert_array_equal(both.read(13, 14)[0], np.asarray(picture))
    assert (both.read(10, 20) != source.read(0, 10)).mean() > 0.5


def test_photographs_have_copies_too(run: Callable[..., Any], tmp_path: Path) -> None:
    for number, name in enumerate(("cat/one", "dog/two", "dog/three")):
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), (80 * number, 10, 200)).save(tmp_path / f"tree/{name}.png")
    source = open_image_folder(tmp_path / "tree", AsStored(32))
    run(source)
    both = with_stylised_copy(source, tmp_path / "copy")
    assert isinstance(both, ImageFolder)
    np.testing.assert_array_equal(both.read(0, 3), source.read(0, 3))
    with Image.open(tmp_path / "copy/00000002.png") as picture:
        np.testing.assert_array_equal(both.read(5, 6)[0], np.asarray(picture))


def test_what_does_not_fit_is_refused(run: Callable[..., Any], given: Path, tmp_path: Path) -> None:
    source = tiny_source(4)
    run(source)
    with pytest.raises(RobenchError, match=r"was made with alpha 1\.0, this command has 0\.5"):
        run(source, style=Style(0.5, 32))
    with pytest.raises(RobenchError, match="copy of other images: its images is 4, here it is 6"):
        with_stylised_copy(tiny_source(6), tmp_path / "copy")
    with pytest.raises(RobenchError, match="copy of other images: its source_sha256"):
        with_stylised_copy(tiny_source(4, seed=5), tmp_path / "copy")
    with pytest.raises(RobenchError, match=r"no stylised copy \(it has no manifest.json\)"):
        with_stylised_copy(source, given)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/manifest.json").write_text(json.dumps({"format": "robench-fractals/1"}))
    with pytest.raises(RobenchError, match="not that of a stylised copy"):
        with_stylised_copy(source, tmp_path / "other")
    files = {name: given / name for name in ("paintings", "encoder.pth", "decoder.pth")}
    paintings, encoder, decoder = files.values()
    with pytest.raises(RobenchError, match=r"decoder.pth has no 0.weight; expected"):
        stylize(source, paintings, decoder, encoder, tmp_path / "new")
    small = {k: v[:1] for k, v in torch.load(decoder, weights_only=True).items()}
    torch.save(small, tmp_path / "small.pth")
    with pytest.raises(RobenchError, match=r"small.pth: 1.weight is \(1, 512, 3, 3\), expected"):
        stylize(source, paintings, encoder, tmp_path / "small.pth", tmp_path / "new")
    for values, message in (
        ((2.0, 32), "alpha must be 0 to 1, got 2"),
        ((0.5, 33), "multiple of 8"),
    ):
        with pytest.raises(RobenchError, match=message):
            Style(*values)
