"""The frames of a video file, as ImageNet-P stores its sequences. Reading one needs PyAV."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robench.errors import RobenchError


class BrokenVideoError(RobenchError):
    """A file that should be a video cannot be decoded, or holds another number or size of frames."""


def require_video(action: str) -> None:
    """Raise RobenchError unless PyAV is installed; ``action`` is what needs it, such as ``"writing videos"``."""
    try:
        import av  # noqa: F401
    except ImportError:
        raise RobenchError(f"{action} needs PyAV; run: pip install 'robench[video]'") from None


def decode_video(data: bytes) -> NDArray[np.uint8]:
    """Return the frames of an .mp4, uint8 (F, H, W, 3) RGB.

    Raises BrokenVideoError where the decoder could only guess: it conceals damage and goes on.
    """
    import av

    with av.open(io.BytesIO(data), "r") as container:
        stream = container.streams.video[0]
        stream.thread_count = 1  # several videos are decoded at once, each on a thread of its own
        frames: list[NDArray] = []
        for frame in container.decode(stream):
            if frame.is_corrupt:
                raise BrokenVideoError(f"frame {len(frames)} is damaged")
            frames.append(frame.to_ndarray(format="rgb24"))
    return np.stack(frames).astype(np.uint8, copy=False)


def read_video(path: Path) -> NDArray[np.uint8]:
    """Return the frames of a video file, uint8 (F, H, W, 3) RGB; raise BrokenVideoError when it cannot be decoded."""
    try:
        return decode_video(path.read_bytes())
    except FileNotFoundError:
        raise BrokenVideoError(f"no video {path}") from None
    except Exception as error:  # a damaged file can raise nearly anything
        raise BrokenVideoError(f"{path} is not a readable video ({error})") from None
