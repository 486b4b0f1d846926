"""The clean test sets by themselves: what anomalies are told from, and clean errors."""

from robench.suites.suite import Suite

PRESETS = {
    "cifar-10": "cifar",
    "cifar-100": "cifar",
    "digits": "cifar",
    "imagenet": "imagenet",
    "tiny-imagenet": "tiny",
}

SUITES = {
    name: Suite(
        name=name,
        summary="the clean test set by itself",
        dataset=name,
        corruptions=(),
        severities=(),
        preset=preset,
    )
    for name, preset in PRESETS.items()
}
