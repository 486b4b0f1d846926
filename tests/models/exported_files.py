"""One small network with its weights, in every file format that robench reads."""

import json
import warnings
from pathlib import Path

import pytest
import torch
from torch import nn

from baselines import architectures

CLASSES = 10
SIDE_PX = 32


def digits_network() -> nn.Module:
    """Return a network whose batch norms are not the identity, as after training."""
    torch.manual_seed(0)
    network = architectures.create("digits_cnn", CLASSES)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.running_mean, module.bias):
                nn.init.normal_(tensor, std=0.3)
            for tensor in (module.running_var, module.weight):
                nn.init.uniform_(tensor, 0.5, 2)
    return network.eval()


def state_dict(network: nn.Module, path: Path) -> Path:
    torch.save({"state_dict": network.state_dict()}, path)
    return path


def safetensors(network: nn.Module, path: Path, **header: object) -> Path:
    save_file = pytest.importorskip("safetensors.torch").save_file
    text = {key: v if isinstance(v, str) else json.dumps(v) for key, v in header.items()}
    save_file(network.state_dict(), path, metadata=text)
    return path


def torchscript(network: nn.Module, path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"`torch\.jit")
        torch.jit.script(network).save(str(path))
    return path


def exported(network: nn.Module, path: Path, batch: int | None = None) -> Path:
    shapes = None if batch else ({0: torch.export.Dim("batch")},)
    example = torch.zeros(batch or 2, 3, SIDE_PX, SIDE_PX)
    torch.export.save(torch.export.export(network, (example,), dynamic_shapes=shapes), path)
    return path


def onnx(network: nn.Module, path: Path, batch: int | None = None) -> Path:
    """Write the graph node by node: PyTorch's exporter needs packages of its own."""
    package = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    helper, number = package.helper, package.TensorProto.FLOAT
    weights = {
        name: package.numpy_helper.from_array(value.numpy(), name)
        for name, value in network.state_dict().items()
        if value.dim()
    }
    nodes, last = [], "images"
    for at, stride in ((0, 2), (3, 2), (6, 1)):
        normalise = [
            f"features.{at + 1}.{key}" for key in ("weight", "bias", "running_mean", "running_var")
        ]
        nodes += [
            helper.make_node(
                "Conv",
                [last, f"features.{at}.weight"],
                [f"conv{at}"],
                pads=[1] * 4,
                strides=[stride] * 2,
            ),
            helper.make_node("BatchNormalization", [f"conv{at}", *normalise], [f"norm{at}"]),
            helper.make_node("Relu", [f"norm{at}"], [f"relu{at}"]),
        ]
        last = f"relu{at}"
    nodes += [
        helper.make_node("GlobalAveragePool", [last], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node(
            "Gemm", ["flat", "classifier.weight", "classifier.bias"], ["logits"], transB=1
        ),
    ]
    size = [batch or "batch", 3, SIDE_PX, SIDE_PX]
    graph = helper.make_graph(
        nodes,
        "digits_cnn",
        [helper.make_tensor_value_info("images", number, size)],
        [helper.make_tensor_value_info("logits", number, [batch or "batch", CLASSES])],
        list(weights.values()),
    )
    opset = [helper.make_opsetid("", 17)]
    package.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    return path


FACTORY = """
from pathlib import Path
import torch
from baselines import architectures

def network():
    made = architectures.create("digits_cnn", 10)
    state = torch.load(Path(__file__).with_name("state.pt"), weights_only=True)
    made.load_state_dict(state["state_dict"])
    return made.eval()

def function():
    return lambda pixels: made(pixels)

made = network()
number = 3

def broken():
    raise ValueError("no weights here")

def returns_text():
    return "resnet50"
"""
