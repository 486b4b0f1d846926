"""How many images the test sets have on which published numbers are measured."""

OFFICIAL_COUNTS = {
    "cifar-10": 10_000,
    "cifar-100": 10_000,
    "tiny-imagenet": 10_000,
    "imagenet": 50_000,
    "imagenet-r": 30_000,
    "imagenet-a": 7_500,
    "imagenet-o": 2_000,
    "imagenet-v2": 10_000,
    "imagenet-sketch": 50_889,
}
