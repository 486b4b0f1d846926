"""A small network for 32-pixel digits that trains in seconds on a processor, for demonstrations and tests."""

from torch import Tensor, nn


class DigitsCNN(nn.Module):
    """Three normalized convolutions of 32, 64 and 64 channels that halve the map twice."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(),
        )
        self.classifier = nn.Linear(64, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to logits (N, num_classes)."""
        return self.classifier(self.features(x).mean(dim=(2, 3)))


ARCHITECTURES = {"digits_cnn": DigitsCNN}
