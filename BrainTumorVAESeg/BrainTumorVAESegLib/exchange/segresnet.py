"""MONAI's SegResNet and SegResNetVAE: what their tensors are here, both ways, and what the model zoo's one sees.

Their arrays are (x, y, z) where ours are (z, y, x), so the kernels' axes are turned around.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from ..core.errors import PackageError
from ..core.settings import CascadeSettings, Preprocessing, StageSettings
from ..core.text import shorten
from ..models.manifest import require_reason
from ..models.tensors import check_tensors, expected_state
from ..networks.nvnet import NvNet
from .checkpoints import plain_tensors, reading_shapes, unwrap

ZOO_MODALITIES = ("T1ce", "T1", "T2", "FLAIR")
ZOO_CHANNELS = ("TC", "WT", "ET")
"""What the channels of the model zoo's `brats_mri_segmentation` are."""
_VAE = "vae_"
_OPTIONS: tuple[tuple[str, str], ...] = (
    (r"up_samples\.\d+\.1\.", "another upsample_mode than nontrainable"),
    (r".*\.(running_mean|running_var|num_batches_tracked)$", "another norm than GROUP"),
    (r".*\.adn\.", "another act than RELU"),
)
"""Names of tensors that SegResNet has with options that are not known here."""


def monai_name(name: str, settings: StageSettings) -> str:
    """Return what MONAI's SegResNet calls a tensor of an `NvNet` with these settings (`segresnet`)."""
    first, *rest = name.split(".")
    tail = ".".join(rest)
    if first in ("stem", "head_norm", "head"):
        return {"stem": "convInit.conv.", "head_norm": "conv_final.0.", "head": "conv_final.2.conv."}[first] + tail
    level, *rest = rest
    if first == "down":
        return f"down_layers.{int(level) + 1}.0.conv.{rest[0]}"
    if first == "encoder":
        return f"down_layers.{level}.{int(rest[0]) + 1}." + _block(rest[1:])
    above = len(settings.blocks_up) - 1 - int(level)  # MONAI counts the decoder's levels from the coarsest
    part, *rest = rest
    if part == "halve":
        return f"up_samples.{above}.0.conv.{rest[0]}"
    return (
        f"up_layers.{above}.0." + _block(rest)
        if part == "block"
        else (f"up_layers.{above}.{int(rest[0]) + 1}." + _block(rest[1:]))
    )


def _block(parts: list[str]) -> str:
    """Return MONAI's name of a tensor in a residual block."""
    return ".".join([parts[0], "conv", *parts[1:]] if parts[0].startswith("conv") else parts)


def turn_axes(tensor: Tensor) -> Tensor:
    """Return a kernel for (z, y, x) as one for (x, y, z), or back; any other tensor as it is."""
    return tensor.permute(0, 1, 4, 3, 2).contiguous() if tensor.ndim == 5 else tensor


def monai_state(network: NvNet) -> dict[str, Tensor]:
    """Return the state dict of MONAI's SegResNet that computes what a network of the architecture `segresnet` does."""
    state = {name: tensor for name, tensor in network.state_dict().items() if not name.startswith("vae.")}
    return {monai_name(name, network.settings): turn_axes(tensor.detach().cpu()) for name, tensor in state.items()}


def import_segresnet_state(
    state: Mapping[str, Any], groups: int = 8, where: str = "the checkpoint"
) -> tuple[StageSettings, dict[str, Tensor]]:
    """Translate a state dict of MONAI's SegResNet, or of SegResNetVAE without its VAE branch.

    That branch decodes with the mask's own decoder and is none of ours. Returns the stage's settings, read from the
    tensors' shapes, and the state of an `NvNet` built from them, in float32. groups: of GroupNorm, which no shape
    tells. Raises PackageError (naming where) on other networks and options.
    """
    theirs = {name: tensor for name, tensor in unwrap(state, where).items() if not name.startswith(_VAE)}
    for pattern, option in _OPTIONS:
        odd = next((name for name in theirs if re.match(pattern, name)), None)
        if odd is not None:
            raise PackageError(f"{where}: {shorten(odd)} is of a SegResNet with {option}, which cannot be imported.")
    with reading_shapes(where, "MONAI's SegResNet"):
        settings = _settings(theirs, groups, where)
        require_reason(settings, where)
    spoken = {name: monai_name(name, settings) for name in expected_state(settings)}
    ours = {theirs_name: name for name, theirs_name in spoken.items()}
    turned = {ours.get(name, name): turn_axes(tensor) for name, tensor in plain_tensors(theirs).items()}
    check_tensors(turned, settings, where, spoken)
    return settings, turned


def _settings(state: Mapping[str, Tensor], groups: int, where: str) -> StageSettings:
    """Read a stage's settings from the shapes of its tensors, under MONAI's names."""
    kernel = state["convInit.conv.weight"]
    if kernel.ndim != 5:
        raise PackageError(f"{where}: convInit.conv.weight has the shape {[*kernel.shape]}; the network is not 3D.")
    down = _count(state, r"down_layers\.(\d+)\.(\d+)\.conv1\.conv\.weight")
    up = _count(state, r"up_layers\.(\d+)\.(\d+)\.conv1\.conv\.weight")
    if len(up) != len(down) - 1:
        raise PackageError(
            f"{where}: it has {len(down)} levels down and {len(up)} up, so it answers on another grid than it reads."
        )
    return StageSettings(
        architecture="segresnet",
        in_channels=kernel.shape[1],
        out_channels=state["conv_final.2.conv.weight"].shape[0],
        filters=kernel.shape[0],
        groups=groups,
        blocks_down=tuple(down),
        blocks_up=tuple(reversed(up)),
        align_corners=False,
    )


def _count(state: Mapping[str, Tensor], pattern: str) -> list[int]:
    """Return how many blocks each level has, in MONAI's order."""
    blocks: dict[int, int] = {}
    for match in filter(None, (re.fullmatch(pattern, name) for name in state)):
        blocks[int(match[1])] = blocks.get(int(match[1]), 0) + 1
    return [blocks[level] for level in range(len(blocks))]


def segresnet_cascade(
    stage1: StageSettings,
    modalities: tuple[str, ...] = ZOO_MODALITIES,
    channels: tuple[str, ...] = ZOO_CHANNELS,
) -> CascadeSettings:
    """Return the arrangement of an imported SegResNet: MONAI's z-score of each volume over its own voxels, no clip."""
    return CascadeSettings(
        preset="imported",
        modalities=modalities,
        output_channels=channels,
        preprocessing=Preprocessing(spacing=1.0, clip=(0.0, 100.0), foreground="channel"),
        stage1=stage1,
    )
