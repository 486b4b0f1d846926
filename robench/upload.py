"""Images on their way to a GPU: as bytes, from pinned memory, while the network works on those before."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import torch

from robench.reading import Batch, Unreadable


def uploaded(
    batches: Iterable[Batch | Unreadable], device: torch.device
) -> Iterator[Batch | Unreadable]:
    """Yield the batches with their images on ``device``, each one's copy begun before the last one is yielded.

    On a CPU they are yielded as they are. The copies have a stream of their own; the stream that computes waits for
    the copy of what it is given, and the memory is not used again before it is done with it.
    """
    if device.type != "cuda":
        yield from batches
        return
    copies = torch.cuda.Stream(device)
    before: tuple[Batch | Unreadable, torch.cuda.Event] | None = None
    for batch in batches:
        begun = _begun(batch, device, copies)
        if before is not None:
            yield _arrived(*before, device)
        before = begun
    if before is not None:
        yield _arrived(*before, device)


def _begun(
    batch: Batch | Unreadable, device: torch.device, copies: torch.cuda.Stream
) -> tuple[Batch | Unreadable, torch.cuda.Event]:
    copied = torch.cuda.Event()
    if isinstance(batch, Batch):
        pinned = torch.as_tensor(batch.images).pin_memory()
        with torch.cuda.stream(copies):
            batch = replace(batch, images=pinned.to(device, non_blocking=True))
    copied.record(copies)
    return batch, copied


def _arrived(
    batch: Batch | Unreadable, copied: torch.cuda.Event, device: torch.device
) -> Batch | Unreadable:
    computing = torch.cuda.current_stream(device)
    computing.wait_event(copied)
    if isinstance(batch, Batch) and isinstance(batch.images, torch.Tensor):
        batch.images.record_stream(computing)
    return batch
