"""CIFAR-10-C and CIFAR-100-C: 15 corruptions x 5 severities of the 10,000 test images.

The mean corruption error is unnormalised, as in the AugMix paper (Hendrycks et al. 2020, section 4.1).
Source: Hendrycks & Dietterich 2019.
"""

from corruptions import BENCHMARK, EXTRA, SEVERITIES
from robench.suites.suite import Suite

SUITES = {
    name: Suite(
        name=name,
        summary=f"{title}-C: 15 corruptions x 5 severities of the {title} test set",
        dataset=dataset,
        corruptions=BENCHMARK,
        extra=EXTRA,
        severities=SEVERITIES,
        preset="cifar",
        folder=f"{title}-C",
    )
    for name, title, dataset in (
        ("cifar-10-c", "CIFAR-10", "cifar-10"),
        ("cifar-100-c", "CIFAR-100", "cifar-100"),
    )
}
