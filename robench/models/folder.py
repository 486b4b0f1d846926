"""Folders with ``model.safetensors`` or ``pytorch_model.bin``, as Hugging Face's hub and Trainer and timm write them.

The weights may be in several files, which an index lists. ``config.json`` says the network where timm wrote it, and
the normalisation, which ``preprocessor_config.json`` may say, too. Weights of transformers' own networks are told
from those of timm's by their names.
Source: https://huggingface.co/docs/transformers/main_classes/trainer and timm's ``save_for_hf``.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from robench.arguments import argument
from robench.errors import RobenchError
from robench.models.checkpoint import model_of_weights
from robench.models.clean_view import CleanView
from robench.models.model import Model
from robench.models.request import Request, Source, first_line, sha256_of
from robench.models.safetensors_file import SUFFIX, read_safetensors
from robench.models.weights_file import read_checkpoint

PREFIX = "local-dir:"  # timm's word for such a folder
WEIGHTS = (
    "model.safetensors",
    "open_clip_model.safetensors",
    "pytorch_model.bin",
    "open_clip_pytorch_model.bin",
)
LARGEST_JSON = 1 << 24  # bytes


def load(request: Request) -> Model:
    """Load a folder's weights into the network that its config.json names, ``--arch`` names, or that has their keys.

    Raises RobenchError for a folder without weights, for one whose files are damaged or missing, and as every
    checkpoint does.
    """
    folder = Path(request.spec.removeprefix(PREFIX))
    if not folder.is_dir():
        raise RobenchError(f"no folder {folder}")
    files = _weight_files(folder)
    tensors: dict[str, Any] = {}
    header: dict[str, Any] = {}
    for file in files:
        part, said = (
            read_safetensors(file) if file.suffix == SUFFIX else (read_checkpoint(file), {})
        )
        tensors |= part
        header |= said
    digests = [sha256_of(file) for file in files]
    digest = (
        digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()
    )
    config = _read_json(folder / "config.json")
    record = {**header, **_record(folder, config)}
    if request.architecture is None and "architecture" not in record:
        _refuse_transformers(folder, config, tensors)
    asked = replace(request, spec=str(folder), name=request.name or folder.resolve().name)
    model = model_of_weights(asked, tensors, digest, record)
    return replace(model, clean_view=model.clean_view or _clean_view(folder, config))


def _weight_files(folder: Path) -> list[Path]:
    """Return the files of a folder's weights, safetensors before pickles."""
    for name in WEIGHTS:
        if (folder / name).is_file():
            return [folder / name]
        if (index := folder / f"{name}.index.json").is_file():
            return _shards(folder, index)
    inner = sorted(folder.glob("checkpoint-*"), key=lambda path: (len(path.name), path.name))
    if inner:
        raise RobenchError(
            f"{folder} holds checkpoints; give one of them, e.g. {argument('model', str(inner[-1]))}"
        )
    files = sorted(
        path
        for pattern in ("*.pt", "*.pth", "*.ckpt", "*.safetensors", "*.th", "checkpoints/*.pt")
        for path in folder.glob(pattern)
    )
    instead = (
        f"give a file, e.g. {argument('model', str(files[-1]))}"
        if files
        else "give a file of weights"
    )
    raise RobenchError(f"{folder} is a folder without {WEIGHTS[0]} or {WEIGHTS[2]}; {instead}")


def _shards(folder: Path, index: Path) -> list[Path]:
    listed = _read_json(index).get("weight_map")
    names = sorted({str(name) for name in listed.values()}) if isinstance(listed, dict) else []
    if not names:
        raise RobenchError(f"{index} lists no files of weights; copy the folder again")
    for name in names:
        if Path(name).name != name:  # no file says which other folder is read
            raise RobenchError(f"{index} names {name!r}, which is no file beside it")
        if not (folder / name).is_file():
            raise RobenchError(
                f"{folder} lacks {name}, which its {index.name} lists; copy it again"
            )
    return [folder / name for name in names]


def _read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file, or nothing where there is no file."""
    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise ValueError("larger than such a file can be")
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RobenchError(f"{path} is damaged ({first_line(error)})") from None
    if not isinstance(content, dict):
        raise RobenchError(f"{path} is damaged (no JSON object)")
    return content


def _record(folder: Path, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the network and the normalisation that a folder says, as a robench checkpoint would."""
    record: dict[str, Any] = {}
    pretrained, shown = (
        config.get("pretrained_cfg"),
        _read_json(folder / "preprocessor_config.json"),
    )
    name = config.get("architecture")
    if isinstance(name, str) and isinstance(pretrained, Mapping):
        record["architecture"] = f"timm:{name.partition('.')[0]}"
    for place, mean, std in ((shown, "image_mean", "image_std"), (pretrained, "mean", "std")):
        if isinstance(place, Mapping) and mean in place and std in place and "mean" not in record:
            record |= {"mean": place[mean], "std": place[std]}
    return record


def _clean_view(folder: Path, config: Mapping[str, Any]) -> CleanView | None:
    """Return how timm's configuration in a folder frames photographs, or None where there is none."""
    pretrained = config.get("pretrained_cfg")
    if not isinstance(pretrained, Mapping):
        return None
    try:
        height, width = (int(side) for side in pretrained["input_size"][1:])
        resize_px = int(min(height, width) / float(pretrained["crop_pct"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    interpolation = str(pretrained.get("interpolation", "bicubic"))
    return CleanView(resize_px, (height, width), interpolation, f"{folder / 'config.json'}")


def _refuse_transformers(
    folder: Path, config: Mapping[str, Any], tensors: Mapping[str, Any]
) -> None:
    classes = config.get("architectures")
    if (
        not isinstance(classes, list)
        or not classes
        or any(key.startswith("timm_model.") for key in tensors)
    ):
        return
    raise RobenchError(
        f"{folder} holds a {classes[0]} of transformers, whose network robench does not build; write "
        "a Python file with "
        "`from transformers import AutoModelForImageClassification as A; net = lambda: "
        f"A.from_pretrained({str(folder)!r})` "
        f"and give {argument('model', 'FILE.py:net')} {argument('unsafe_load', True)}"
    )


SOURCES = {
    "folder": Source(
        "FOLDER of the Hugging Face hub, its Trainer or timm, with model.safetensors or pytorch_model.bin",
        claims=lambda spec: spec.startswith(PREFIX) or Path(spec).is_dir(),
        load=load,
    )
}
