"""AdaIN: its statistics by hand, and the networks as published weights number them."""

import pytest
import torch

from baselines import adain


def test_the_statistics_are_those_of_hand_arithmetic() -> None:
    content = torch.tensor([1.0, 2, 3, 6]).reshape(1, 1, 2, 2)  # mean 3, variance 14 / 3
    style = torch.tensor([10.0, 20, 30]).reshape(1, 1, 1, 3)  # mean 20, variance 100
    expected = (content - 3) / (14 / 3) ** 0.5 * 10 + 20
    torch.testing.assert_close(adain.adain(content, style), expected, rtol=1e-5, atol=1e-5)


def test_the_result_has_the_styles_mean_and_deviation_in_every_channel_of_every_image() -> None:
    random = torch.Generator().manual_seed(0)
    content = torch.randn(2, 5, 6, 4, generator=random) * 3 + 1
    style = torch.randn(2, 5, 9, 7, generator=random) * torch.arange(1.0, 6)[:, None, None]
    result = adain.adain(content, style)
    assert result.shape == content.shape
    torch.testing.assert_close(
        result.mean(dim=(2, 3)), style.mean(dim=(2, 3)), atol=1e-4, rtol=1e-4
    )
    torch.testing.assert_close(result.std(dim=(2, 3)), style.std(dim=(2, 3)), atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(adain.adain(content, content), content, atol=1e-4, rtol=1e-4)


def test_a_channel_of_one_value_gives_the_styles_mean() -> None:
    flat, style = torch.full((1, 1, 2, 2), 7.0), torch.tensor([[[[1.0, 3]]]])
    torch.testing.assert_close(adain.adain(flat, style), torch.full((1, 1, 2, 2), 2.0))


def test_the_layers_are_numbered_as_in_the_published_weights() -> None:
    encoder, decoder = adain.encoder().state_dict(), adain.decoder().state_dict()
    numbers = [sorted({int(key.split(".")[0]) for key in state}) for state in (encoder, decoder)]
    assert numbers[0] == [0, 2, 5, 9, 12, 16, 19, 22, 25, 29]
    assert numbers[1] == [1, 5, 8, 11, 14, 18, 21, 25, 28]
    assert encoder["29.weight"].shape == (512, 256, 3, 3)
    assert decoder["28.weight"].shape == (3, 64, 3, 3)
    assert len(adain.encoder()) == 31


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_alpha_goes_from_the_content_to_the_style(alpha: float) -> None:
    torch.manual_seed(0)
    networks = (torch.nn.Identity(), torch.nn.Identity())
    content, style = torch.rand(1, 3, 16, 16) * 0.2 + 0.4, torch.rand(1, 3, 16, 16) * 0.2
    result = adain.stylized(networks, content, style, alpha)
    expected = content if alpha == 0 else adain.adain(content, style).clamp(0, 1)
    torch.testing.assert_close(result, expected)
