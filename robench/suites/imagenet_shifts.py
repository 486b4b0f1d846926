"""Test sets that share ImageNet's classes but not its photographs: R, A, O, V2 and Sketch. They have no corruptions.

ImageNet-R, -A and -O are about 200 classes each: only their logits count. ImageNet-O's pictures show none of the
classes; its score is how well they are told from ImageNet's own pictures of its 200 classes, its reference.
Sources: Hendrycks et al. 2021, "The Many Faces of Robustness" and "Natural Adversarial Examples"; Recht et al. 2019;
Wang et al. 2019.
"""

from robench.datasets.imagenet_classes import class_numbers
from robench.suites.suite import Suite


def _suite(
    name: str, summary: str, letter: str | None = None, reference: str | None = None
) -> Suite:
    return Suite(
        name=name,
        summary=summary,
        dataset=name,
        corruptions=(),
        severities=(),
        preset="imagenet",
        classes_used=tuple(class_numbers(letter).values()) if letter else None,
        reference=reference,
    )


SUITES = {
    suite.name: suite
    for suite in (
        _suite("imagenet-r", "ImageNet-R: renditions of 200 classes, among their logits", "r"),
        _suite(
            "imagenet-a", "ImageNet-A: hard photographs of 200 classes, among their logits", "a"
        ),
        _suite(
            "imagenet-o",
            "ImageNet-O: anomalies; score it against imagenet-o-reference",
            "o",
            "imagenet-o-reference",
        ),
        _suite("imagenet-o-reference", "ImageNet's images of the 200 classes of imagenet-o", "o"),
        _suite("imagenet-v2", "ImageNet-V2, matched frequency: new photographs of all classes"),
        _suite("imagenet-sketch", "ImageNet-Sketch: drawings of all classes"),
    )
}
