"""``torch.export`` files (``.pt2``).

PyTorch's loader evaluates expressions found in the file and falls back to unrestricted pickles, so that loading can
run code and takes ``--unsafe-load``. A program exported for one batch size is run in batches of that size.
"""

from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.export import ExportedProgram

from robench.errors import RobenchError
from robench.models.fixed_batch import check_size, in_batches_of
from robench.models.model import Model
from robench.models.request import (
    Request,
    Source,
    archive_members,
    existing_file,
    first_line,
    sha256_of,
)

SUFFIX = ".pt2"
# In the archives of PyTorch up to 2.7, and since then.
CONTENTS = ("serialized_exported_program.json", "models/model.json")


class ExportedNetwork(nn.Module):
    """An exported program as a network of any batch size.

    ``size`` is (batch, channels, height, width) of its input, with None for what may vary.
    """

    def __init__(self, program: ExportedProgram, size: tuple[int | None, ...]) -> None:
        super().__init__()
        self.graph = program.module()
        self.size = size

    def train(self, mode: bool = True) -> Self:
        """Do nothing: whether dropout acts was decided at the export, and the graph refuses to be asked."""
        return self

    def forward(self, pixels: Tensor) -> Tensor:
        """Map float32 (N, 3, H, W) to logits (N, classes)."""
        check_size("exported program", pixels.shape, self.size)
        batch = self.size[0]
        if batch is None:
            logits: Tensor = self.graph(pixels)
            return logits
        return in_batches_of(batch, self.graph, pixels)


def load(request: Request) -> Model:
    """Load the program; raise RobenchError without ``--unsafe-load``, or an image as its input."""
    path = existing_file(request.spec, "exported program")
    request.refuse_code("PyTorch's loader of exported programs can run code that is in them")
    request.refuse_architecture()
    try:
        program = torch.export.load(path)
    except Exception as error:  # a damaged file can raise nearly anything
        raise RobenchError(f"{path} is a damaged exported program ({first_line(error)})") from None
    size = _input_size(request.spec, program)
    height, width = size[2:]
    return Model(
        network=ExportedNetwork(program, size),
        name=request.name or path.stem,
        normalisation=request.normalisation,
        source=str(path),
        sha256=sha256_of(path),
        architecture="an exported program",
        input_size_px=(height, width) if height and width else None,
    )


def _input_size(spec: str, program: ExportedProgram) -> tuple[int | None, ...]:
    """Return the shape of the only input, None for a dimension that may vary; raise RobenchError for no image."""
    wanted = program.graph_signature.user_inputs
    found: list[Any] = [node.meta["val"] for node in program.graph.nodes if node.name in wanted]
    shapes = [tuple(getattr(value, "shape", ())) for value in found]
    if len(shapes) != 1 or len(shapes[0]) != 4:
        raise RobenchError(
            f"{spec} takes {len(shapes)} inputs of shapes {', '.join(map(str, shapes))}; "
            "expected one batch of images (N, 3, H, W)"
        )
    return tuple(side if isinstance(side, int) else None for side in shapes[0])


def is_exported_program(spec: str) -> bool:
    """Say whether a file is, or calls itself, an exported program."""
    return spec.endswith(SUFFIX) or any(name.endswith(CONTENTS) for name in archive_members(spec))


SOURCES = {
    "exported": Source(
        "FILE.pt2 of torch.export.save, with --unsafe-load",
        claims=is_exported_program,
        load=load,
    )
}
