"""What a published SqueezeNet scores on 1,300 photographs, corrupted and perturbed here, beside one on all of them."""

import numpy as np
from reproduction.cells import PERCENT, cell, corruptions, opened, table

from baselines.published.normaliser import normaliser
from robench.published_results import published_scores

C, P = "squeezenet/imagenet-c", "squeezenet/imagenet-p"
TESTBED = "published:testbed/squeezenet1_0"
SCORES = (
    ("error, clean", C, "clean", "error"),
    ("top-5 error, clean", C, "clean", "top5_error"),
    ("mean corruption error, not normalised", C, "all", "mean_uce"),
    ("mCE (AlexNet = 100%)", C, "all", "mce"),
    ("relative mCE (AlexNet = 100%)", C, "all", "relative_mce"),
    ("RMS calibration error, clean", C, "clean", "rms_calibration_error"),
    ("RMS calibration error, ImageNet-C", C, "all", "rms_calibration_error"),
    ("mean flip probability, ImageNet-P", P, "all", "mean_flip_probability"),
)


def photographs() -> str:
    """Return the network's scores, beside those of the same architecture on the whole validation set."""
    rows = [
        (words, cell(opened(run), corruption, metric), _published(corruption, metric))
        for words, run, corruption, metric in SCORES
    ]
    return table(("SqueezeNet 1.0", "measured here [95%]", "published, other weights"), rows)


def photographs_by_corruption() -> str:
    """Return the error by corruption and the CE that it gives with AlexNet's constants, beside the published ones."""
    run, (alexnet, _) = opened(C), normaliser("alexnet_imagenet_c")
    rows = []
    for name in corruptions(run):
        published = _value(name, "uce")
        rows.append(
            (
                name,
                cell(run, name, "uce"),
                cell(run, name, "ce"),
                f"{PERCENT * published:.2f}%",
                f"{PERCENT * published / alexnet[name]:.2f}%",
            )
        )
    head = ("corruption", "error here [95%]", "CE here [95%]", "error, published", "its CE")
    return table(head, rows)


def photographs_perturbed() -> str:
    """Return the flip probability by perturbation."""
    run = opened(P)
    rows = [(name, cell(run, name, "flip_probability")) for name in corruptions(run)]
    return table(("perturbation", "flip probability"), rows)


def _published(corruption: str, metric: str) -> str:
    value = _published_mce() if metric == "mce" else _value(corruption, metric)
    return "" if value is None else f"{PERCENT * value:.2f}%"


def _published_mce() -> float:
    """Return the mean of the CEs that the published errors give."""
    alexnet, _ = normaliser("alexnet_imagenet_c")
    errors = {name: _value(name, "uce") for name in corruptions(opened(C))}
    return float(np.mean([error / alexnet[name] for name, error in errors.items() if error]))


def _value(corruption: str, metric: str) -> float | None:
    scores = published_scores()
    found = scores[
        (scores["model"] == TESTBED)
        & (scores["suite"] == "imagenet-c")
        & (scores["corruption"] == corruption)
        & (scores["metric"] == metric)
    ]
    return float(found["value"].iloc[0]) if len(found) else None
