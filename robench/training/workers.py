"""Several processes that train one network under ``torchrun``, each with its share of every batch.

The effective batch and the learning rate stay the recipe's, however many processes share the work. Every
process reads the data for itself; the first one alone writes. The run's folder must be on a disk that all
machines see.
"""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from robench.errors import RobenchError
from robench.training.batch_statistics import synchronised

# How gloo and NCCL word the loss of a process.
LOST = ("gloo", "nccl", "connection", "peer", "broken pipe", "socket", "timed out")


@dataclass(frozen=True)
class Workers:
    """This process's ``rank``, from 0, among ``count``."""

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """The process that writes and speaks for all."""
        return self.rank == 0

    def part(self, count: int) -> slice:
        """Return this process's share of ``count`` images in a row; all of them where there are too few to share."""
        if count < self.count:
            return slice(0, count)
        return slice(count * self.rank // self.count, count * (self.rank + 1) // self.count)

    def weight(self, count: int) -> float:
        """Return what a mean over this process's share is multiplied by, so that the processes' mean is the batch's."""
        part = self.part(count)
        return 1.0 if count < self.count else (part.stop - part.start) * self.count / count

    def total(self, value: float) -> float:
        """Return the sum of every process's value."""
        if self.count == 1:
            return value
        device = "cuda" if dist.get_backend() == "nccl" else "cpu"
        values = torch.tensor([value], dtype=torch.float64, device=device)
        dist.all_reduce(values)
        return float(values.item())

    def agreed_place(self, place: Path | None, device: torch.device) -> Path:
        """Return the folder that the first process gives; raise RobenchError where that found none."""
        if self.count > 1:
            told = [None if place is None else str(place)]
            dist.broadcast_object_list(told, 0, device=device)
            place = None if told[0] is None else Path(told[0])
        if place is None:
            raise RobenchError("the first process found no folder to train in; see what it says")
        return place

    def shared(self, network: nn.Module, device: torch.device) -> nn.Module:
        """Return the network with its gradients averaged over the processes after every backward pass."""
        if self.count == 1:
            return network
        devices = [device] if device.type == "cuda" else None
        return DistributedDataParallel(network, device_ids=devices)

    def agree(self, network: nn.Module) -> None:
        """Give every process the first one's batch statistics, which are not averaged like gradients."""
        if self.count > 1:
            for buffer in network.buffers():
                dist.broadcast(buffer, 0)


def workers_of_environment() -> Workers:
    """Return what torchrun made of this process; a single one without it."""
    return Workers(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))


@contextmanager
def together(workers: Workers, device: torch.device) -> Iterator[None]:
    """Connect the processes, until they end; raise RobenchError in those that remain when one is lost."""
    if workers.count == 1:
        yield
        return
    try:
        if (
            not dist.is_initialized()
        ):  # a series of trainings stays connected: connecting again can miss the other
            dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
            atexit.register(dist.destroy_process_group)
        yield
    except (RuntimeError, ValueError) as error:
        if not any(word in str(error).lower() for word in LOST):
            raise
        atexit.unregister(dist.destroy_process_group)  # with a lost process it could wait forever
        raise RobenchError(
            f"process {workers.rank} lost another of the {workers.count} that train together; what was stored after "
            "the last whole epoch is kept: start all of them again with --resume"
        ) from error


def with_synchronised_statistics(network: nn.Module, workers: Workers) -> nn.Module:
    """Return the network with batch norms that use the statistics of the whole batch, not of a process's share."""
    if workers.count == 1:
        return network
    if next(network.parameters()).is_cuda:
        converted: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(network)
        return converted
    return synchronised(network)
