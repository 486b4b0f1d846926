"""An installed imagecorruptions, timed in a process of its own."""

import json
import os
import subprocess
from pathlib import Path

WORKER = Path(__file__).with_name("reference_worker.py")


class Reference:
    """An installed imagecorruptions in a process of its own.

    Args:
        name: what the tables call it.
        python: the interpreter to run it with.
        folder: where the package is, if not in that interpreter's own environment.
    """

    def __init__(self, name: str, python: str, folder: Path | None = None) -> None:
        self.name = name
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        if folder is not None:
            environment["PYTHONPATH"] = str(folder)
        self.process = subprocess.Popen(
            [python, str(WORKER)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def milliseconds(self, images: Path, name: str, severity: int, repeats: int) -> float:
        """Return the time an image takes; ``images`` is an npy file. Raise RuntimeError if it fails."""
        request = {"images": str(images), "name": name, "severity": severity, "repeats": repeats}
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the {self.name} failed at {name}; its own message is above")
        return float(answer)
