"""Make a network's forward pass fast without changing what it computes, beyond float rounding."""

import copy
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.fx.experimental.optimization import fuse

from corruptions.threads import keep_freed_memory
from robench.arguments import argument
from robench.errors import RobenchError
from robench.models import Model
from robench.models.model import logits_of

PRECISIONS = ("fp32", "bf16")
# Folding moves a multiplication; more than this is not rounding but a network that folding does not understand.
FOLDING_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Inference:
    """A model ready for the forward pass, and in words what was done to make it so."""

    model: Model
    description: str
    precision: str = "fp32"
    compiled: bool = False


class _InBfloat16(nn.Module):
    """A network whose weights and activations are bfloat16, with float32 at both ends."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network.to(torch.bfloat16)

    def forward(self, pixels: Tensor) -> Tensor:
        """Map float32 (N, 3, H, W) to float32 logits."""
        logits = logits_of(self.network(pixels.to(torch.bfloat16))).float()
        return logits


def prepare(
    model: Model,
    device: torch.device,
    size_px: tuple[int, int],
    *,
    precision: str = "fp32",
    compiled: bool = False,
) -> Inference:
    """Return the model on ``device`` with batch norms folded, channels last, in the precision asked for.

    The model given is left as it is. A plain callable is taken as it is; a network that cannot be traced keeps its
    batch norms, which the description says.

    Args:
        model: any model.
        device: where to run.
        size_px: height and width of the images to come.
        precision: ``"fp32"``, or ``"bf16"`` for bfloat16 weights and activations, which changes some predictions.
        compiled: also use ``torch.compile``, which takes a minute and changes logits by rounding.

    Raises:
        RobenchError: for an unknown precision, and for a plain callable that is asked to change its own.
    """
    if precision not in PRECISIONS:
        raise RobenchError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
    if not isinstance(model.network, nn.Module):
        if precision != "fp32" or compiled:
            raise RobenchError(
                f"{model.name} is a plain callable; it runs as it is, in its own precision"
            )
        return Inference(model, "a callable, run as it is")
    keep_freed_memory()  # a third of the time on a CPU goes into new pages for activations otherwise
    network: nn.Module = copy.deepcopy(model.network).to(device).eval()
    folded = _folded(network, device, size_px)
    steps = ["channels last", "batch norms folded" if folded else "batch norms not folded"]
    network = (folded or network).to(memory_format=torch.channels_last)
    if precision == "bf16":
        network = _InBfloat16(network)
        steps.append("bfloat16")
    if compiled:
        network.compile()
        steps.append("compiled")
    return Inference(replace(model, network=network), ", ".join(steps), precision, compiled)


@torch.no_grad()
def _folded(network: nn.Module, device: torch.device, size_px: tuple[int, int]) -> nn.Module | None:
    """Return the network with every batch norm folded into its convolution, or None where that cannot be done.

    torch.fx traces the network, which fails for one whose steps depend on its input; and the result is compared with
    the original on random pixels, which finds one that the tracing did not understand.
    """
    if not any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in network.modules()):
        return None
    probe = torch.rand(2, 3, *size_px, generator=torch.Generator().manual_seed(0))
    try:
        folded = fuse(network)
        expected, found = (logits_of(each(probe.to(device))) for each in (network, folded))
    except Exception:  # whatever a stranger's network raises when traced: it then runs as it is
        return None
    scale = expected.abs().max().clamp(min=1)
    close = bool(((found - expected).abs().max() <= FOLDING_TOLERANCE * scale).item())
    return folded if close else None


def chosen_device(name: str | None) -> torch.device:
    """Return the torch device of that name, or the best there is; raise RobenchError when it is not there."""
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise RobenchError(
            f"device {name!r} cannot be used ({reason}); try {argument('device', 'cpu')}"
        ) from None
    return device
