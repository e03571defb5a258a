"""Importing checkpoints of the public two-stage code (Lyu & Shu 2020), whose tensors have names of their own."""

from __future__ import annotations

import math
import pickle
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from ..core.errors import PackageError
from ..core.settings import MASK_CHANNELS, CascadeSettings, Preprocessing, StageSettings
from ..networks.nvnet import NvNet
from ..networks.vae import BOTTLENECK_CHANNELS
from .manifest import ValidityDomain, check_arrangement
from .package import ModelPackage
from .tensors import VAE_PREFIX, build_network, check_tensors
from .writing import write_package

PUBLISHED_CROPS: tuple[tuple[int, int, int], ...] = ((128, 192, 160), (128, 128, 128))
"""Crops (z, y, x) that the public code trains its stages on."""
_WRAPPERS = ("state_dict", "model_state", "model_state_dict", "model", "network", "net")
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
LICENSE_TEXT = """\
The weights in this package were imported from a file that a person chose. Their license is that of their source;
where the source gives none, they must not be passed on.
"""
"""What LICENSE says of imported weights."""


def load_checkpoint_file(path: Path) -> dict[str, Tensor]:
    """Read name -> tensor from a PyTorch checkpoint or a safetensors file, on the CPU, wrappers taken off.

    A pickle is read by PyTorch's restricted reader, which builds tensors and plain values and runs nothing. Raises
    PackageError if the file is missing, damaged, or holds anything else.
    """
    path = Path(path)
    try:
        if path.suffix.lower() == ".safetensors":
            values: Any = safetensors.torch.load_file(path, device="cpu")
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of rare pickle protocols: what is not understood is refused below
                values = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise PackageError(f"{path} does not exist; choose a checkpoint.") from error
    except pickle.UnpicklingError as error:
        raise PackageError(
            f"{path.name} is no checkpoint or holds more than tensors and is not opened; save its state_dict alone."
        ) from error
    except (safetensors.SafetensorError, OSError, RuntimeError, EOFError, ValueError, KeyError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise PackageError(f"{path.name} cannot be read as a checkpoint ({reason}); choose another file.") from error
    return unwrap(values, path.name)


def unwrap(values: Any, where: str = "the checkpoint") -> dict[str, Tensor]:
    """Return name -> tensor without the usual wrappers: `state_dict` and the like, and the prefix `module.`.

    Raises PackageError (naming where) if what is left is not a table of tensors.
    """
    while isinstance(values, Mapping) and not _is_table(values):
        inner = next((values[key] for key in _WRAPPERS if isinstance(values.get(key), Mapping)), None)
        if inner is None:
            break
        values = inner
    if not _is_table(values):
        raise PackageError(f"{where} holds no state dict (a table of tensors by name); choose another file.")
    while all(name.startswith("module.") for name in values):
        values = {name.removeprefix("module."): tensor for name, tensor in values.items()}
    return dict(values)


def _is_table(values: Any) -> bool:
    """Say whether values are a table of dense tensors by name, with at least one."""
    return (
        isinstance(values, Mapping)
        and bool(values)
        and all(isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in values.items())
    )


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
    for name, tensor in unwrap(state, where).items():
        key = our_name(name)
        if key is None:
            raise PackageError(f"{where}: {name} is no tensor of the public two-stage code; this is another network.")
        ours[key] = tensor.detach().cpu().float() if tensor.is_floating_point() else tensor.detach().cpu()
    try:
        settings = _settings(ours, vae_crop, groups, where)
    except (KeyError, IndexError, ValueError) as error:
        raise PackageError(f"{where}: tensors of the public two-stage code are missing ({error}).") from error
    check_tensors(ours, settings, where)
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


def imported_cascade(stage1: StageSettings, stage2: StageSettings | None = None) -> CascadeSettings:
    """Return the cascade of imported stages: its channels, and the public code's z-score, which clips nothing."""
    return CascadeSettings(
        preset="imported",
        modalities=("T1", "T1ce", "T2", "FLAIR"),
        output_channels=MASK_CHANNELS,
        preprocessing=Preprocessing(spacing=1.0, clip=(0.0, 100.0)),
        stage1=stage1,
        stage2=stage2,
    )


def import_checkpoints(
    folder: Path, name: str, stage1: Path, stage2: Path | None = None, replace: bool = False
) -> ModelPackage:
    """Write a package from checkpoints of the public two-stage code, at folder, and return it.

    Raises PackageError on files that are not that code's checkpoints, OutputError where the package cannot be written.
    """
    settings, network1 = _network(stage1)
    second, network2 = _network(stage2) if stage2 is not None else (None, None)
    cascade = imported_cascade(settings, second)
    check_arrangement(cascade, name)
    sources = [Path(path).name for path in (stage1, stage2) if path is not None]
    card = (
        f"# {name}\n\nImported from checkpoints of the public two-stage code of Lyu & Shu (2020): "
        f"{', '.join(sources)}.\n{ValidityDomain().text}\n\n"
        "The licenses of the weights and of their training data are those of their source.\n"
    )
    return write_package(
        folder, name, "1.0.0", cascade, network1, network2, card,
        training={"imported": sources}, half=False, replace=replace, authors="unknown", license_text=LICENSE_TEXT,
    )  # fmt: skip


def _network(path: Path) -> tuple[StageSettings, NvNet]:
    """Read one checkpoint into its network."""
    settings, state = import_public_state(load_checkpoint_file(path), where=Path(path).name)
    return settings, build_network(state, settings, with_vae=settings.vae_crop is not None)
