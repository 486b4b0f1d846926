"""Which archives make up a suite, and what cannot be downloaded.

Sources: the Zenodo records of Hendrycks & Dietterich 2019 (2535967, 3555552, 2235448, 3565846, 8206060) and their md5;
Krizhevsky 2009 (https://www.cs.toronto.edu/~kriz/cifar.html); Hendrycks et al. 2021, "Natural Adversarial Examples" and
"The Many Faces of Robustness"; Stanford CS231n for Tiny ImageNet.
"""

from dataclasses import dataclass

from robench.download.archive import Archive
from robench.registry import Registry

EXTRA = ("gaussian_blur", "saturate", "spatter", "speckle_noise")
NOISE = ("gaussian_noise", "impulse_noise", "shot_noise")
BLUR = ("defocus_blur", "glass_blur", "motion_blur", "zoom_blur")
WEATHER = ("brightness", "fog", "frost", "snow")
DIGITAL = ("contrast", "elastic_transform", "jpeg_compression", "pixelate")
CORE = (*NOISE, *BLUR, *WEATHER, *DIGITAL)

IMAGENET = (
    "ImageNet's licence forbids handing it on: register at https://image-net.org, get ILSVRC2012_img_val.tar and sort "
    "its 50,000 images into imagenet/val/<wnid>/*.JPEG below the data directory"
)
PERTURBED_CIFAR_100 = (
    "CIFAR-100-P is published on Google Drive only, without an md5 (see https://github.com/hendrycks/robustness): put "
    "its .npy files into CIFAR-100-P below the data directory"
)
IMAGENET_V2 = (
    "ImageNetV2 is published without an md5: unpack https://huggingface.co/datasets/vaishaal/ImageNetV2/resolve/main/"
    "imagenetv2-matched-frequency.tar.gz, so that imagenetv2-matched-frequency-format-val lies below the data directory"
)
IMAGENET_SKETCH = (
    "ImageNet-Sketch is published on Google Drive, without an md5 (see https://github.com/HaohanWang/ImageNet-Sketch): "
    "put its class folders into imagenet-sketch below the data directory"
)

IMAGENET_3DCC = (
    "ImageNet-3DCC is published without md5s: unpack the twelve https://datasets.epfl.ch/3dcc/imagenet_3dcc/"
    "<corruption>.tar.gz (near_focus, far_focus, fog_3d, flash, color_quant, low_light, xy_motion_blur, z_motion_blur, "
    "iso_noise, bit_error, h265_abr, h265_crf) into ImageNet-3DCC below the data directory, so that its files lie at "
    "ImageNet-3DCC/<corruption>/<severity>/<wnid>/*.JPEG"
)


@dataclass(frozen=True)
class Download:
    """What a name stands for: archives to fetch, and in words what the user must get another way."""

    archives: tuple[Archive, ...] = ()
    by_hand: str | None = None


def zenodo(record: int, name: str) -> str:
    """Return the address of a file of a Zenodo record."""
    return f"https://zenodo.org/records/{record}/files/{name}?download=1"


def _npy_files(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}.npy" for name in (*names, "labels"))


