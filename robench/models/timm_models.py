"""timm's pretrained models, ``timm:NAME``, and models on the Hugging Face hub that timm can build, ``hf-hub:ID``.

The preprocessing is what timm's ``resolve_model_data_config`` says. Needs the extra ``robench[timm]``.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from torch import nn

from robench.errors import RobenchError
from robench.models.architecture import checked_name
from robench.models.clean_view import CleanView
from robench.models.model import Model
from robench.models.normalisation import Normalisation
from robench.models.request import Request, Source, first_line

PREFIX = "timm:"
# Where timm itself looks for a name with such a beginning: on the hub. Folders with a config.json are read by
# ``folder``.
ELSEWHERE = ("hf-hub:", "hf_hub:")
# Makes every torch.load one with weights_only=True, whatever the library that calls it says.
ONLY_WEIGHTS = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"


def load_pretrained(request: Request) -> Model:
    """Download or find the weights; raise RobenchError for an unknown name, or without a network."""
    timm = _timm()
    request.refuse_architecture()
    name = request.spec.removeprefix(PREFIX)
    if not name.startswith(ELSEWHERE):
        _check_known(timm, name)
    try:
        with _only_weights():
            network = timm.create_model(name, pretrained=True)
    except (
        Exception
    ) as error:  # of the hub's client, of the network, or of a configuration timm cannot build
        raise RobenchError(
            f"cannot get {request.spec} ({first_line(error)}); on a machine without a network "
            f"give a file, or a folder with one and its config.json"
        ) from error
    request.check_classes(network.num_classes)
    return _with_its_config(request, name, network, timm)


def build(name: str, classes: int) -> nn.Module:
    """Build a network without weights; raise RobenchError for a name timm does not know, or without timm."""
    timm = _timm()
    _check_known(timm, name)
    network: nn.Module = timm.create_model(name, pretrained=False, num_classes=classes)
    return network


def configured_normalisation(network: object) -> Normalisation | None:
    """Return the normalisation that a network made by timm carries with it, or None for any other network."""
    config = getattr(network, "pretrained_cfg", None)
    if not isinstance(config, dict) or "mean" not in config or "std" not in config:
        return None
    return _normalisation(config, str(config.get("architecture", "the network")))


def _with_its_config(request: Request, name: str, network: Any, timm: ModuleType) -> Model:
    config = timm.data.resolve_model_data_config(network)
    tag = network.pretrained_cfg.get("tag")
    full_name = f"{name}.{tag}" if tag and ":" not in name and "." not in name else name
    height, width = config["input_size"][1:]
    return Model(
        network=network,
        name=request.name or full_name.rpartition(":")[2].rpartition("/")[2],
        normalisation=request.normalisation or _normalisation(config, full_name),
        source=full_name if full_name.startswith(ELSEWHERE) else f"{PREFIX}{full_name}",
        architecture=f"{PREFIX}{network.pretrained_cfg.get('architecture', name)}",
        clean_view=CleanView(
            resize_px=int(min(height, width) / config["crop_pct"]),
            crop_px=(height, width),
            interpolation=config["interpolation"],
            origin=f"timm's for {full_name}",
        ),
    )


def _normalisation(config: dict[str, Any], name: str) -> Normalisation:
    return Normalisation(tuple(config["mean"]), tuple(config["std"]), f"timm's for {name}")


def _check_known(timm: ModuleType, name: str) -> None:
    if not timm.is_model(name.partition(".")[0]):
        checked_name("timm", name, timm.list_models())


@contextmanager
def _only_weights() -> Iterator[None]:
    """Let nothing be unpickled, as some versions of timm would where there is no safetensors file."""
    before = os.environ.get(ONLY_WEIGHTS)
    os.environ[ONLY_WEIGHTS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[ONLY_WEIGHTS]
        else:
            os.environ[ONLY_WEIGHTS] = before


def _timm() -> ModuleType:
    try:
        import timm
        import timm.data
    except ModuleNotFoundError as error:
        raise RobenchError("timm is not installed; pip install 'robench[timm]'") from error
    module: ModuleType = timm
    return module


SOURCES = {
    "timm": Source(
        "timm:NAME or hf-hub:ID: a pretrained network that timm can build",
        claims=lambda spec: spec.startswith((PREFIX, *ELSEWHERE)),
        load=load_pretrained,
    )
}
ARCHITECTURE_LIBRARIES = {"timm": build}
