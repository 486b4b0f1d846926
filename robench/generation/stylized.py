"""A copy of a dataset in the style of paintings, for training on shapes: ``DIR/00000123.png`` is image 123."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from baselines import adain
from baselines.keyed_uniforms import keyed_uniforms
from baselines.mixing_pictures import picture_paths
from robench.datasets import Source
from robench.datasets.image_folder import decoded
from robench.datasets.stylised_copy import FORMAT, described, picture_path
from robench.errors import RobenchError
from robench.folder_lock import locked
from robench.generation.folder_record import close_record, open_record
from robench.generation.generated import Generated, remove_all_leftovers, write_bytes
from robench.models.checkpoint import state_dict_of
from robench.models.request import sha256_of
from robench.models.weights_file import read_checkpoint
from robench.progress import bar

BATCH = 8


@dataclass(frozen=True)
class Style:
    """How a copy is made: ``alpha`` 0 to 1 of the style, at ``side_px`` pixels a side, paintings drawn by ``seed``."""

    alpha: float = 0.5
    side_px: int = 224
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 1:
            raise RobenchError(f"alpha must be 0 to 1, got {self.alpha}")
        if self.side_px < adain.MIN_SIDE_PX or self.side_px % 8:
            raise RobenchError(
                f"working size must be a multiple of 8 from {adain.MIN_SIDE_PX}, got {self.side_px}"
            )


def stylize(
    source: Source,
    paintings: str | Path,
    encoder: str | Path,
    decoder: str | Path,
    out: str | Path,
    *,
    style: Style | None = None,
    device: torch.device | None = None,
    command: Sequence[str] = (),
    progress: bool = False,
) -> Generated:
    """Write every image of a source in the style of a painting, as PNG; those that are there already are kept.

    Which painting an image gets depends on the seed and the image's index. Images are scaled to the working size,
    drawn anew and scaled back.

    Args:
        source: the images; photographs are taken as the source frames them.
        paintings: a folder of pictures.
        encoder, decoder: files with the weights of ``baselines.adain``'s networks.
        out: the folder, new or one that this function wrote with the same arguments.
        style: how; half of the style at 224 pixels when None.
        device: of torch; the CPU when None.
        command: the command line, to be recorded.
        progress: show a bar with the time left on stderr.

    Raises:
        RobenchError: for weights that do not fit, a painting that is broken, and a folder that holds something else.
    """
    out, style, place = Path(out), style or Style(), device or torch.device("cpu")
    paths = picture_paths(Path(paintings))
    networks = (_loaded(adain.encoder(), Path(encoder)), _loaded(adain.decoder(), Path(decoder)))
    networks = (networks[0].to(place).eval(), networks[1].to(place).eval())
    identity = {
        **described(source),
        "paintings_sha256": _listing(Path(paintings), paths),
        "encoder_sha256": sha256_of(Path(encoder)),
        "decoder_sha256": sha256_of(Path(decoder)),
        "alpha": style.alpha,
        "working_size_px": style.side_px,
        "seed": style.seed,
    }
    with locked(out):
        record = open_record(out, FORMAT, identity, command)
        remove_all_leftovers(out)
        missing = [i for i, n in enumerate(source.indices) if not picture_path(out, n).exists()]
        count = len(source.labels)
        with bar(count, unit="img", shown=progress, initial=count - len(missing)) as shown:
            for start in range(0, len(missing), BATCH):
                part = source.select(np.array(missing[start : start + BATCH]))
                for number, picture in zip(
                    part.indices, _drawn(part, paths, networks, style, place), strict=True
                ):
                    _write(picture_path(out, number), picture)
                shown.update(len(part.labels))
        close_record(out, record, {})
    return Generated(len(missing), count - len(missing))


def _loaded(network: nn.Sequential, path: Path) -> nn.Sequential:
    """Load weights; the encoder's file may go on behind relu4_1, as the published one does."""
    state = state_dict_of(path, read_checkpoint(path))
    expected = network.state_dict()
    for key, value in expected.items():
        if key not in state:
            raise RobenchError(
                f"{path} has no {key}; expected weights numbered like {_keys(expected)}"
            )
        if state[key].shape != value.shape:
            raise RobenchError(
                f"{path}: {key} is {tuple(state[key].shape)}, expected {tuple(value.shape)}; "
                "is it the other network's file?"
            )
    network.load_state_dict({key: state[key] for key in expected})
    return network


def _keys(state: dict[str, torch.Tensor]) -> str:
    return ", ".join(list(state)[:4])


def _drawn(
    part: Source,
    paths: list[Path],
    networks: tuple[nn.Module, nn.Module],
    style: Style,
    device: torch.device,
) -> NDArray[np.uint8]:
    """Return the images of ``part`` in the style of their paintings, uint8 (n, H, W, 3)."""
    images = part.read(0, len(part.labels))
    uniforms = keyed_uniforms(style.seed, "painting", 0, part.indices, 1)[:, 0]
    chosen = [_square(decoded(paths[int(u * len(paths))]), style.side_px) for u in uniforms]
    content = [_square(Image.fromarray(image), style.side_px) for image in images]
    content_batch, style_batch = (
        torch.from_numpy(np.stack(batch)).to(device).permute(0, 3, 1, 2) / 255
        for batch in (content, chosen)
    )
    result = adain.stylized(networks, content_batch, style_batch, style.alpha)
    pixels = (result * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    height, width = images.shape[1:3]
    scaled = [Image.fromarray(p).resize((width, height), Image.Resampling.BICUBIC) for p in pixels]
    return np.stack([np.asarray(picture) for picture in scaled])


def _square(picture: Image.Image, side_px: int) -> NDArray[np.uint8]:
    """Scale the largest centred square of a picture to ``side_px``."""
    width, height = picture.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    box = (left, top, left + side, top + side)
    return np.asarray(picture.resize((side_px, side_px), Image.Resampling.BICUBIC, box))


def _listing(folder: Path, paths: list[Path]) -> str:
    lines = [f"{path.relative_to(folder)} {path.stat().st_size}\n" for path in paths]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _write(path: Path, picture: NDArray[np.uint8]) -> None:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    write_bytes(path, buffer.getvalue())
