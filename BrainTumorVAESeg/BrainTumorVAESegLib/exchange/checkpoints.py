"""Reading checkpoints of other programs: name -> tensor, wrappers taken off, and nothing in them ever run."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import safetensors.torch
import torch
from torch import Tensor

from ..core.disk.guarded import UnreadableError, cause_of, guarded, open_regular, reason_of
from ..core.errors import PackageError
from ..core.text import printable, shorten
from ..models.archive import is_swollen

_WRAPPERS = ("state_dict", "model_state", "model_state_dict", "model", "network", "net")
"""Keys under which programs keep a network's state dict."""
_PREFIXES = ("module.", "_orig_mod.", "network.", "model.", "net.", "_model.")
"""What DataParallel, torch.compile and a Lightning module's attribute put before every tensor's name."""
_DEEPEST = 8
_LARGEST = 4 * 2**30
"""Bytes that a checkpoint may unpack to."""
_NNUNET = (b"network_weights", b"trainer_name")
"""Keys that nnU-Net's checkpoints hold, as their pickle spells them."""
_NNUNET_TEXT = (
    "is a checkpoint of nnU-Net, whose networks this library does not have, so it cannot be imported; "
    "segment with nnU-Net itself, and compare its answers: evaluate --predictions."
)


def load_checkpoint_file(path: Path) -> dict[str, Tensor]:
    """Read name -> tensor from a PyTorch checkpoint or a safetensors file, on the CPU, wrappers taken off.

    See `read_checkpoint`. Raises PackageError if the file is missing, damaged, or holds anything else.
    """
    path = Path(path)
    try:
        stream = open_regular(path)
    except (OSError, UnreadableError) as error:
        raise PackageError(f"{printable(path)} {cause_of(error)}; choose a checkpoint.") from error
    where = printable(path.name)
    with stream:
        if path.suffix.lower() != ".safetensors":
            return read_checkpoint(stream, where)
        with guarded(lambda reason: PackageError(f"{where} is no valid safetensors file ({reason}); choose another.")):
            return unwrap(safetensors.torch.load_file(path, device="cpu"), where)


def read_checkpoint(stream: IO[bytes], where: str) -> dict[str, Tensor]:
    """Read name -> tensor from an open PyTorch checkpoint, on the CPU, wrappers taken off.

    A pickle is read by PyTorch's restricted reader, which builds tensors and plain values and runs nothing. Raises
    PackageError (naming where) if it is damaged or holds anything else.
    """

    def refused(reason: str) -> PackageError:
        # PyTorch's own words are kept out: they advise to read the file by the reader that runs what is in it.
        if _is_of_nnunet(stream):
            return PackageError(f"{where} {_NNUNET_TEXT}")
        return PackageError(
            f"{where} is no checkpoint, is damaged, or holds more than tensors and is not opened; save its state_dict "
            "alone, or get it from its source again."
        )

    with guarded(refused):
        _check_size(stream)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of rare pickle protocols: what is not understood is refused below
            values = torch.load(stream, map_location="cpu", weights_only=True)
    if isinstance(values, Mapping) and {key.decode() for key in _NNUNET} <= {k for k in values if isinstance(k, str)}:
        raise PackageError(f"{where} {_NNUNET_TEXT}")
    with guarded(lambda reason: PackageError(f"{where} holds no state dict ({reason}); choose another file.")):
        return _whole(unwrap(values, where), where)


def _check_size(stream: IO[bytes]) -> None:
    """Raise ValueError where a zip's members unpack to more than a checkpoint is, or to far more than they take."""
    if zipfile.is_zipfile(stream):
        with zipfile.ZipFile(stream) as archive:
            infos = archive.infolist()
        if sum(i.file_size for i in infos) > _LARGEST or any(is_swollen(i) for i in infos):
            raise ValueError("it would unpack to more than a checkpoint is")
    stream.seek(0)


def _is_of_nnunet(stream: IO[bytes]) -> bool:
    """Say whether a checkpoint that was refused is one of nnU-Net, by the keys in its pickle."""
    try:
        stream.seek(0)
        with zipfile.ZipFile(stream) as archive:
            name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
            with archive.open(name) as member:
                text = member.read(2**22)
    except Exception:
        return False
    return all(key in text for key in _NNUNET)


def unwrap(values: Any, where: str = "the checkpoint") -> dict[str, Tensor]:
    """Return name -> tensor without the usual wrappers: `state_dict` and the like, and prefixes such as `module.`.

    Raises PackageError (naming where) if what is left is not a table of tensors.
    """
    for _ in range(_DEEPEST):  # no more: a table may hold itself
        if not isinstance(values, Mapping) or _is_table(values):
            break
        inner = next((values[key] for key in _WRAPPERS if isinstance(values.get(key), Mapping)), None)
        if inner is None:
            break
        values = inner
    if not _is_table(values):
        raise PackageError(f"{where} holds no state dict (a table of tensors by name); choose another file.")
    for _ in range(_DEEPEST):
        prefix = next((p for p in _PREFIXES if all(name.startswith(p) for name in values)), None)
        if prefix is None:
            break
        values = {name.removeprefix(prefix): tensor for name, tensor in values.items()}
    return dict(values)


def _is_table(values: Any) -> bool:
    """Say whether values are a table of dense tensors by name, with at least one."""
    return (
        isinstance(values, Mapping)
        and bool(values)
        and all(isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in values.items())
    )


def _whole(state: dict[str, Tensor], where: str) -> dict[str, Tensor]:
    """Return a state whose tensors hold all their numbers. Raises PackageError (naming where) on any other."""
    odd = next((name for name, tensor in state.items() if not _is_whole(tensor)), None)
    if odd is not None:
        raise PackageError(f"{where}: {shorten(odd)} does not hold a number for each of its places; save it densely.")
    return state


def _is_whole(tensor: Tensor) -> bool:
    """Say whether a tensor is none on meta, sparse, quantized or blown up from few numbers."""
    if tensor.layout is not torch.strided or tensor.device.type != "cpu":
        return False
    return not tensor.is_quantized and tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()


def plain_tensors(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return a state on the CPU, its floating numbers in float32."""
    cpu = {name: tensor.detach().cpu() for name, tensor in state.items()}
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in cpu.items()}


@contextmanager
def reading_shapes(where: str, program: str) -> Iterator[None]:
    """Turn what fails while settings are read from tensors of another program into PackageError, naming where."""
    try:
        yield
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise PackageError(
            f"{where}: tensors of {program} are missing or of a strange shape ({reason_of(error)})."
        ) from error
    except PackageError as error:
        raise error if str(error).startswith(where) else PackageError(f"{where}: {error}") from error
