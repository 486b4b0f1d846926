"""``.safetensors`` files: tensors under names, with a header of text; nothing in them can run.

A header with ``architecture``, ``mean`` and ``std`` (the latter two as JSON lists) makes the file as good as a robench
checkpoint. Source: https://huggingface.co/docs/safetensors. Needs the extra ``robench[safetensors]``.
"""

import json
from pathlib import Path
from typing import Any

from robench.errors import RobenchError
from robench.models.checkpoint import model_of_weights
from robench.models.model import Model
from robench.models.request import Request, Source, existing_file, first_line, sha256_of

SUFFIX = ".safetensors"


def load(request: Request) -> Model:
    """Load the tensors into ``--arch``; raise RobenchError as for any state dict."""
    path = existing_file(request.spec, "checkpoint")
    tensors, header = read_safetensors(path)
    return model_of_weights(request, tensors, sha256_of(path), header)


def read_safetensors(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the tensors of a file, and its header with numbers for the texts that are JSON.

    Raises RobenchError for a damaged file, and without the package.
    """
    try:
        from safetensors import SafetensorError, safe_open
    except ModuleNotFoundError as error:
        raise RobenchError(
            "safetensors is not installed; pip install 'robench[safetensors]'"
        ) from error
    try:
        with safe_open(path, framework="pt") as file:
            tensors: dict[str, Any] = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  no dict
            header = file.metadata() or {}
    except (SafetensorError, OSError, ValueError, TypeError, KeyError) as error:
        raise RobenchError(
            f"{path} is damaged or not a safetensors file ({first_line(error)})"
        ) from None
    return tensors, _record(header)


def _record(header: dict[str, str]) -> dict[str, Any]:
    """Return the header with numbers for the texts that are JSON."""
    record: dict[str, Any] = dict(header)
    for key in ("mean", "std"):
        try:
            record[key] = json.loads(header[key])
        except (KeyError, ValueError):
            record.pop(key, None)
    return record


SOURCES = {
    "safetensors": Source(
        "FILE.safetensors: a state dict",
        claims=lambda spec: spec.endswith(SUFFIX),
        load=load,
    )
}
