"""Clean images and corruptions in, the official on-disk layouts out."""

from collections.abc import Callable, Sequence
from pathlib import Path

from robench.datasets.image_folder import ImageFolder
from robench.errors import RobenchError
from robench.generation.arrays import generate_arrays
from robench.generation.generated import Generated
from robench.generation.order import Order, order_for
from robench.generation.tree import generate_tree
from robench.shard import WHOLE, Shard

__all__ = ["WHOLE", "Generated", "Order", "Shard", "generate", "order_for"]


def generate(
    order: Order,
    out: str | Path,
    *,
    workers: int | None = None,
    skip_broken: bool = False,
    lossless: bool = False,
    command: Sequence[str] = (),
    progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Generated:
    """Write what an order asks for in the layout that its benchmark is published in.

    Files that an earlier run finished are kept, so a run that was stopped in any way goes on where it was.

    Args:
        order: what to generate, from ``order_for``.
        out: the folder, new or one that robench generated with the same source, preset and seed.
        workers: how many threads to use; as many as there are cores when None.
        skip_broken: leave out photographs that cannot be decoded, and name them in the manifest.
        lossless: of videos, keep every pixel.
        command: the command line, to be recorded.
        progress: show a bar with the time left on stderr.
        say: is given a line on the space that will be needed.

    Raises:
        RobenchError: when the folder cannot be written or holds something else, the disk has no room, or a photograph
            is broken and ``skip_broken`` is not set.
    """
    if workers is not None and workers < 1:
        raise RobenchError(f"workers must be at least 1, got {workers}")
    if isinstance(order.source, ImageFolder):
        return generate_tree(
            order,
            out,
            workers=workers,
            skip_broken=skip_broken,
            lossless=lossless,
            command=command,
            progress=progress,
            say=say,
        )
    return generate_arrays(order, out, workers=workers, command=command, progress=progress, say=say)
