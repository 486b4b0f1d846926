"""What a training method is: two hooks into the loop, and wishes for the recipe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from baselines.augmentations.normalizing import normalize

Value = TypeVar("Value", bool, int, float, str)


def option(
    default: Value,
    help: str,
    *,
    low: float | None = None,
    above: float | None = None,
    high: float | None = None,
    also: float | None = None,
    choices: tuple[str, ...] = (),
    folder: bool = False,
    required: bool = False,
) -> Value:
    """Declare an option of a method: a dataclass field that the command line offers with this line of help.

    What is given here is read from the source (``baselines.methods.options``), where ``Limits`` says what the limits
    mean: everything must be a literal, or the name of one in the same file.
    """
    value: Value = field(default=default)
    return value


@dataclass(frozen=True)
class Normalization:
    """What a network gets for a pixel: (value / 255 - mean) / std, one mean and std a channel."""

    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)

    def table(self) -> NDArray[np.float32]:
        """Return float32 (3, 256): what each value of each channel becomes."""
        unit = np.arange(256, dtype=np.float32) / np.float32(255)
        mean, std = (np.array(row, np.float32)[:, None] for row in (self.mean, self.std))
        table: NDArray[np.float32] = (unit - mean) / std
        return table

    def apply(
        self, images: NDArray[np.uint8], output: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Map uint8 (N, H, W, 3) to float32 (N, 3, H, W), to ``output`` where it is given."""
        count, height, width, channels = images.shape
        if output is None:
            output = np.empty((count, channels, height, width), np.float32)
        normalize(np.ascontiguousarray(images), self.table(), output)
        return output


@dataclass(frozen=True)
class Batch:
    """N training images and everything that what is made of them may depend on.

    ``images`` are uint8 (N, H, W, 3), already flipped and cropped; ``labels`` and ``indices`` int64
    (N,); ``step`` counts the optimiser's steps from the start of the run. A method that needs random
    numbers draws them with ``keyed_uniforms(batch.seed, ..., batch.epoch, batch.indices, ...)``, so
    that they are the same after a resume and on any number of threads.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    indices: NDArray[np.int64]
    num_classes: int
    normalization: Normalization
    seed: int
    epoch: int
    step: int


@dataclass(frozen=True)
class Method:
    """Ordinary training, and the base of every other method.

    A method is a frozen dataclass; its fields are its options and have defaults, best declared with
    ``option``, from which the command line makes its flags. It may

    * make other inputs or targets of a batch (views of an image, mixed images, soft labels): override
      ``prepare``, which runs ahead of the network on another thread and must not touch it;
    * change the objective, or attack the network first: override ``loss``;
    * ask for other defaults of the recipe, such as ``{"weight_decay": 1e-4}``: set ``recipe``;
    * have other defaults of its own on a dataset or with a preset of the recipe, such as
      ``{"cifar-100": {"size": 8}}``: set ``usual``;
    * say which of its operations overlap with corruptions that models are tested on: override
      ``overlaps``, and models trained with it are marked wherever they are evaluated;
    * train a variant of the network, or on stylised copies too: override ``architecture`` or ``also_trains_on``;
    * mix the images of a batch with each other: set ``mixes_images``, so that several processes that
      share a batch all see the whole of it.

    ``summary`` is its line in lists.
    """

    summary: ClassVar[str] = ""
    recipe: ClassVar[Mapping[str, Any]] = {}
    usual: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    mixes_images: ClassVar[bool] = False

    def architecture(self, name: str) -> str:
        """Return the name of the network that is trained where the user asks for ``name``."""
        return name

    def also_trains_on(self) -> str | None:
        """Return a folder with the stylised copy of the training images, to be trained on with them; or None."""
        return None

    def mixing_pictures_sha256(self) -> str | None:
        """Return a digest of the folder of pictures that images are mixed with; None where there is no such folder."""
        return None

    def overlaps(self) -> tuple[str, ...]:
        """Return the operations, as this method is set, that overlap with test corruptions, sorted."""
        return ()

    def prepare(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the network's inputs and the targets of its loss.

        Inputs are float32 (V N, 3, H, W), normalized unless ``loss`` does that, for V views of each
        image, the N first views first; targets int64 (N,) or class probabilities float32
        (N, num_classes).
        """
        inputs = batch.normalization.apply(batch.images)
        return torch.from_numpy(inputs), torch.from_numpy(batch.labels)

    def loss(self, network: nn.Module, inputs: Tensor, targets: Tensor, batch: Batch) -> Tensor:
        """Return the scalar to minimise, a mean over images; ``inputs`` and ``targets`` are on the network's device.

        ``network`` gives float32 logits whatever its precision. It can be a
        DistributedDataParallel, which is called once a step; any other forward pass goes through
        ``bare(network)``.
        """
        return functional.cross_entropy(network(inputs), targets)


def bare(network: nn.Module) -> nn.Module:
    """Return the network itself, without what shares its gradients among processes."""
    inner: nn.Module = getattr(network, "module", network)
    return inner
