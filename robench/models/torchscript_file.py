"""TorchScript files, as ``torch.jit.save`` writes them, whatever their suffix.

Loading runs no Python, but the file is a program in a language that can write files (``torch.save`` is part of it), so
that it takes ``--unsafe-load``.
"""

import warnings

import torch

from robench.errors import RobenchError
from robench.models.model import Model
from robench.models.request import (
    Request,
    Source,
    archive_members,
    existing_file,
    first_line,
    sha256_of,
)

# What torch.jit says of itself: a deprecation since PyTorch 2.9, and that it is unsupported from Python 3.14 on.
DEPRECATION = r"`torch\.jit\.\w+` is (deprecated|not supported)"


def load(request: Request) -> Model:
    """Load the program; raise RobenchError without ``--unsafe-load``, or an undamaged file."""
    path = existing_file(request.spec, "TorchScript file")
    request.refuse_code("a TorchScript file is a program, which can write files")
    request.refuse_architecture()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=DEPRECATION)
        try:
            network = torch.jit.load(str(path), map_location="cpu")
        except (RuntimeError, ValueError) as error:
            raise RobenchError(
                f"{path} is a damaged TorchScript file ({first_line(error)})"
            ) from None
    # Copies of scripted parameters that want gradients are no leaves of the graph, and cannot be moved.
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    return Model(
        network=network,
        name=request.name or path.stem,
        normalisation=request.normalisation,
        source=str(path),
        sha256=sha256_of(path),
        architecture="TorchScript",
    )


def is_torchscript(spec: str) -> bool:
    """Say whether a file holds TorchScript code."""
    names = archive_members(spec)
    return any("/code/" in name for name in names) and any(
        name.endswith("/constants.pkl") for name in names
    )


SOURCES = {
    "torchscript": Source(
        "FILE of torch.jit.save, with --unsafe-load", claims=is_torchscript, load=load
    )
}
