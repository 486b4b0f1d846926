"""The forward pass over any number of images, in batches that fit into memory."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from robench.arguments import argument
from robench.errors import RobenchError
from robench.models import Model
from robench.models.request import first_line

# What the allocators say that have no exception of their own: PyTorch's for the CPU, CUDA's libraries, onnxruntime.
OUT_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "failed to allocate memory",
    "alloc_failed",
)


class ForwardPass:
    """A model on a device, given a batch at a time; a batch that memory is too small for is halved from then on.

    Attributes:
        batch_size: images in a forward pass.
    """

    def __init__(
        self,
        model: Model,
        device: torch.device,
        batch_size: int,
        halved: Callable[[int, int], object] = lambda before, after: None,
    ) -> None:
        """Take the network that is on ``device``; ``halved`` is told the batch size before and after a halving."""
        self.model, self.device, self.batch_size = model, device, batch_size
        self._halved = halved
        self._has_worked = False

    def logits(
        self,
        images: NDArray[np.uint8] | torch.Tensor,
        advanced: Callable[[int], object] = lambda count: None,
    ) -> torch.Tensor:
        """Return float32 logits (N, classes) of uint8 images (N, H, W, 3), on the CPU.

        ``advanced`` is told the number of images of every batch that is done. Raises RobenchError for a network that
        raises anything in its first batch, which is how it says that it does not take such images, for one that gives
        no table of logits, and when not even one image fits into memory.
        """
        parts: list[torch.Tensor] = []
        start = 0
        while start < len(images):
            part = self._of_batch(images[start : start + self.batch_size])
            if (
                part is None
            ):  # here, and not where it was raised: what that frame held is free by now
                self._halve()
                continue
            parts.append(part)
            start += len(part)
            advanced(len(part))
        return torch.cat(parts).cpu()

    def _of_batch(self, batch: NDArray[np.uint8] | torch.Tensor) -> torch.Tensor | None:
        """Return the logits of a batch, or None where memory is too small for it."""
        try:
            logits = self.model.logits(batch, self.device)
        except Exception as error:
            if is_out_of_memory(error):
                return None
            # What worked before and does not now is another matter than a network that does not take such images.
            if self._has_worked or isinstance(error, RobenchError):
                raise
            raise self._refusal(batch, error) from error
        if logits.ndim != 2 or len(logits) != len(batch):
            raise RobenchError(
                f"{self.model.name} gave logits of shape {tuple(logits.shape)} for {len(batch)} images; expected "
                f"({len(batch)}, classes)"
            )
        self._has_worked = True
        return logits

    def _refusal(self, batch: NDArray[np.uint8] | torch.Tensor, error: Exception) -> RobenchError:
        height, width = batch.shape[1:3]
        size = self.model.input_size_px
        takes = f"it takes {size[0]} x {size[1]}; " if size and size != (height, width) else ""
        return RobenchError(
            f"{self.model.name} cannot take images of {height} x {width} pixels "
            f"({takes}{type(error).__name__}: {first_line(error)})"
        )

    def _halve(self) -> None:
        before = self.batch_size
        if before == 1:
            raise RobenchError(
                f"{self.model.name} needs more memory than {self.device} has left for even one image; free some, or "
                f"choose another {argument('device')}"
            )
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        self.batch_size = before // 2
        self._halved(before, self.batch_size)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an exception says that memory was too small."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return any(phrase in str(error).lower() for phrase in OUT_OF_MEMORY)
