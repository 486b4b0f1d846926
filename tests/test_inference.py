import subprocess
import sys

import pytest
import torch
from torch import nn

from baselines import architectures
from robench.errors import RobenchError
from robench.inference import prepare
from robench.models import NORMALISATIONS, Model

CPU = torch.device("cpu")


def model(network: object) -> Model:
    return Model(network, "toy", NORMALISATIONS["half"], "test")  # type: ignore[arg-type]


def trained(name: str) -> nn.Module:
    """Return a network whose batch norms have seen data, so that folding has something to fold."""
    torch.manual_seed(0)
    network: nn.Module = architectures.registry()[name](10)
    with torch.no_grad():
        for _ in range(3):
            network.train()(torch.randn(16, 3, 32, 32) * 2 + 1)
    return network.eval()


@pytest.mark.parametrize("name", ["resnet20", "resnet18", "digits_cnn", "densenet", "resnext29"])
def test_preparing_changes_rounding_only_and_leaves_the_model_alone(name: str) -> None:
    network = trained(name)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    inputs = torch.randn(8, 3, 32, 32)
    inference = prepare(model(network), CPU, (32, 32))
    with torch.inference_mode():
        expected, found = network(inputs), inference.model.network(inputs)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_batch_norms_after_convolutions_are_gone() -> None:
    inference = prepare(model(trained("resnet20")), CPU, (32, 32))
    kinds = {type(module) for module in inference.model.network.modules()}  # type: ignore[attr-defined]
    assert nn.BatchNorm2d not in kinds
    assert inference.description == "channels last, batch norms folded"


class _Branching(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        if pixels.mean() > 0:  # cannot be traced
            pixels = -pixels
        return self.norm(self.convolution(pixels)).mean((2, 3))


def test_a_network_that_cannot_be_traced_runs_as_it_is() -> None:
    network = _Branching().eval()
    inference = prepare(model(network), CPU, (32, 32))
    assert inference.description == "channels last, batch norms not folded"
    inputs = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(inference.model.network(inputs), network(inputs))


class _TwoFaced(nn.Module):
    """Traces into something else than it computes."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        scale = 1.0 if isinstance(pixels, torch.fx.Proxy) else 2.0
        return scale * self.norm(self.convolution(pixels)).mean((2, 3))


def test_a_folding_that_changes_the_logits_is_not_used() -> None:
    inference = prepare(model(_TwoFaced().eval()), CPU, (32, 32))
    assert inference.description == "channels last, batch norms not folded"


def test_bfloat16_is_close_and_gives_float32_logits() -> None:
    network = trained("resnet20")
    inputs = torch.randn(8, 3, 32, 32)
    inference = prepare(model(network), CPU, (32, 32), precision="bf16")
    with torch.inference_mode():
        found, expected = inference.model.network(inputs), network(inputs)
    assert found.dtype == torch.float32
    assert not torch.equal(found, expected)
    torch.testing.assert_close(found, expected, rtol=0.1, atol=0.1)


def test_an_unknown_precision_and_a_callables_precision_are_refused() -> None:
    with pytest.raises(RobenchError, match="precision must be one of fp32, bf16, got 'fp8'"):
        prepare(model(nn.Identity()), CPU, (32, 32), precision="fp8")
    with pytest.raises(RobenchError, match="is a plain callable"):
        prepare(model(lambda pixels: pixels), CPU, (32, 32), precision="bf16")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts the page faults of Linux")
def test_activations_of_a_batch_are_in_the_memory_of_the_last() -> None:
    counted = subprocess.run([sys.executable, "-c", PAGE_FAULTS], capture_output=True, check=True)
    assert int(counted.stdout) < 10_000  # 30,000 when every pass gets its pages anew


# In a process of its own, where nothing has told the C library yet to keep what is freed.
PAGE_FAULTS = """
import resource, torch
from baselines import architectures
from robench.inference import prepare
from robench.models import NORMALISATIONS, Model
torch.set_num_threads(1)
model = Model(architectures.registry()["resnet20"](10), "toy", NORMALISATIONS["half"], "test")
prepared = prepare(model, torch.device("cpu"), (32, 32)).model
faults = []
with torch.inference_mode():
    for _ in range(8):
        prepared.network(torch.zeros(64, 3, 32, 32))
        faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
print(faults[-1] - faults[-6])
"""
