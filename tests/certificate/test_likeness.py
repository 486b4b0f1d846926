"""Which photograph an image shows."""

import numpy as np

from robench.certificate.likeness import nearer_framing, own_likeness, stranger_sentence

NAMES = [f"n0/{number}.JPEG" for number in range(8)]


def pictures() -> np.ndarray:
    """Return eight pictures of 16 random fields each."""
    fields = np.random.default_rng(0).integers(0, 200, (8, 4, 4, 3))
    return np.kron(fields, np.ones((1, 16, 16, 1))).astype(np.uint8)


def test_likeness_is_the_correlation_of_thumbnails() -> None:
    clean = pictures()
    np.testing.assert_allclose(own_likeness(clean + np.uint8(20), clean), 1, atol=1e-6)
    np.testing.assert_allclose(own_likeness(200 - clean, clean), -1, atol=1e-6)


def test_another_photograph_is_named_with_the_one_it_is_of() -> None:
    clean = pictures()
    stored = clean + np.uint8(5)
    assert stranger_sentence(stored, clean, clean, NAMES) == ""
    stored[3] = stored[6]
    expected = "n0/3.JPEG shows another photograph, that of n0/6.JPEG"
    assert stranger_sentence(stored, clean, clean, NAMES) == expected
    stored[3] = 200 - clean[3]
    assert stranger_sentence(stored, clean, clean, NAMES) == "n0/3.JPEG shows another photograph"
    stored[5] = stored[6]
    assert (
        stranger_sentence(stored, clean, clean, NAMES)
        == "n0/3.JPEG and 1 others show other photographs"
    )


def test_nobody_is_accused_where_the_corruption_hides_the_photographs() -> None:
    clean = pictures()
    hidden = np.random.default_rng(1).integers(0, 256, clean.shape).astype(np.uint8)
    assert stranger_sentence(hidden, hidden, clean, NAMES) == ""


def test_a_framing_is_told_by_most_of_the_images() -> None:
    clean = pictures()
    shifted = np.roll(clean, 6, axis=2)
    assert nearer_framing(shifted, clean, {"imagenet": shifted}) == "imagenet"
    assert nearer_framing(clean, clean, {"imagenet": shifted}) is None
    half = np.concatenate([shifted[:4], clean[4:]])
    assert nearer_framing(half, clean, {"imagenet": shifted}) is None
