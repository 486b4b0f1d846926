"""Byte comparison with the published CIFAR-10-C files, which are known here by their md5 only."""

import hashlib
import io
import os
import pickle
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


def cifar_10_c_md5(module: ModuleType) -> str:
    """Return the md5 of the .npy file that a corruption without draws makes of CIFAR-10's test set.

    Skips the test unless ROBENCH_DATA names a folder that holds cifar-10-batches-py.
    """
    images = cifar_10_test_images()
    file = io.BytesIO()
    np.save(file, np.concatenate([module.apply(images, row) for row in module.STRENGTH["cifar"]]))
    return hashlib.md5(file.getvalue()).hexdigest()


def cifar_10_test_images() -> np.ndarray:
    folder = os.environ.get("ROBENCH_DATA")
    if not folder:
        pytest.skip("ROBENCH_DATA does not name a folder that holds cifar-10-batches-py")
    path = Path(folder) / "cifar-10-batches-py" / "test_batch"
    data = pickle.loads(path.read_bytes(), encoding="latin1")["data"]
    return np.ascontiguousarray(data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
