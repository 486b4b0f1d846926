"""The table of claims: what somebody else published, what these runs give, and how they were made."""

from dataclasses import dataclass

from reproduction.cells import PERCENT, cell, made, opened, table

AGREES, ORDER, OTHER = "yes", "the order does", "no: see below"


@dataclass(frozen=True)
class Claim:
    """Something published, and the runs of ours that measure it.

    Attributes:
        words: what is claimed.
        published: the number or numbers as printed.
        agrees: does ours agree?
        runs: folders below results/, in the order of the published numbers.
        corruption, metric: the row of their scores.csv that is a mean over severities, or of the clean images.
        scale: what the measured numbers are multiplied by.
    """

    words: str
    published: str
    agrees: str
    runs: tuple[str, ...]
    corruption: str
    metric: str
    scale: float = PERCENT

    def row(self) -> tuple[str, ...]:
        """Return the claim's row: words, published, measured, verdict, hardware, time, commands."""
        measured = [
            cell(opened(run), self.corruption, self.metric, self.scale) for run in self.runs
        ]
        origins = [made(part) for run in self.runs for part in _with_training(run)]
        return (
            self.words,
            self.published,
            " → ".join(measured),
            self.agrees,
            "; ".join(dict.fromkeys(hardware for hardware, _, _ in origins)),
            " + ".join(time.removesuffix(" min") for _, time, _ in origins) + " min",
            "<br>".join(f"`{command}`" for _, _, command in origins),
        )


def claims() -> str:
    """Return the table."""
    head = ("claim", "published", "measured [95%]", "agrees", "hardware", "time", "command")
    return table(head, [claim.row() for claim in CLAIMS])


def _with_training(run: str) -> list[str]:
    """Return a run, after the training that its network is of, if that is ours."""
    training = run.rpartition("/")[0]
    return [training, run] if training.startswith("trained/") else [run]


def _trained(*names: str) -> tuple[str, ...]:
    return tuple(f"trained/{name}/cifar-10-c" for name in names)


WRN = "WideResNet-40-2, 100 epochs"
CLAIMS = (
    Claim(
        "ResNet-20, error on the CIFAR-10 test set",
        "8.27%",
        AGREES,
        ("resnet20/cifar-10-c",),
        "clean",
        "error",
    ),
    Claim(
        "AugMix lowers the mean corruption error of standard training on CIFAR-10-C (AugMix, Table 1)",
        f"26.9% → 11.2% ({WRN})",
        ORDER,
        _trained("standard-0", "augmix-0"),
        "all",
        "mean_uce",
    ),
    Claim(
        "without its JSD loss AugMix lies between (AugMix, Table 4)",
        f"26.9% → 13.1% → 11.2% ({WRN})",
        ORDER,
        _trained("standard-0", "augmix-no-jsd-0", "augmix-0"),
        "all",
        "mean_uce",
    ),
    Claim(
        "Cutout does not help against corruptions (AugMix, Table 1)",
        f"26.9% → 26.8% ({WRN})",
        ORDER,
        _trained("standard-0", "cutout-0"),
        "all",
        "mean_uce",
    ),
    Claim(
        "Mixup helps (AugMix, Table 1)",
        f"26.9% → 22.3% ({WRN})",
        OTHER,
        _trained("standard-0", "mixup-0"),
        "all",
        "mean_uce",
    ),
    Claim(
        "IPMix helps more than AugMix (IPMix)",
        "31.5% → 26.6% (read off its plot, CIFAR-100-C)",
        ORDER,
        _trained("augmix-0", "ipmix-0"),
        "all",
        "mean_uce",
    ),
    Claim(
        "AugMix lowers the RMS calibration error on CIFAR-10-C (AugMix, Figure 6)",
        "lower, by the plot",
        AGREES,
        _trained("standard-0", "augmix-0"),
        "all",
        "rms_calibration_error",
    ),
)
