"""What a training leaves in its folder to be gone on from: its plan, its last checkpoint, its averaged weights."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from ...core.disk.files import replacing, write_json
from ...core.disk.guarded import UnreadableError, cause_of, guarded, open_regular, parse_json, read_regular
from ...core.errors import PackageError, TrainingError
from ...core.settings import CascadeSettings, StageSettings
from ...core.text import shorten
from ...models.tensors import VAE_PREFIX, build_network, check_tensors
from ...networks.blocks import set_memory_format
from ...networks.nvnet import NvNet
from ..settings import Augmentation, StageTraining

PLAN = "training.json"
LAST = "last.ckpt"
_MARK = b"\nsha256:"
_MARK_LENGTH = len(_MARK) + 64
_HASHED = "hashed"
"""Key in a checkpoint that says that a SHA-256 stands behind it, lest a lost end go unseen."""
_HASH_KEY = "sha256"
_DEFAULTS = {
    "networks": CascadeSettings(stage2=StageSettings()),
    "stage": StageSettings(),
    "training": StageTraining(),
    "augmentation": Augmentation(),
}
"""The tables of settings in plans, with the settings' defaults."""


def hold_to_plan(folder: Path, plan: Mapping[str, Any], name: str = PLAN) -> None:
    """Keep a training's plan in its folder. Raises TrainingError, naming what differs, where another one is there.

    A setting that came after a plan was written counts there as its default, by which trainings went before it came.
    """
    path = folder / name
    plain = json.loads(json.dumps(plan))
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_json(path, plain)
        return
    try:
        begun = parse_json(read_regular(path))
    except (OSError, UnreadableError) as error:
        raise TrainingError(f"{path}: {cause_of(error)}; move {folder} away and run again.") from error
    differing = _differences(begun, plain, json.loads(json.dumps(_DEFAULTS, default=asdict)))
    if differing:
        raise TrainingError(
            f"{folder}: was begun with other cases or settings ({'; '.join(differing[:3])}); choose another folder for "
            "the run, or move this one away."
        )


def _differences(begun: Any, now: Any, defaults: Any, where: str = "") -> list[str]:
    """Say for each place that differs what it was and what it is now."""
    if not (isinstance(begun, dict) and isinstance(now, dict)):
        return [] if begun == now else [f"{where} was {_short(begun)}, is {_short(now)}"]
    known = {key: value for key, value in defaults.items() if key in now} if isinstance(defaults, dict) else {}
    return [
        text
        for key in sorted({*begun, *now})
        for text in _differences(
            begun.get(key, known.get(key)), now.get(key), known.get(key), f"{where}.{key}" if where else str(key)
        )
    ]


def _short(value: Any) -> str:
    return shorten(json.dumps(value), 40)


def save_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write a checkpoint and its SHA-256 behind it, whole or not at all, the one before kept until then.

    Raises OutputError.
    """
    with replacing(path) as part:
        try:
            torch.save({**state, _HASHED: True}, part)
        except RuntimeError as error:  # torch says a full disk in words of its own
            raise OSError(errno.ENOSPC, "No space left on device") from error
        with part.open("r+b") as stream:
            mark = _MARK + hashlib.file_digest(stream, "sha256").hexdigest().encode()
            stream.seek(0, os.SEEK_END)
            stream.write(mark)


def load_state(path: Path, device: torch.device) -> dict[str, Any]:
    """Read a checkpoint: tensors and plain values, never code.

    One without a SHA-256, as older versions wrote it, is taken with a UserWarning that nothing guards it. Raises
    TrainingError where it is damaged.
    """

    def damaged(reason: str) -> TrainingError:
        return TrainingError(
            f"{path}: is damaged ({reason}); delete it to begin this training anew, or put a whole one there."
        )

    try:
        with open_regular(path) as stream:
            data = bytearray(stream.read())
    except (OSError, UnreadableError) as error:
        raise damaged(cause_of(error)) from error
    cut = len(data) - _MARK_LENGTH
    marked = cut >= 0 and bytes(data[cut:]).startswith(_MARK)
    if marked:
        found = data[cut + len(_MARK) :].decode("ascii", "replace")
        del data[cut:]
        if hashlib.sha256(data).hexdigest() != found:
            raise damaged("its SHA-256 is not the one that it was written with")
    # PyTorch's own words are kept out: they advise to read the file by the reader that runs what is in it.
    with guarded(lambda _: damaged("it is no checkpoint of a training")):
        state = torch.load(io.BytesIO(data), map_location=device, weights_only=True)
        if not isinstance(state, dict):
            raise TypeError
    if not marked:
        if state.get(_HASHED):
            raise damaged("its end is missing")
        warnings.warn(f"{path.name} is of an older version and holds no SHA-256: damage would go unseen.", stacklevel=2)
    state.pop(_HASHED, None)
    return state


def save_weights(path: Path, network: nn.Module) -> None:
    """Write a network's weights as safetensors with their SHA-256, whole or not at all. Raises OutputError."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    data = safetensors.torch.save(state, {"format": "pt", _HASH_KEY: _digest_of(state)})
    with replacing(path) as part:
        part.write_bytes(data)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read weights that a training kept; those of an older version hold no SHA-256. Raises TrainingError on damage."""
    with guarded(lambda reason: TrainingError(f"{path}: is damaged ({reason}); delete it and run again.")):
        with safetensors.safe_open(path, framework="pt", device="cpu") as file:
            told = (file.metadata() or {}).get(_HASH_KEY)
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
        if told is not None and told != _digest_of(state):
            raise ValueError("its SHA-256 is not the one that it was written with")
    return state


def _digest_of(state: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of tensors: of their names, types, shapes and bytes."""
    found = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        found.update(f"{name} {tensor.dtype} {[*tensor.shape]}\n".encode())
        found.update(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return found.hexdigest()


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
