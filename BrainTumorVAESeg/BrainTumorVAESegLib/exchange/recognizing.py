"""Which network a state dict is of, told by the names of its tensors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from ..core.errors import PackageError
from ..core.text import shorten


class Kind(StrEnum):
    """A network whose checkpoints can be imported."""

    PUBLIC = "the public two-stage code"
    SEGRESNET = "MONAI's SegResNet"
    SEGRESNET_VAE = "MONAI's SegResNetVAE"


_OTHERS: tuple[tuple[str, str], ...] = (
    (r"stem\.weight$", "a training run of this library, whose package can be installed as it is"),
    (r"encoder\.conv_init\.", "MONAI's SegResNetDS"),
    (r"swinViT\.", "MONAI's SwinUNETR"),
    (r"vit\.", "MONAI's UNETR"),
    (r"input_block\.conv1\.", "MONAI's DynUNet"),
    (r"(\d+\.)?(conv|submodule)\.(unit\d|0\.conv)|\d+\.submodule\.|\d+\.conv\.unit0\.", "MONAI's UNet"),
    (r"encoder\.stages\.\d+\.", "nnU-Net"),
)
"""How a tensor's name begins in other networks that brain tumors are often segmented with."""


def recognize(names: Iterable[str], where: str) -> Kind:
    """Return the network that tensors of these names belong to. Raises PackageError (naming where) on any other."""
    names = list(names)
    if any(name.startswith(("in_conv0.", "en_block0.", "de_end.")) for name in names):
        return Kind.PUBLIC
    if any(name.startswith(("convInit.", "down_layers.")) for name in names):
        return Kind.SEGRESNET_VAE if any(name.startswith("vae_") for name in names) else Kind.SEGRESNET
    what = next((text for pattern, text in _OTHERS if any(re.match(pattern, name) for name in names)), None)
    what = what or f"an unknown network (one of its tensors is {shorten(names[0])})"
    raise PackageError(f"{where} holds the weights of {what}; imported are those of {', '.join(Kind)}.")
