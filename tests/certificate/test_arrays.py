"""Certificates of .npy folders: what is right passes, and every planted fault is caught and named."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from corruptions import BENCHMARK, EXTRA, corrupt, perturb
from robench import RobenchError, datasets, generation
from robench.certificate import Verdict, published, verify
from robench.datasets import Source
from tests.conftest import IMAGES_PER_CIFAR_FILE as COUNT


@pytest.fixture
def clean(cifar_dir: Path) -> Source:
    return datasets.load("cifar-10", "test", cifar_dir)


def generated(data: Path, out: Path, *names: str, suite: str = "cifar-10-c", seed: int = 0) -> Path:
    order = generation.order_for(suite=suite, data_dir=data, names=names, seed=seed)
    generation.generate(order, out)
    return out


def verdict(folder: Path, data: Path | None, file: str, **options: object) -> Verdict:
    found = verify(folder, data_dir=data, **options).verdicts  # type: ignore[arg-type]
    return next(each for each in found if each.file == file)


def test_what_was_generated_is_reproduced(cifar_dir: Path, tmp_path: Path) -> None:
    folder = generated(cifar_dir, tmp_path / "out", *BENCHMARK, *EXTRA, "ripple", seed=4)
    certificate = verify(folder, data_dir=cifar_dir)
    assert certificate.is_clean
    assert certificate.seed == 4
    assert {each.verdict for each in certificate.verdicts} == {"reproduced"}
    assert len(certificate.verdicts) == 21


def test_another_seed_is_the_same_distribution(cifar_dir: Path, tmp_path: Path) -> None:
    folder = generated(cifar_dir, tmp_path / "out", *BENCHMARK, *EXTRA, seed=4)
    certificate = verify(folder, data_dir=cifar_dir, seed=5)
    assert certificate.is_clean
    kinds = {each.file: each.verdict for each in certificate.verdicts}
    assert kinds["fog.npy"] == kinds["glass_blur.npy"] == "same distribution"
    assert kinds["contrast.npy"] == "reproduced"
    assert list(kinds.values()).count("same distribution") == 11


def test_sequences_are_certified_too(cifar_dir: Path, tmp_path: Path) -> None:
    names = ("tilt", "gaussian_noise_2", "motion_blur")
    folder = generated(cifar_dir, tmp_path / "out", *names, suite="cifar-10-p", seed=4)
    assert {each.verdict for each in verify(folder, data_dir=cifar_dir).verdicts} == {"reproduced"}
    other = verdict(folder, cifar_dir, "gaussian_noise_2.npy", seed=1)
    assert other.verdict == "same distribution"
    films = np.load(folder / "tilt.npy")
    np.save(folder / "tilt.npy", films[:, ::-1])
    assert verdict(folder, cifar_dir, "tilt.npy").verdict == "differs"


def test_a_known_md5_is_official_and_needs_no_clean_data(
    cifar_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = generated(cifar_dir, tmp_path / "out", "contrast", "fog")
    content = (folder / "contrast.npy").read_bytes()
    md5 = {"contrast.npy": hashlib.md5(content).hexdigest()}
    monkeypatch.setitem(published.PUBLISHED_MD5, "cifar-10", md5)
    assert verdict(folder, None, "contrast.npy").verdict == "official"
    unknown = verify(folder)
    assert not unknown.is_clean
    assert "no clean images" in verdict(folder, None, "fog.npy").detail


def test_a_codec_that_rounds_otherwise_is_the_same_distribution(
    cifar_dir: Path, tmp_path: Path
) -> None:
    folder = generated(cifar_dir, tmp_path / "out", "jpeg_compression")
    pixels = np.load(folder / "jpeg_compression.npy").astype(int)
    pixels += np.random.default_rng(0).integers(-1, 2, pixels.shape)
    np.save(folder / "jpeg_compression.npy", pixels.clip(0, 255).astype(np.uint8))
    found = verdict(folder, cifar_dir, "jpeg_compression.npy")
    assert found.verdict == "same distribution"
    assert "0.6" in found.detail


Fault = Callable[[np.ndarray, Source], np.ndarray]


def rounded(pixels: np.ndarray, clean: Source) -> np.ndarray:
    """Noise of the right strength, stored by rounding where the benchmark truncates."""
    images = np.tile(clean.read(0, COUNT), (5, 1, 1, 1)) / 255
    strengths = np.repeat((0.04, 0.06, 0.08, 0.09, 0.10), COUNT)[:, None, None, None]
    noise = np.random.default_rng(1).normal(size=images.shape) * strengths
    return np.round((images + noise).clip(0, 1) * 255).astype(np.uint8)


def changed_pixel(pixels: np.ndarray, clean: Source) -> np.ndarray:
    pixels[3 * COUNT + 7, 5, 5, 0] ^= 1
    return pixels


def swapped(pixels: np.ndarray, clean: Source) -> np.ndarray:
    return pixels.reshape(5, -1, 32, 32, 3)[::-1].reshape(pixels.shape)


def two_swapped(pixels: np.ndarray, clean: Source) -> np.ndarray:
    return pixels.reshape(5, -1, 32, 32, 3)[[0, 3, 2, 1, 4]].reshape(pixels.shape)


def foggy(pixels: np.ndarray, clean: Source) -> np.ndarray:
    images = clean.read(0, COUNT)
    return np.concatenate([corrupt(images, "fog", s, preset="cifar", seed=9) for s in range(1, 6)])


def of_imagenet(pixels: np.ndarray, clean: Source) -> np.ndarray:
    images, name = clean.read(0, COUNT), "gaussian_noise"
    return np.concatenate(
        [corrupt(images, name, s, preset="imagenet", seed=9) for s in range(1, 6)]
    )


# Fault -> (what is done to gaussian_noise.npy, part of the sentence)
FAULTS: dict[str, tuple[Fault, str]] = {
    "severities swapped": (swapped, "severity 1 holds severity 5; severity 2 holds severity 4"),
    "two severities swapped": (
        two_swapped,
        "severity 2 holds severity 4; severity 4 holds severity 2",
    ),
    "imagenet strengths": (of_imagenet, "it is gaussian_noise with the imagenet constants"),
    "another corruption": (foggy, "it is fog with the cifar constants"),
    "one pixel": (changed_pixel, f"1 of {5 * COUNT} images were changed, the first is number 127"),
    "images shifted": (lambda pixels, _: np.roll(pixels, 1, axis=0), "stands 1 place too late"),
    "images shifted back": (lambda pixels, _: np.roll(pixels, -2, axis=0), "2 places too early"),
    "channels swapped": (lambda pixels, _: pixels[..., ::-1], "residual off by"),
    "clean": (
        lambda pixels, clean: np.tile(clean.read(0, COUNT), (5, 1, 1, 1)),
        "severity 1 holds clean images",
    ),
    "rounded": (rounded, "mean residual off by +0.4"),
    "shape": (lambda pixels, _: pixels[:-1], "uint8 (199, 32, 32, 3) instead of uint8 (200,"),
    "dtype": (lambda pixels, _: pixels.astype(np.float32), "float32 (200, 32, 32, 3) instead of"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named(
    name: str, clean: Source, cifar_dir: Path, tmp_path: Path
) -> None:
    folder = generated(cifar_dir, tmp_path / "out", "gaussian_noise")
    fault, sentence = FAULTS[name]
    path = folder / "gaussian_noise.npy"
    np.save(path, fault(np.load(path), clean))
    certificate = verify(folder, data_dir=cifar_dir)
    labels, found = certificate.verdicts
    assert (labels.verdict, found.verdict) == ("reproduced", "differs")
    assert sentence in found.detail
    assert not certificate.is_clean


def test_a_truncated_file_is_named(cifar_dir: Path, tmp_path: Path) -> None:
    folder = generated(cifar_dir, tmp_path / "out", "fog")
    path = folder / "fog.npy"
    for length in (5000, 40, 0):
        path.write_bytes(path.read_bytes()[:length])
        found = verdict(folder, cifar_dir, "fog.npy")
        assert found.verdict == "differs"
        assert f"truncated or not a .npy file: {length} bytes" in found.detail


def test_a_wrong_sequence_is_named(cifar_dir: Path, tmp_path: Path) -> None:
    names = ("tilt", "rotate", "gaussian_noise", "gaussian_noise_3", "translate", "snow")
    folder = generated(cifar_dir, tmp_path / "out", *names, suite="cifar-10-p")
    films = {name: np.load(folder / f"{name}.npy") for name in names}
    clean = datasets.load("cifar-10", "test", cifar_dir).read(0, COUNT)
    faults = {
        "tilt": (films["rotate"], "it is most like rotate ("),
        "gaussian_noise": (films["gaussian_noise_3"], "it is most like gaussian_noise_3 ("),
        "translate": (films["tilt"], "(40, 31, 32, 32, 3) instead of uint8 (40, 16, 32, 32, 3)"),
        "rotate": (np.roll(films["rotate"], 1, axis=0), "every image stands 1 place too late"),
        "snow": (
            perturb(clean, "snow", preset="imagenet", seed=9),
            "it is most like snow with the imagenet constants",
        ),
    }
    for name, (pixels, sentence) in faults.items():
        np.save(folder / f"{name}.npy", pixels)
        found = verdict(folder, cifar_dir, f"{name}.npy")
        assert (found.verdict, sentence in found.detail) == ("differs", True), found
    whole = (folder / "gaussian_noise_3.npy").read_bytes()
    (folder / "gaussian_noise_3.npy").write_bytes(whole[: len(whole) // 2])
    assert "truncated" in verdict(folder, cifar_dir, "gaussian_noise_3.npy").detail
    (folder / "gaussian_noise_3.npy").unlink()
    lost = verdict(folder, cifar_dir, "gaussian_noise_3.npy")
    assert lost.detail == "missing: the manifest says that it was made"


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (lambda labels: np.roll(labels, 1), "every label stands 1 place too late"),
        (lambda labels: np.roll(labels, -1), "every label stands 1 place too early"),
        (lambda labels: labels[::-1], "200 labels are not those of the images"),
        (lambda labels: labels[:17], "shape (17,) instead of 200 labels"),
        (lambda labels: np.where(np.arange(200) == 3, 9, labels), "1 of 200 labels are not"),
    ],
)
def test_wrong_labels_are_named(
    fault: Callable, sentence: str, cifar_dir: Path, tmp_path: Path
) -> None:
    folder = generated(cifar_dir, tmp_path / "out", "contrast")
    np.save(folder / "labels.npy", fault(np.load(folder / "labels.npy")))
    found = verdict(folder, cifar_dir, "labels.npy")
    assert found.verdict == "differs"
    assert sentence in found.detail


def test_labels_of_another_dtype_are_still_right(cifar_dir: Path, tmp_path: Path) -> None:
    folder = generated(cifar_dir, tmp_path / "out", "contrast")
    np.save(folder / "labels.npy", np.load(folder / "labels.npy").astype(np.int64))
    found = verdict(folder, cifar_dir, "labels.npy")
    assert (found.verdict, found.detail) == ("reproduced", "the clean labels, as int64")


def test_missing_labels_and_unknown_files_are_named(cifar_dir: Path, tmp_path: Path) -> None:
    folder = generated(cifar_dir, tmp_path / "out", "contrast")
    (folder / "labels.npy").unlink()
    (folder / "contrast.npy").rename(folder / "contrastt.npy")
    assert verdict(folder, cifar_dir, "labels.npy").verdict == "differs"
    assert "no corruption of that name" in verdict(folder, cifar_dir, "contrastt.npy").detail


def test_nothing_to_verify_is_refused(cifar_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(RobenchError, match="has nothing to verify"):
        verify(tmp_path)
    with pytest.raises(RobenchError, match="no folder"):
        verify(tmp_path / "nowhere")
    np.save(tmp_path / "fog.npy", np.zeros((5, 32, 32, 3), np.uint8))
    with pytest.raises(RobenchError, match=r"no readable labels\.npy .* give --suite"):
        verify(tmp_path)
    with pytest.raises(RobenchError, match="at least 20 images, got 5"):
        verify(tmp_path, data_dir=cifar_dir, suite="cifar-10-c", sample=5)
