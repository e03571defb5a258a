"""Reading checkpoints of other programs: name -> tensor, wrappers taken off, and nothing in them ever run."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from ..core.errors import PackageError

_WRAPPERS = ("state_dict", "model_state", "model_state_dict", "model", "network", "net")
"""Keys under which programs keep a network's state dict."""
_PREFIXES = ("module.", "_orig_mod.", "network.", "model.", "net.", "_model.")
"""What DataParallel, torch.compile and a Lightning module's attribute put before every tensor's name."""
_UNREADABLE = (safetensors.SafetensorError, OSError, RuntimeError, EOFError, ValueError, KeyError, TypeError)


def load_checkpoint_file(path: Path) -> dict[str, Tensor]:
    """Read name -> tensor from a PyTorch checkpoint or a safetensors file, on the CPU, wrappers taken off.

    See `read_checkpoint`. Raises PackageError if the file is missing, damaged, or holds anything else.
    """
    path = Path(path)
    try:
        if path.suffix.lower() == ".safetensors":
            return unwrap(safetensors.torch.load_file(path, device="cpu"), path.name)
        with path.open("rb") as stream:
            return read_checkpoint(stream, path.name)
    except FileNotFoundError as error:
        raise PackageError(f"{path} does not exist; choose a checkpoint.") from error
    except _UNREADABLE as error:
        raise _unreadable(path.name, error) from error


def read_checkpoint(stream: IO[bytes], where: str) -> dict[str, Tensor]:
    """Read name -> tensor from an open PyTorch checkpoint, on the CPU, wrappers taken off.

    A pickle is read by PyTorch's restricted reader, which builds tensors and plain values and runs nothing. Raises
    PackageError (naming where) if it is damaged or holds anything else.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of rare pickle protocols: what is not understood is refused below
            values = torch.load(stream, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise PackageError(
            f"{where} is no checkpoint or holds more than tensors and is not opened; save its state_dict alone."
        ) from error
    except _UNREADABLE as error:
        raise _unreadable(where, error) from error
    return unwrap(values, where)


def _unreadable(where: str, error: Exception) -> PackageError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return PackageError(f"{where} cannot be read as a checkpoint ({reason}); choose another file.")


def unwrap(values: Any, where: str = "the checkpoint") -> dict[str, Tensor]:
    """Return name -> tensor without the usual wrappers: `state_dict` and the like, and prefixes such as `module.`.

    Raises PackageError (naming where) if what is left is not a table of tensors.
    """
    while isinstance(values, Mapping) and not _is_table(values):
        inner = next((values[key] for key in _WRAPPERS if isinstance(values.get(key), Mapping)), None)
        if inner is None:
            break
        values = inner
    if not _is_table(values):
        raise PackageError(f"{where} holds no state dict (a table of tensors by name); choose another file.")
    while (prefix := next((p for p in _PREFIXES if all(name.startswith(p) for name in values)), None)) is not None:
        values = {name.removeprefix(prefix): tensor for name, tensor in values.items()}
    return dict(values)


def _is_table(values: Any) -> bool:
    """Say whether values are a table of dense tensors by name, with at least one."""
    return (
        isinstance(values, Mapping)
        and bool(values)
        and all(isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in values.items())
    )


def plain_tensors(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a state on the CPU, its floating numbers in float32."""
    cpu = {name: tensor.detach().cpu() for name, tensor in state.items()}
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in cpu.items()}
