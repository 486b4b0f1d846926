"""Did a model see in training what it is tested on? What its checkpoint says of that.

A checkpoint of ``robench train`` names the operations of its training that overlap with test corruptions
(contrast, color, brightness, sharpness, cutout, noise, blur, corruptions themselves). A checkpoint from
elsewhere says nothing, so that of it nothing is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Contamination:
    """``operations`` overlap with test corruptions; ``known`` is false where some training is not on record."""

    operations: tuple[str, ...]
    known: bool

    def sentence(self, name: str) -> str | None:
        """Return what a reader of the model's scores must know, or None if there is nothing."""
        if self.operations:
            return (
                f"{name} was trained with {', '.join(self.operations)}, which overlap with test corruptions: "
                "its errors on those are not errors on unseen corruptions"
            )
        if not self.known:
            return (
                f"{name}: its training is not on record, so whether that overlaps with test corruptions "
                "is unknown"
            )
        return None


def contamination_of(record: Mapping[str, Any]) -> Contamination:
    """Return what is known of a model from its record, the entry ``model`` of an evaluation's run.json.

    Of an ensemble, whatever one of its members saw counts.
    """
    if members := record.get("members"):
        each = [contamination_of(member) for member in members]
        seen = sorted({operation for one in each for operation in one.operations})
        return Contamination(tuple(seen), all(one.known for one in each))
    overlaps = (record.get("training") or {}).get("overlaps")
    return Contamination(tuple(overlaps or ()), overlaps is not None)
