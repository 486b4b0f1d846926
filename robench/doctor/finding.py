"""What a check found."""

from dataclasses import dataclass

OK, NOTE, WRONG = "ok", "note", "wrong"


@dataclass(frozen=True)
class Finding:
    """One check's verdict: ``"ok"``, ``"note"`` (worth knowing, not wrong) or ``"wrong"``, and the sentence."""

    check: str
    verdict: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.verdict.upper() if self.verdict == WRONG else self.verdict:<6} {self.check}: {self.sentence}"


@dataclass(frozen=True)
class Diagnosis:
    """Every check's finding, in the order of the checks."""

    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        return self.as_text()

    @property
    def is_healthy(self) -> bool:
        """Nothing is wrong."""
        return all(finding.verdict != WRONG for finding in self.findings)

    def as_text(self) -> str:
        """Return one line per finding, and the conclusion."""
        return "\n".join([*map(str, self.findings), self.conclusion()])

    def conclusion(self) -> str:
        """Return a line that counts the findings that are wrong."""
        wrong = sum(finding.verdict == WRONG for finding in self.findings)
        if not wrong:
            return "nothing wrong was found"
        return f"{wrong} of the checks found something wrong"
