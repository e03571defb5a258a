"""What a reader makes of one image file, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.errors import InputError
from ..core.findings import Finding, Severity
from ..core.geometry import Geometry
from ..core.text import shorten

_MILLIMETERS = frozenset(("", "mm", "millimeter", "millimeters", "millimetre", "millimetres", "?", "???", "none"))


@dataclass(frozen=True)
class Decoded:
    """The images asked for, each (z, y, x), their common grid, and what the file itself gives reason to say."""

    arrays: list[np.ndarray]
    geometry: Geometry
    notes: tuple[Finding, ...] = ()


def require_3d(size: tuple[int, ...], path: Path) -> None:
    """Raise InputError unless an image's size is that of one 3D volume; further dimensions may be of length 1."""
    text = shorten("x".join(str(n) for n in size))
    if any(n > 1 for n in size[3:]):
        raise InputError(f"{path}: holds several volumes ({text}); give a file that holds one 3D volume.")
    if len(size) < 3 or min(size[:3]) < 2:
        raise InputError(f"{path}: is not a 3D volume ({text}); give the whole volume, not a slice.")


def no_numbers(path: Path) -> InputError:
    """Return the error for an image that holds several numbers for each voxel."""
    return InputError(f"{path}: holds colors, vectors or complex numbers; give an image of one number a voxel.")


def note_on_unit(names: Iterable[str]) -> Iterator[Finding]:
    """Say that a header names another unit of length than millimeters, which ITK takes all numbers for."""
    others = sorted({name for name in names if name.strip().lower() not in _MILLIMETERS})
    if others:
        message = f"says that its lengths are in {shorten(', '.join(others))}; they are taken for millimeters, as in 3D"
        yield Finding(
            "units", Severity.WARNING, f"{message} Slicer.", "Check the voxel size; export it in millimeters."
        )


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an InputError about an image say of which file it is."""
    try:
        yield
    except InputError as error:
        if str(error).startswith(str(path)):
            raise
        raise InputError(f"{path}: {error}") from error


def note_on_surplus(surplus: int, slice_bytes: int) -> Iterator[Finding]:
    """Say that a file holds whole slices more than its header promises."""
    if surplus >= slice_bytes:
        message = f"holds {surplus} bytes after the voxels that its header promises, enough for more slices."
        yield Finding("surplus", Severity.WARNING, message, "Check that the whole image is read; export it again.")
