"""The public two-stage code (Lyu & Shu 2020): what its checkpoints' tensors are here, and what it sees and answers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from ..core.errors import PackageError
from ..core.settings import MASK_CHANNELS, CascadeSettings, Preprocessing, StageSettings
from ..core.text import shorten
from ..models.manifest import require_reason
from ..models.tensors import VAE_PREFIX, check_tensors
from ..networks.vae import BOTTLENECK_CHANNELS
from .checkpoints import plain_tensors, reading_shapes, unwrap

PUBLISHED_CROPS: tuple[tuple[int, int, int], ...] = ((128, 192, 160), (128, 128, 128))
"""Crops (z, y, x) that the public code trains its stages on."""
_NAMES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), ours)
    for pattern, ours in (
        (r"in_conv0\.conv1\.", "stem."),
        (r"en_block0\.", "encoder.0.0."),
        (r"en_block([1-9])_(\d+)\.", r"encoder.\1.\2."),
        (r"de_up(\d)\.conv1\.", r"decoder.\1.halve."),
        (r"de_block(\d)\.", r"decoder.\1.block."),
        (r"de_end\.conv1\.", "head."),
        (r"ag_(\d)\.W_g\.", r"gates.\1.gating."),
        (r"ag_(\d)\.W_x\.", r"gates.\1.skip."),
        (r"ag_(\d)\.psi\.", r"gates.\1.psi."),
        (r"vae\.vd_resample\.gn1\.", "vae.norm."),
        (r"vae\.vd_resample\.conv1\.", "vae.reduce."),
        (r"vae\.vd_resample\.dense1\.", "vae.to_latent."),
        (r"vae\.vd_resample\.dense2\.", "vae.from_latent."),
        (r"vae\.vd_resample\.up0\.conv1\.", "vae.expand."),
        (r"vae\.vd_end\.", "vae.head."),
    )
)
_DOWN = re.compile(r"en_down([1-9])\.conv1\.")
_VAE_LEVEL = re.compile(r"vae\.vd_block([0-2])\.(up0\.conv1|block)\.")


def our_name(name: str) -> str | None:
    """Return this library's name for a tensor of the public code, or None where that has no such tensor."""
    if match := _DOWN.match(name):
        return f"down.{int(match[1]) - 1}.{name[match.end() :]}"
    if match := _VAE_LEVEL.match(name):
        part = "block" if match[2] == "block" else "halve"
        return f"vae.levels.{2 - int(match[1])}.{part}.{name[match.end() :]}"
    for pattern, ours in _NAMES:
        if match := pattern.match(name):
            return match.expand(ours) + name[match.end() :]
    return None


def import_public_state(
    state: Mapping[str, Any],
    vae_crop: tuple[int, int, int] | None = None,
    groups: int = 8,
    where: str = "the checkpoint",
) -> tuple[StageSettings, dict[str, Tensor]]:
    """Translate a state dict of the public two-stage code.

    Returns the stage's settings, read from the tensors' shapes, and the state of an `NvNet` built from them, in
    float32. vae_crop: (z, y, x) that the VAE branch was trained on; by default one of the public code's own, or a cube,
    that fits the dense layers. groups: of GroupNorm, which no shape tells. Raises PackageError on other networks.
    """
    ours: dict[str, Tensor] = {}
    theirs: dict[str, str] = {}
    for name, tensor in unwrap(state, where).items():
        key = our_name(name)
        if key is None:
            raise PackageError(
                f"{where}: {shorten(name)} is no tensor of the public two-stage code; this is another network."
            )
        ours[key], theirs[key] = tensor, name
    with reading_shapes(where, "the public two-stage code"):
        settings = _settings(ours, vae_crop, groups, where)
        require_reason(settings, where)
    ours = plain_tensors(ours)
    check_tensors(ours, settings, where, theirs)
    return settings, ours


def _settings(state: Mapping[str, Tensor], crop: tuple[int, int, int] | None, groups: int, where: str) -> StageSettings:
    """Read a stage's settings from the shapes of its tensors, under this library's names."""
    filters, in_channels = state["stem.weight"].shape[:2]
    blocks: dict[int, int] = {}
    for name in state:
        if match := re.match(r"encoder\.(\d+)\.(\d+)\.", name):
            blocks[int(match[1])] = max(blocks.get(int(match[1]), 0), int(match[2]) + 1)
    attention = any(name.startswith("gates.") for name in state)
    latent = 128
    if any(name.startswith(VAE_PREFIX) for name in state):
        latent = state["vae.to_latent.weight"].shape[0] // 2
        crop = _crop(state["vae.to_latent.weight"].shape[1] // BOTTLENECK_CHANNELS, crop, where)
    else:
        crop = None
    return StageSettings(
        architecture="attention_add" if attention else "nvnet",
        in_channels=in_channels,
        out_channels=state["head.weight"].shape[0],
        filters=filters,
        groups=groups,
        blocks_down=tuple(blocks[level] for level in range(len(blocks))),
        field=crop or ((128, 128, 128) if attention else None),
        vae_crop=crop,
        latent=latent,
        spread="absolute",
        align_corners=True,
    )


def _crop(cells: int, given: tuple[int, int, int] | None, where: str) -> tuple[int, int, int]:
    """Return the crop (z, y, x) whose sixteenths have this many cells."""
    edge = 16 * round(cells ** (1 / 3))
    candidates = (given,) if given else (*PUBLISHED_CROPS, (edge, edge, edge))
    for crop in candidates:
        if math.prod(n // 16 for n in crop) == cells and all(n > 0 and n % 16 == 0 for n in crop):
            return crop
    raise PackageError(
        f"{where}: the crop of its VAE branch ({cells} cells of 16 voxels) is not known; give the right one."
    )


def public_cascade(stage1: StageSettings, stage2: StageSettings | None = None) -> CascadeSettings:
    """Return the cascade of imported stages: its channels, and the public code's z-score, which clips nothing."""
    return CascadeSettings(
        preset="imported",
        modalities=("T1", "T1ce", "T2", "FLAIR"),
        output_channels=MASK_CHANNELS,
        preprocessing=Preprocessing(spacing=1.0, clip=(0.0, 100.0)),
        stage1=stage1,
        stage2=stage2,
    )
