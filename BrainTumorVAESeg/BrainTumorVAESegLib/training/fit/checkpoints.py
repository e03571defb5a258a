"""What a training leaves in its folder to be gone on from: its plan, its last checkpoint, its averaged weights."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from ...core.errors import PackageError, TrainingError
from ...core.files import replacing, write_json
from ...core.settings import StageSettings
from ...models.tensors import VAE_PREFIX, build_network, check_tensors
from ...networks.blocks import set_memory_format
from ...networks.nvnet import NvNet

PLAN = "training.json"
LAST = "last.ckpt"


def hold_to_plan(folder: Path, plan: Mapping[str, Any], name: str = PLAN) -> None:
    """Keep a training's plan in its folder. Raises TrainingError, naming what differs, where another one is there."""
    path = folder / name
    plain = json.loads(json.dumps(plan))
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_json(path, plain)
        return
    try:
        begun = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path}: cannot be read ({error}); move {folder} away and run again.") from error
    differing = _differences(begun, plain)
    if differing:
        raise TrainingError(
            f"{folder}: was begun with other cases or settings ({'; '.join(differing[:3])}); choose another folder for "
            "the run, or move this one away."
        )


def _differences(begun: Any, now: Any, where: str = "") -> list[str]:
    """Say for each place that differs what it was and what it is now."""
    if isinstance(begun, dict) and isinstance(now, dict):
        places = sorted(set(begun) | set(now))
        return [
            text
            for key in places
            for text in _differences(begun.get(key), now.get(key), f"{where}.{key}" if where else str(key))
        ]
    return [] if begun == now else [f"{where} was {_short(begun)}, is {_short(now)}"]


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write a checkpoint whole or not at all, the one before kept until then. Raises OutputError."""
    with replacing(path) as part:
        try:
            torch.save(dict(state), part)
        except RuntimeError as error:  # torch says a full disk in words of its own
            raise OSError(28, "No space left on device") from error


def load_state(path: Path, device: torch.device) -> dict[str, Any]:
    """Read a checkpoint: tensors and plain values, never code. Raises TrainingError where it is damaged."""
    try:
        return torch.load(path, map_location=device, weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise TrainingError(
            f"{path}: is damaged ({reason}); delete it to begin this training anew, or put a whole one there."
        ) from error


def save_weights(path: Path, network: nn.Module) -> None:
    """Write a network's weights as safetensors, whole or not at all. Raises OutputError."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    data = safetensors.torch.save(state, {"format": "pt"})
    with replacing(path) as part:
        part.write_bytes(data)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read weights that a training kept. Raises TrainingError where the file is damaged."""
    try:
        return safetensors.torch.load_file(path, device="cpu")
    except (OSError, safetensors.SafetensorError) as error:
        raise TrainingError(f"{path}: is damaged ({error}); delete it and run again.") from error


def load_network(stage: StageSettings, path: Path) -> NvNet:
    """Return a stage's network with trained weights, in evaluation mode. Raises TrainingError."""
    return load_members(stage, [path])


def load_members(stage: StageSettings, paths: Sequence[Path]) -> NvNet:
    """Return a stage of as many members as there are files, in evaluation mode.

    Of the first alone the VAE branch is kept. Raises TrainingError where a file is damaged or of another network.
    """
    stage = replace(stage, members=len(paths))
    tensors: dict[str, Tensor] = {}
    for number, path in enumerate(paths):
        own = read_weights(path)
        try:
            check_tensors(own, replace(stage, members=1), str(path))
        except PackageError as error:
            raise TrainingError(f"{error} It is of another run; choose another folder.") from error
        prefix = f"others.{number - 1}." if number else ""
        kept = {name: tensor for name, tensor in own.items() if not (number and name.startswith(VAE_PREFIX))}
        tensors |= {prefix + name: tensor for name, tensor in kept.items()}
    network = build_network(tensors, stage, with_vae=stage.vae_crop is not None)
    set_memory_format(network, channels_last=True)
    return network


def digest(path: Path) -> str:
    """Return the start of a file's SHA-256, to tell one from another."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
