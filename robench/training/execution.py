"""How a training run is computed: where, how precisely, by how many processes."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from robench.errors import RobenchError
from robench.training.plan import Plan
from robench.training.workers import Workers, with_synchronised_statistics


@dataclass(frozen=True)
class Execution:
    """The device of this process, and what changes a run's numbers by rounding at most.

    ``sync_batch_norm`` is the exception: with it several processes share their batch statistics, as one
    process does with the whole batch.
    """

    device: torch.device
    compiled: bool = False
    sync_batch_norm: bool = False
    workers: Workers = field(default_factory=Workers)


class Float32Logits(nn.Module):
    """A network computed in the precision asked for, channels last, whose logits are float32 in any.

    Softmax, cross-entropy and divergence are then float32, too.
    """

    def __init__(self, network: nn.Module, precision: str) -> None:
        super().__init__()
        self.network = network
        self.in_bfloat16 = precision == "bf16"

    def forward(self, inputs: Tensor) -> Tensor:
        """Map float32 (N, 3, H, W) to float32 (N, classes); raise RobenchError for any other output."""
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=self.in_bfloat16):
            logits = self.network(inputs)
        if not isinstance(logits, Tensor):
            raise RobenchError(
                f"the network gives a {type(logits).__name__} while it learns, not logits; "
                "networks with auxiliary outputs cannot be trained here"
            )
        return logits.float()


def shared_network(network: nn.Module, plan: Plan, how: Execution) -> nn.Module:
    """Return the network as the loop calls it; its parameters are those of ``network``."""
    if how.sync_batch_norm:
        network = with_synchronised_statistics(network, how.workers)
    wrapped = Float32Logits(network, plan.precision)
    if how.compiled:
        wrapped.compile()
    return how.workers.shared(wrapped, how.device)
