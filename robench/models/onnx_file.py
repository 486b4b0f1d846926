"""``.onnx`` files, run by ONNX Runtime on the CPU.

An ONNX graph computes and does nothing else, so that it needs no permission. One exported for a single batch size is
run in batches of that size. Source: https://onnx.ai/onnx/repo-docs/IR.html. Needs the extra ``robench[onnx]``.
"""

import torch
from torch import Tensor

from robench.errors import RobenchError
from robench.models.fixed_batch import check_size, in_batches_of
from robench.models.model import Model
from robench.models.request import Request, Source, existing_file, first_line, sha256_of

SUFFIX = ".onnx"
FLOAT = "tensor(float)"


class OnnxNetwork:
    """A graph with one image input and one output, as a callable of any batch size.

    ``size`` is (batch, channels, height, width) of its input, with None for what may vary; ``classes`` is the number
    of logits, or None where the graph does not say.

    Raises RobenchError for a file that is damaged or takes or gives anything else.
    """

    def __init__(self, path: str) -> None:
        onnxruntime = _onnxruntime()
        try:
            self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's exceptions have no common class
            raise RobenchError(
                f"{path} is damaged or not an ONNX file ({first_line(error)})"
            ) from None
        inputs, outputs = self.session.get_inputs(), self.session.get_outputs()
        images = [each for each in inputs if each.type == FLOAT and len(each.shape) == 4]
        if len(inputs) != 1 or not images or images[0].shape[1] not in (3, None, *_names(inputs)):
            raise RobenchError(
                f"{path} takes {_in_words(inputs)}; expected one input float32 (N, 3, H, W)"
            )
        if len(outputs) != 1 or outputs[0].type != FLOAT or len(outputs[0].shape) != 2:
            raise RobenchError(
                f"{path} gives {_in_words(outputs)}; expected one output float32 (N, classes)"
            )
        self.input_name = inputs[0].name
        self.size = tuple(side if isinstance(side, int) else None for side in inputs[0].shape)
        self.classes = outputs[0].shape[1] if isinstance(outputs[0].shape[1], int) else None

    def __deepcopy__(self, memo: object) -> "OnnxNetwork":
        return self  # the session has no state, and cannot be copied

    def __call__(self, pixels: Tensor) -> Tensor:
        """Map float32 (N, 3, H, W), on any device, to logits (N, classes) on the same."""
        check_size("ONNX file", pixels.shape, self.size)
        batch = self.size[0]
        logits = self._run(pixels) if batch is None else in_batches_of(batch, self._run, pixels)
        return logits.to(pixels.device)

    def _run(self, pixels: Tensor) -> Tensor:
        array = pixels.detach().float().contiguous().cpu().numpy()
        return torch.from_numpy(self.session.run(None, {self.input_name: array})[0])


def load(request: Request) -> Model:
    """Load the graph; raise RobenchError for one that is no image classifier."""
    path = existing_file(request.spec, "ONNX file")
    request.refuse_architecture()
    network = OnnxNetwork(str(path))
    request.check_classes(network.classes)
    height, width = network.size[2:]
    return Model(
        network=network,
        name=request.name or path.stem,
        normalisation=request.normalisation,
        source=str(path),
        sha256=sha256_of(path),
        architecture="ONNX",
        input_size_px=(height, width) if height and width else None,
    )


def _onnxruntime():  # type: ignore[no-untyped-def]  # the optional package has no types
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise RobenchError("onnxruntime is not installed; pip install 'robench[onnx]'") from error
    onnxruntime.set_default_logger_severity(3)  # errors; its warnings are about optimisations
    return onnxruntime


def _names(values):  # type: ignore[no-untyped-def]
    """Return the names of the dimensions that may vary."""
    return [side for each in values for side in each.shape if isinstance(side, str)]


def _in_words(values):  # type: ignore[no-untyped-def]
    return ", ".join(f"{each.name} {each.type} {tuple(each.shape)}" for each in values) or "nothing"


SOURCES = {
    "onnx": Source(
        "FILE.onnx, run on the CPU by ONNX Runtime",
        claims=lambda spec: spec.endswith(SUFFIX),
        load=load,
    )
}