CIFAR_10 = Archive(
    url="https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    md5="c58f30108f718f92721af3b95e74349a",
    folder="cifar-10-batches-py",
    holds=("batches.meta", "test_batch", *(f"data_batch_{number}" for number in range(1, 6))),
)
CIFAR_100 = Archive(
    url="https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
    md5="eb9058c3a382ffc7106e4002c42a8d85",
    folder="cifar-100-python",
    holds=("meta", "test", "train"),
)
CIFAR_10_C = Archive(
    url=zenodo(2535967, "CIFAR-10-C.tar"),
    md5="56bf5dcef84df0e2308c6dcbcbbd8499",
    folder="CIFAR-10-C",
    holds=_npy_files(*CORE, *EXTRA),
)
CIFAR_10_P = Archive(
    url=zenodo(2535967, "CIFAR-10-P.tar"),
    md5="125d6775afc5846ea84584d7524dedff",
    folder="CIFAR-10-P",
)
CIFAR_100_C = Archive(
    url=zenodo(3555552, "CIFAR-100-C.tar"),
    md5="11f0ed0f1191edbf9fa23466ae6021d3",
    folder="CIFAR-100-C",
    holds=_npy_files(*CORE, *EXTRA),
)
TINY_IMAGENET = Archive(
    url="http://cs231n.stanford.edu/tiny-imagenet-200.zip",
    md5="90528d7ca1a48142e341f4ef8d21d0de",
    folder="tiny-imagenet-200",
    holds=("train", "val", "wnids.txt"),
)
TINY_IMAGENET_C = (
    Archive(
        url=zenodo(8206060, "Tiny-ImageNet-C.tar"),
        md5="f9c9a9dbdc11469f0b850190f7ad8be1",
        folder="Tiny-ImageNet-C",
        holds=CORE,
    ),
    Archive(
        url=zenodo(8206060, "Tiny-ImageNet-C-extra.tar"),
        md5="0db0588d243cf403ef93449ec52b70eb",
        folder="Tiny-ImageNet-C",
        holds=EXTRA,
    ),
)
IMAGENET_C = tuple(
    Archive(url=zenodo(2235448, f"{family}.tar"), md5=md5, folder="ImageNet-C", holds=holds)
    for family, md5, holds in (
        ("noise", "e80562d7f6c3f8834afb1ecf27252745", NOISE),
        ("blur", "2d8e81fdd8e07fef67b9334fa635e45c", BLUR),
        ("weather", "33ffea4db4d93fe4a428c40a6ce0c25d", WEATHER),
        ("digital", "89157860d7b10d5797849337ca2e5c03", DIGITAL),
        ("extra", "d492dfba5fc162d8ec2c3cd8ee672984", EXTRA),
    )
)
IMAGENET_P = tuple(
    Archive(url=zenodo(3565846, f"{family}.tar"), md5=md5, folder="ImageNet-P")
    for family, md5 in (
        ("noise", "619b37b5139ce764f77ce3bed3aee837"),
        ("blur", "869b2d2fb1604d1baa4316b5ecc9fdea"),
        ("weather", "a597ff6db8c6fb0dbcd6eb12ed620002"),
        ("digital", "8c1f73e4912812788e2fdb637cd55372"),
    )
)


def _natural(letter: str, md5: str) -> Archive:
    name = f"imagenet-{letter}"
    return Archive(f"https://people.eecs.berkeley.edu/~hendrycks/{name}.tar", md5, name)


DOWNLOADS: Registry[Download] = Registry("download")
DOWNLOADS["cifar-10"] = Download((CIFAR_10,))
DOWNLOADS["cifar-10-c"] = Download((CIFAR_10, CIFAR_10_C))
DOWNLOADS["cifar-10-p"] = Download((CIFAR_10, CIFAR_10_P))
DOWNLOADS["cifar-100"] = Download((CIFAR_100,))
DOWNLOADS["cifar-100-c"] = Download((CIFAR_100, CIFAR_100_C))
DOWNLOADS["cifar-100-p"] = Download((CIFAR_100,), PERTURBED_CIFAR_100)
DOWNLOADS["tiny-imagenet"] = Download((TINY_IMAGENET,))
DOWNLOADS["tiny-imagenet-c"] = Download((TINY_IMAGENET, *TINY_IMAGENET_C))
DOWNLOADS["imagenet"] = Download((), IMAGENET)
DOWNLOADS["imagenet-c"] = Download(IMAGENET_C, IMAGENET)
DOWNLOADS["imagenet-3dcc"] = Download((), IMAGENET_3DCC)
DOWNLOADS["imagenet-p"] = Download(IMAGENET_P, IMAGENET)
DOWNLOADS["imagenet-a"] = Download((_natural("a", "c3e55429088dc681f30d81f4726b6595"),))
DOWNLOADS["imagenet-o"] = Download((_natural("o", "86bd7a50c1c4074fb18fc5f219d6d50b"),), IMAGENET)
DOWNLOADS["imagenet-o-reference"] = Download((), IMAGENET)
DOWNLOADS["imagenet-v2"] = Download((), IMAGENET_V2)
DOWNLOADS["imagenet-sketch"] = Download((), IMAGENET_SKETCH)
DOWNLOADS["imagenet-r"] = Download((_natural("r", "a61312130a589d0ca1a8fca1f2bd3337"),))
