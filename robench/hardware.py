"""The name of what computes, for run.json."""

import platform
from pathlib import Path

import torch

CPU_INFO = Path("/proc/cpuinfo")  # of Linux


def device_name(device: torch.device) -> str:
    """Return what a device calls itself, such as "NVIDIA H100" or "AMD EPYC 7763 64-Core Processor"."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return _cpu_name() if device.type == "cpu" else platform.machine()


def _cpu_name() -> str:
    """Return the processor's name where the system tells it, else its architecture, such as "x86_64"."""
    try:
        lines = CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, _, name = line.partition(":")
        if key.strip() == "model name" and name.strip():
            return name.strip()
    return platform.processor() or platform.machine()
