"""NIfTI-1 files: the voxels of one are read here, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..core.errors import InputError
from ..core.findings import Finding, Severity
from .decoded import Decoded, naming, note_on_surplus, require_3d
from .nifti_forms import geometry_of_forms, notes_on_forms
from .nifti_header import FIRST_VOXEL, NiftiHeader, parse_header
from .opening import opened
from .storage import native, require_promise
from .streams import Stream, require_ratio

_GZIP = b"\x1f\x8b"


def read_nifti(path: Path, frames: Sequence[int | None] = (None,)) -> Decoded:
    """Return frames of a .nii or .nii.gz file, compressed or not, whatever its ending says.

    frames: numbers from 0 in a file of four dimensions, or None for the only image that the file holds. The whole file
    is read once and must be there, whichever frames are asked for. Raises InputError, naming the file, where it is
    damaged, truncated, no NIfTI-1 file, holds no such frame or several where one is asked for, or is of colors,
    vectors or complex numbers.
    """
    with opened(path) as stream:
        header, data, surplus = _read(stream, frames, path)
    with naming(path):
        geometry = geometry_of_forms(header.size, header.forms)
    nx, ny, nz = header.size
    voxels = native(data.view(header.dtype)).reshape(header.frames, nz, ny, nx)
    scaled = {frame: _scale(voxels[frame], header) for frame in {frame or 0 for frame in frames}}
    arrays = [scaled[frame or 0] for frame in frames]
    surplus_note = note_on_surplus(surplus, nx * ny * header.dtype.itemsize)
    notes = (*notes_on_forms(geometry), *_notes_on_header(header), *surplus_note)
    return Decoded(arrays, geometry, notes)


def _read(stream: BinaryIO, frames: Sequence[int | None], path: Path) -> tuple[NiftiHeader, np.ndarray, int]:
    """Return the header, the bytes of all voxels, and how many bytes follow them."""
    compressed = stream.read(2) == _GZIP
    length = stream.seek(0, 2)
    stream.seek(0)
    source: Stream | _Plain = Stream(stream, path, "gzip") if compressed else _Plain(stream)
    header = parse_header(source.read(FIRST_VOXEL).tobytes(), path)
    for frame in frames:
        _require_frame(header, frame, path)
    needed = require_promise((*header.size, header.frames), header.dtype, path)
    total = header.offset + needed
    if compressed:
        require_ratio(length, total, path, "gzip")
    elif length < total:
        raise InputError(f"{path}: is truncated ({length} of {total} bytes); copy or export it again.")
    if header.offset < FIRST_VOXEL:  # these bytes are read already
        source = source.again()
        source.read(header.offset)
    else:
        source.read(header.offset - FIRST_VOXEL)
    data = source.read(needed)
    if len(data) < needed:
        there = total - needed + len(data)
        raise InputError(f"{path}: is truncated ({there} of {total} bytes); copy or export it again.")
    return header, data, source.finish()


class _Plain:
    """The bytes of a file that is not compressed, read as those of a `Stream`."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, count: int) -> np.ndarray:
        return np.fromfile(self._stream, np.uint8, count)

    def again(self) -> _Plain:
        self._stream.seek(0)
        return self

    def finish(self) -> int:
        place = self._stream.tell()
        return self._stream.seek(0, 2) - place


def _scale(voxels: np.ndarray, header: NiftiHeader) -> np.ndarray:
    """Return the values that the header's scaling gives the stored ones, those of doubles in the same memory."""
    if not header.scaled:
        return voxels
    scaled: np.ndarray = voxels if voxels.dtype == np.float64 else voxels.astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # what is no number afterwards is the check's to say
        scaled *= header.slope
        scaled += header.intercept
    return scaled


def _notes_on_header(header: NiftiHeader) -> Iterator[Finding]:
    if header.offset % 16:
        message = f"says that its voxels begin at byte {header.offset}, where no program puts them ({FIRST_VOXEL} is"
        message += " usual); where that is damaged, every voxel is wrong."
        yield Finding("offset", Severity.WARNING, message, "Look at the image; copy or export it again.")
    if header.slope < 0 and header.scaled:
        message = f"turns its values over (scl_slope is {header.slope:g}), so that dark is bright."
        yield Finding("slope", Severity.WARNING, message, "Look at the image; export it again if that is no intent.")


def _require_frame(header: NiftiHeader, frame: int | None, path: Path) -> None:
    if frame is None:
        require_3d((*header.size, header.frames), path)
    elif not 0 <= frame < header.frames:
        raise InputError(f"{path}: has no frame {frame} (frames are 0 to {header.frames - 1}); check the data set.")
