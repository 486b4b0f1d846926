"""A perturbation sequence as ImageNet-P stores it: H.264 in an .mp4, one frame a second.

As the benchmark's scripts have it: x264's slowest common preset; constant rate factor 20, but for noise the default
one tuned for grain; colour not subsampled, which is what ffmpeg takes for RGB frames. The benchmark's own files came
out of an x264 that is not recorded, so only their settings are repeated, not their bytes. ``lossless`` keeps every
pixel instead, in six to ten times the space.
"""

import functools
import io
from typing import Any

import llvmlite.binding
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
    options = {"preset": "veryslow", "threads": "1"} | _repeatable()
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


def is_grainy(name: str) -> bool:
    """Is the sequence of that name a noise, which the benchmark's scripts encode for grain?"""
    return "noise" in name


def is_lossless(data: bytes) -> bool:
    """Does an .mp4 hold RGB, as ``encode_video`` writes it where every pixel is kept?"""
    import av

    with av.open(io.BytesIO(data), "r") as container:
        pixel_format = container.streams.video[0].codec_context.pix_fmt
        return str(pixel_format).startswith("gbr")


@functools.cache
def _repeatable() -> dict[str, str]:
    """Return the options without which x264 writes other bytes each time.

    With AVX-512, the macroblock tree of x264's core 165 comes out differently from one call to the next on the same
    frames. With anything from SSSE3 to AVX2 the bytes are always the same.
    """
    has_avx2 = llvmlite.binding.get_host_cpu_features().get("avx2", False)
    return {"x264-params": "asm=avx2"} if has_avx2 else {}
