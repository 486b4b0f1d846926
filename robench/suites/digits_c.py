"""digits-C: the 15 corruptions, with CIFAR's constants, of 500 handwritten digits; needs no download."""

from corruptions import BENCHMARK, EXTRA, SEVERITIES
from robench.suites.suite import Suite

SUITES = {
    "digits-c": Suite(
        name="digits-c",
        summary="digits-C: 15 corruptions x 5 severities of the embedded digits, always on the fly",
        dataset="digits",
        corruptions=BENCHMARK,
        extra=EXTRA,
        severities=SEVERITIES,
        preset="cifar",
    )
}
