"""``robench attack --dry-run``: the attack on a few images makes the forecast."""

import time
from pathlib import Path

import numpy as np

from robench.attacks.adversarial_error import Attack, adversarial_error
from robench.datasets import Source
from robench.forecast import Forecast, peak_memory_bytes

IMAGES = 8
BYTES_PER_IMAGE, BYTES_OF_RUN = 6.0, 20_000.0  # of records.parquet; of attack.json and its frame


def forecast_attack(
    attack: Attack, source: Source, out: str | Path | None, *, batch_size: int
) -> Forecast:
    """Return what ``adversarial_error`` with these arguments would take; nothing is written."""
    count = len(source.labels)
    size = min(IMAGES, batch_size, count)
    some = source.select(np.arange(size))
    began = time.perf_counter()
    adversarial_error(attack, some, batch_size=size)
    took = time.perf_counter() - began
    return Forecast(
        images=count,
        times=1,
        times_of="attack",
        steps=count,
        seconds=took / size * count,
        measured_on=f"measured on {size} images, in one batch",
        memory_bytes=peak_memory_bytes(),
        disk_bytes=BYTES_OF_RUN + BYTES_PER_IMAGE * count,
        out=None if out is None else Path(out),
    )
