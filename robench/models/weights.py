"""Which weights does a network have? A digest, for networks that come from no file of their own."""

import hashlib
import io

import torch
from torch import nn


def weights_sha256(network: nn.Module) -> str:
    """Return the SHA-256 of a network's state dict as hex digits: names, types, shapes and values, in its order.

    It depends on neither the device nor the memory format. What is no plain tensor counts as ``torch.save`` writes it.
    """
    digest = hashlib.sha256()
    for name, value in network.state_dict().items():
        digest.update(f"{name}\n".encode())
        digest.update(_bytes(value))
    return digest.hexdigest()


def _bytes(value: object) -> bytes:
    if isinstance(value, torch.Tensor) and value.layout == torch.strided and not value.is_quantized:
        plain = value.detach().cpu().contiguous()
        head = f"{plain.dtype} {tuple(plain.shape)}\n".encode()
        return head + plain.reshape(-1).view(torch.uint8).numpy().tobytes()
    written = io.BytesIO()
    torch.save(value, written)
    return written.getvalue()
