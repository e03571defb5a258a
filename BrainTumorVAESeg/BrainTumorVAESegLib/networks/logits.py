"""A stage's network as programs take it that want one tensor from one tensor."""

from __future__ import annotations

from torch import Tensor, nn

from .nvnet import NvNet


class Logits(nn.Module):
    """A stage's network that answers with its logits alone."""

    def __init__(self, network: NvNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, D, H, W) -> logits (N, 3, D, H, W)."""
        logits: Tensor = self.network(x).logits
        return logits
