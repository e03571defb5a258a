"""The tensors of a stage's file: read from bytes whose hash is right, checked against the network, put into it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import Tensor

from ..core.errors import PackageError
from ..core.settings import StageSettings, without_vae
from ..core.text import shorten
from ..networks.nvnet import NvNet
from .manifest import HALF, FileEntry, Manifest, locate, stage_file
from .storage import unpack

VAE_PREFIX = "vae."
_FLOATS = (torch.float16, torch.float32)


def read_tensors(path: Path, entry: FileEntry, where: str) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file whose bytes are those that the manifest lists.

    Raises PackageError (naming where) if the file is missing, other than listed, or no safetensors file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PackageError(f"{where} cannot be read ({error.strerror}); install the package again.") from error
    if len(data) != entry.bytes or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise PackageError(f"{where} is not the file that the package was written with; install the package again.")
    try:
        return safetensors.torch.load(data)
    except (safetensors.SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        raise PackageError(
            f"{where} is no valid safetensors file ({shorten(error)}); install the package again."
        ) from error


def read_state(folder: Path, manifest: Manifest, stage: int, where: str) -> dict[str, Tensor]:
    """Return the tensors of stage 1 or 2 of a package in folder, by the names of its network's state.

    They are float16 or float32, however the file holds them. Raises PackageError (naming where).
    """
    path = stage_file(stage)
    tensors = read_tensors(locate(folder, manifest, path), manifest.files[path], where)
    return unpack(tensors, manifest.storage.get(path, HALF), where)


def expected_state(settings: StageSettings) -> dict[str, Tensor]:
    """Return name -> tensor without data, as a stage's network has them. Raises PackageError if none can be built."""
    try:
        return _on_meta(settings).state_dict()
    except (ArithmeticError, TypeError, ValueError, RuntimeError) as error:
        raise PackageError(
            f"No network can be built from the settings ({shorten(error)}); install the package again."
        ) from error


def check_tensors(
    tensors: Mapping[str, Tensor], settings: StageSettings, where: str, spoken: Mapping[str, str] | None = None
) -> None:
    """Raise PackageError (naming where) unless names, shapes and types are the network's and all numbers are finite.

    spoken: what messages call a tensor, its own name by default.
    """
    expected, spoken = expected_state(settings), spoken or {}
    odd = sorted(set(tensors) ^ set(expected))
    if odd:
        name = shorten(spoken.get(odd[0], odd[0]))
        raise PackageError(f"{where}: {len(odd)} tensors are missing or not of this network, such as {name}.")
    for key, like in expected.items():
        name, tensor = spoken.get(key, key), tensors[key]
        if tensor.shape != like.shape:
            raise PackageError(f"{where}: {name} has the shape {[*tensor.shape]}, the network needs {[*like.shape]}.")
        if tensor.dtype not in _FLOATS if like.is_floating_point() else tensor.dtype != like.dtype:
            raise PackageError(f"{where}: {name} holds {tensor.dtype}, which packages do not.")
        if tensor.is_floating_point() and not is_finite(tensor):
            raise PackageError(f"{where}: {name} holds numbers that are not finite; the weights cannot be used.")


def is_finite(tensor: Tensor) -> bool:
    """Say whether a float16 or float32 tensor on the CPU holds neither infinity nor NaN."""
    # numpy's one thread is ten times faster here than torch, whose threads wait for each other on many small tensors.
    array = tensor.numpy()
    if array.dtype == np.float16:
        return bool((array.view(np.uint16) & 0x7FFF).max(initial=0) < 0x7C00)
    return bool(np.isfinite(array).all())


def build_network(tensors: Mapping[str, Tensor], settings: StageSettings, with_vae: bool) -> NvNet:
    """Return the network in evaluation mode, float32 on the CPU, of tensors that were checked."""
    if not with_vae:
        settings = without_vae(settings)
    kept = {name: tensor for name, tensor in tensors.items() if with_vae or not name.startswith(VAE_PREFIX)}
    network = _on_meta(settings)
    cast = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in kept.items()}
    network.load_state_dict(cast, strict=True, assign=True)
    return network.eval()


def _on_meta(settings: StageSettings) -> NvNet:
    """Build a network that has no numbers yet: neither memory nor time goes into random ones."""
    with torch.device("meta"):
        return NvNet(settings)
