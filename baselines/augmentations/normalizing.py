"""Bytes to what the network gets for them, channel by channel."""

from baselines.augmentations.compiled import Floats, Image, compiled


@compiled
def normalize(images: Image, normalized: Floats, output: Floats) -> None:
    """Look up images, uint8 (N, H, W, 3).

    Args:
        images: as said.
        normalized: float32 (3, 256), what each value of each channel becomes.
        output: float32 (N, 3, H, W), filled.
    """
    height, width = images.shape[1:3]
    planes = output.reshape((len(images), 3, height * width))
    for i in range(len(images)):
        pixels = images[i].reshape(-1)
        for channel in range(3):
            values, plane = normalized[channel], planes[i, channel]
            for place in range(len(plane)):
                plane[place] = values[pixels[3 * place + channel]]
