"""A perturbation sequence as ImageNet-P stores it: H.264 in an .mp4, one frame a second.

As the benchmark's scripts have it: x264's slowest common preset; constant rate factor 20, but for noise the default
one tuned for grain; colour not subsampled, which is what ffmpeg takes for RGB frames. The benchmark's own files came
out of an x264 that is not recorded, so only their settings are repeated, not their bytes. ``lossless`` keeps every
pixel instead, in six to ten times the space.
"""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

FRAMES_PER_SECOND = 1


def encode_video(frames: NDArray[np.uint8], *, grainy: bool, lossless: bool) -> bytes:
    """Return the .mp4 of a sequence.

    Args:
        frames: uint8 (F, H, W, 3) RGB, height and width even.
        grainy: is the perturbation a noise?
        lossless: keep every pixel as it is (x264's RGB mode), instead of the benchmark's compression.
    """
    import av

    # One thread, since several would divide the frames, and the bytes would depend on the machine.
    options = {"preset": "veryslow", "threads": "1"}
    if lossless:
        options |= {"qp": "0", "preset": "medium"}
    else:
        options |= {"tune": "grain"} if grainy else {"crf": "20"}
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        codec = "libx264rgb" if lossless else "libx264"
        stream: Any = container.add_stream(codec, rate=FRAMES_PER_SECOND, options=options)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "rgb24" if lossless else "yuv444p"
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return buffer.getvalue()
