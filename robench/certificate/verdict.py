"""What a certificate says about one file of a corrupted test set, or one folder of a tree."""

import textwrap
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

OFFICIAL = "official"
REPRODUCED = "reproduced"
SAME_DISTRIBUTION = "same distribution"
DIFFERS = "differs"
NOT_CHECKED = "not checked"

MEANING = {
    OFFICIAL: "the published file, by its md5",
    REPRODUCED: "pixel for pixel what this version makes of the clean images",
    SAME_DISTRIBUTION: "other random draws or another codec, the same corruption",
    DIFFERS: "something else than its name says",
    NOT_CHECKED: "nothing to hold it against",
}


TEST = (
    "per image: mean, mean absolute and standard deviation of the residual (corrupted minus clean), horizontal and "
    "vertical roughness, in levels of 255; paired Wilcoxon signed-rank test against a fresh sample of the same images "
    "with another seed, Bonferroni-corrected over summaries and severities or frames; a file differs when p < 0.001 "
    "and the mean difference exceeds 0.25 levels"
)
WIDTH = 100


@dataclass(frozen=True)
class Verdict:
    """A verdict on one file.

    Attributes:
        file: its path below the folder.
        verdict: one of the five words above.
        detail: a sentence that says by what, or how it differs.
        p_value: of the paired test, Bonferroni-corrected within the file; None where no test was needed.
        shift: the largest mean difference of a residual summary from a fresh sample's, in levels of 255; None likewise.
    """

    file: str
    verdict: str
    detail: str = ""
    p_value: float | None = None
    shift: float | None = None


@dataclass(frozen=True)
class Certificate:
    """The verdicts on a folder, with what they were held against."""

    folder: str
    against: str
    sample: int
    seed: int
    verdicts: tuple[Verdict, ...]

    @property
    def is_clean(self) -> bool:
        """Is every file official, reproduced or of the same distribution?"""
        return all(each.verdict not in (DIFFERS, NOT_CHECKED) for each in self.verdicts)

    def as_text(self) -> str:
        """Return it as a table for the terminal, with the meaning of each word that occurs."""
        width = max(len(each.file) for each in self.verdicts)
        lines = [f"{self.folder}, held against {self.against}", ""]
        for each in self.verdicts:
            p_value = "" if each.p_value is None else f", p = {each.p_value:.2g}"
            lines.append(
                f"{each.file:<{width}}  {each.verdict:<17}  {each.detail}{p_value}".rstrip()
            )
        count = Counter(each.verdict for each in self.verdicts)
        lines.append("")
        for verdict, meaning in MEANING.items():
            if count[verdict]:
                lines.append(f"{count[verdict]:>3} {verdict}: {meaning}")
        if any(each.p_value is not None for each in self.verdicts):
            lines += ["", *textwrap.wrap(f"test: {TEST}", WIDTH)]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self) | {"is_clean": self.is_clean, "test": TEST}
