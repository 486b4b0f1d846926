"""An adversarial error for people, and for files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from robench.atomic_file import write_atomically
from robench.attacks.adversarial_error import AdversarialError
from robench.datasets import Source
from robench.models import Model
from robench.provenance import library_versions, now, write_json
from robench.version import VERSION

LABELS = {"error": "clean error", "adversarial_error": "adversarial error"}


def lines(result: AdversarialError, method: str, settings: Mapping[str, Any]) -> list[str]:
    """Return what the terminal shows: the attack, the two errors in percent with intervals, and what limits them."""
    shown = [f"attack: {method}, {sentence(settings)}"]
    for row in result.table().itertuples():
        shown.append(
            f"{LABELS[str(row.metric)]:<18} {100 * float(row.value):5.1f} %   "  # type: ignore[arg-type]
            f"(95% interval {100 * float(row.low):.1f} to {100 * float(row.high):.1f}, {row.n} images)"  # type: ignore[arg-type]
        )
    if count := result.without_gradient:
        shown.append(
            f"{count} images gave no gradient at all, so that the attack had no direction: their part of the error "
            "is a lower bound; try --attack autoattack"
        )
    return shown


def sentence(settings: Mapping[str, Any]) -> str:
    """Return the settings in words, sizes in 255ths of the range of a pixel."""
    words = []
    for name, value in settings.items():
        in_levels = f"{255 * value:.4g}/255" if name in ("epsilon", "step_size") else value
        words.append(f"{name.replace('_', ' ')} {in_levels}")
    return ", ".join(words)


def write(
    folder: Path,
    result: AdversarialError,
    model: Model,
    source: Source,
    settings: Mapping[str, Any],
    command: Sequence[str] = (),
) -> None:
    """Write ``records.parquet``, one row per image, and then ``attack.json``: the scores and what was attacked how."""
    records = result.records.astype({"index": np.int32, "label": np.int16})
    write_atomically(folder / "records.parquet", lambda file: records.to_parquet(file, index=False))
    info = {
        "robench": VERSION,
        "command": list(command),
        "model": model.record(),
        "data": {
            "description": source.description,
            "manifest_sha256": source.manifest_sha256(),
            "images": len(source.labels),
        },
        "settings": dict(settings),
        "scores": result.table().to_dict("records"),
        "without_gradient": result.without_gradient,
        "libraries": library_versions(),
        "finished": now(),
    }
    write_json(folder / "attack.json", info)
