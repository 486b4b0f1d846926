"""What a processor calls itself."""

import platform
from pathlib import Path

import torch

from robench import hardware

CPU = torch.device("cpu")


def test_the_name_is_the_systems(tmp_path: Path, monkeypatch) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text("processor\t: 0\nmodel name\t: Made Up 9 \nprocessor\t: 1\n")
    monkeypatch.setattr(hardware, "CPU_INFO", file)
    assert hardware.device_name(CPU) == "Made Up 9"


def test_without_a_name_the_architecture(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(hardware, "CPU_INFO", tmp_path / "absent")
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert hardware.device_name(CPU) == platform.machine() != ""
