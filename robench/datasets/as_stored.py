"""Pictures that are squares already and must reach the model as they are.

ImageNet-C's files hold 224 pixels a side. Resizing them to 256 and cropping 224 again, as one does with photographs,
shows the model a magnified centre of every image, and its errors are then not those of the benchmark.
"""

from dataclasses import dataclass

from PIL import Image

from robench.errors import RobenchError


class WrongSizeError(RobenchError):
    """A picture is not the square that it should be; the message leaves the file to be named by who reads it."""


@dataclass(frozen=True)
class AsStored:
    """A framing that changes no pixel, and takes squares of ``side_px`` only."""

    side_px: int

    def __call__(self, picture: Image.Image) -> Image.Image:
        """Return the picture itself; raise WrongSizeError for another size."""
        if picture.size != (self.side_px, self.side_px):
            width, height = picture.size
            raise WrongSizeError(
                f"expected {self.side_px} x {self.side_px} pixels, got {width} x {height}; "
                "such images are evaluated as they are stored, never resized or cropped"
            )
        return picture

    def uncropped(self, picture: Image.Image) -> Image.Image:
        """Return the picture, which is all there is."""
        return self(picture)
