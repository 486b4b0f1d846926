"""The adversarial error of a model on a dataset, from one record per image."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.attacks.attacked import Attacked
from robench.datasets import Source
from robench.metrics.intervals import wilson_interval
from robench.progress import bar


class Attack(Protocol):
    """An attack with its settings and its model filled in."""

    def __call__(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64], *, indices: NDArray[np.int64]
    ) -> Attacked:
        """Attack uint8 (N, H, W, 3) with labels (N,) and numbers in the dataset (N,)."""


@dataclass(frozen=True)
class AdversarialError:
    """What came of an attack on a dataset.

    Attributes:
        records: one row per image: ``index``, ``label``, and as booleans ``clean_wrong``, ``adversarial_wrong`` and
            ``without_gradient``.
    """

    records: pd.DataFrame

    @property
    def error(self) -> float:
        """The share of images misclassified under attack; one misclassified without it counts."""
        return float(self.records["adversarial_wrong"].mean())

    @property
    def clean_error(self) -> float:
        """The share of the same images misclassified without an attack."""
        return float(self.records["clean_wrong"].mean())

    @property
    def without_gradient(self) -> int:
        """How many images gave the attack no direction to go; see ``Attacked.without_gradient``."""
        return int(self.records["without_gradient"].sum())

    def table(self) -> pd.DataFrame:
        """Return ``metric``, ``value``, ``low``, ``high`` (fractions, 95% Wilson intervals) and ``n``."""
        count = len(self.records)
        rows = [
            (name, value, *wilson_interval(round(value * count), count), count)
            for name, value in (("error", self.clean_error), ("adversarial_error", self.error))
        ]
        return pd.DataFrame(rows, columns=["metric", "value", "low", "high", "n"])


def adversarial_error(
    attack: Attack, source: Source, *, batch_size: int = 128, progress: bool = False
) -> AdversarialError:
    """Attack every image of a source, a batch at a time; with ``progress``, a bar with the time left on stderr."""
    parts = []
    with bar(len(source.labels), unit="img", shown=progress) as shown:
        for start in range(0, len(source.labels), batch_size):
            batch = slice(start, min(start + batch_size, len(source.labels)))
            labels, indices = source.labels[batch], source.indices[batch]
            done = attack(source.read(batch.start, batch.stop), labels, indices=indices)
            columns = {
                "index": indices,
                "label": labels,
                "clean_wrong": done.clean_wrong,
                "adversarial_wrong": done.wrong,
                "without_gradient": done.without_gradient,
            }
            parts.append(pd.DataFrame(columns))
            shown.update(len(labels))
    return AdversarialError(pd.concat(parts, ignore_index=True))
