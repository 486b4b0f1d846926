"""In a process of its own, whose numba cache is empty."""

import os
import subprocess
import sys
from pathlib import Path

USE = """
import logging, sys
import numpy as np
from corruptions import corrupt
logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
for _ in range(2):
    corrupt(np.zeros((1, 32, 32, 3), np.uint8), "contrast", 1, preset="cifar")
"""


def lines(cache: Path) -> list[str]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", USE], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_compiling_is_said_once_per_machine_with_its_time(tmp_path: Path) -> None:
    first = lines(tmp_path)
    assert first[0].startswith("compiling kernels for this machine")
    assert sum(line.startswith("compiling") for line in first) == 1
    assert any(line.startswith("compiled corruptions.digital.contrast.") for line in first)
    assert all(line.endswith(" s") for line in first[1:])
    assert lines(tmp_path) == []
