"""What is stored of a perturbation sequence: one row per image and frame."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from robench.errors import RobenchError
from robench.metrics.perturbation import STEPS, TOP, TOP_COLUMNS, zipf_column, zipf_distances

if TYPE_CHECKING:
    import torch

SEQUENCE_COLUMNS = {
    "index": np.int32,  # the image's number in the full dataset
    "frame": np.int8,
    "label": np.int16,
    **dict.fromkeys(TOP_COLUMNS, np.int16),  # the classes of the five largest logits
    # From the frame that this one is compared with; NaN where there is none.
    **{zipf_column(step): np.float32 for step in STEPS},
}


def sequence_records_of(
    logits: "torch.Tensor", labels: NDArray[np.int64], indices: NDArray[np.int64], to_first: bool
) -> pd.DataFrame:
    """Return one row per image and frame of finite logits (N, F, K), stored as in ``SEQUENCE_COLUMNS``.

    Classes of equal logits are taken in the order of their numbers. Raises RobenchError for fewer than five classes.

    Args:
        logits: of whole sequences.
        labels: int64 (N,).
        indices: int64 (N,), each image's number in the full dataset.
        to_first: is every frame compared with the first one, as in noise sequences?
    """
    import torch  # here, so that reading a run does not wait for it

    count, frame_count, classes = logits.shape
    if classes < TOP:
        raise RobenchError(
            f"sequences need at least {TOP} classes, for the top-5 distance; got {classes}"
        )
    order = logits.sort(dim=2, descending=True, stable=True).indices.cpu()
    ranks = torch.empty_like(order)
    ranks.scatter_(2, order, torch.arange(1, classes + 1).expand_as(order))
    top = order[..., :TOP].numpy()
    none = np.full((count, frame_count), np.nan)
    columns = {
        "index": np.repeat(indices, frame_count),
        "frame": np.tile(np.arange(frame_count), count),
        "label": np.repeat(labels, frame_count),
        **{name: top[..., place].ravel() for place, name in enumerate(TOP_COLUMNS)},
    }
    for step in STEPS:
        has_step = step == 1 or not to_first
        found = zipf_distances(ranks.numpy(), to_first, step) if has_step else none
        columns[zipf_column(step)] = found.ravel()
    return pd.DataFrame(
        {name: np.asarray(columns[name], dtype) for name, dtype in SEQUENCE_COLUMNS.items()}
    )
