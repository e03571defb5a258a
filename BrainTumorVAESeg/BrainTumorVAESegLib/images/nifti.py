"""NIfTI-1 files: the voxels of one are read here, whole or not at all.

ITK fills up what a truncated NIfTI file lacks without a word, so that reading one through ITK would ask for a second
pass over the file; here one pass reads the voxels and holds them against the file's own checksum and sizes. Where the
voxels lie in the patient is left to ITK, whose choice between the header's two transforms Slicer shares.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.errors import InputError

_HEADER_SIZE = 348
_TYPES = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8",
}  # fmt: skip
"""NIfTI-1's code of a plain number -> numpy's type."""
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class _Header:
    """What is needed to find the voxels: type with its byte order, size (x, y, z), frames, offset in bytes, scaling."""

    dtype: np.dtype
    size: tuple[int, int, int]
    frames: int
    offset: int
    slope: float
    intercept: float


def read_nifti_frames(path: Path, frames: Sequence[int | None] = (None,)) -> list[np.ndarray]:
    """Return frames of a .nii or .nii.gz file, each (z, y, x); an array is read-only where it is not rescaled.

    frames: numbers from 0 in a file of four dimensions, or None for the only image that the file holds. The whole file
    is read once and must be there, whichever frames are asked for. Raises InputError, naming the file, where it is
    damaged, truncated, no NIfTI-1 file, holds no such frame or several where one is asked for, or is of colours,
    vectors or complex numbers.
    """
    data = _read_all(path)
    header = _parse(data, path)
    for frame in frames:
        _require_frame(header, frame, path)
    nx, ny, nz = header.size
    count = nx * ny * nz * header.frames
    needed = header.offset + count * header.dtype.itemsize
    if len(data) < needed:
        raise InputError(f"{path}: is truncated ({len(data)} of {needed} bytes); copy or export it again.")
    voxels = np.frombuffer(data, header.dtype, count, header.offset).reshape(header.frames, nz, ny, nx)
    return [_scale(voxels[frame or 0], header) for frame in frames]


def _scale(voxels: np.ndarray, header: _Header) -> np.ndarray:
    """Return the values that the header's scaling gives the stored ones, in the machine's byte order."""
    if not voxels.dtype.isnative:
        voxels = voxels.astype(voxels.dtype.newbyteorder("="))
    if header.slope in (0.0, 1.0) and (header.intercept == 0.0 or header.slope == 0.0):
        return voxels
    scaled: np.ndarray = voxels.astype(np.float64 if voxels.dtype == np.float64 else np.float32)
    scaled *= header.slope
    scaled += header.intercept
    return scaled


def _read_all(path: Path) -> bytes:
    """Return the file's bytes, decompressed."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}); check the file.") from error
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error, struct.error) as error:
        raise InputError(f"{path}: is damaged or truncated ({error}); copy or export it again.") from error


def _parse(data: bytes, path: Path) -> _Header:
    if len(data) < _HEADER_SIZE or data[344:347] != b"n+1":
        raise InputError(f"{path}: is no NIfTI-1 image, whatever its name says; give another file.")
    order = "<" if struct.unpack_from("<i", data)[0] == _HEADER_SIZE else ">"
    rank, *size = struct.unpack_from(f"{order}8h", data, 40)
    code = struct.unpack_from(f"{order}h", data, 70)[0]
    offset, slope, intercept = struct.unpack_from(f"{order}3f", data, 108)
    if not 1 <= rank <= 7 or any(n < 1 for n in size[:rank]) or not (math.isfinite(offset) and offset >= _HEADER_SIZE):
        raise InputError(f"{path}: its NIfTI header is damaged; copy or export it again.")
    if code not in _TYPES or (rank > 4 and size[4] > 1):
        raise InputError(f"{path}: holds colors, vectors or complex numbers; give an image of one number a voxel.")
    frames = size[3] if rank > 3 else 1
    require_3d((*size[: min(rank, 3)], *([1] if rank > 3 else []), *size[4:rank]), path)
    if not math.isfinite(slope) or not math.isfinite(intercept):
        slope, intercept = 0.0, 0.0
    return _Header(np.dtype(order + _TYPES[code]), (size[0], size[1], size[2]), frames, int(offset), slope, intercept)


def _require_frame(header: _Header, frame: int | None, path: Path) -> None:
    if frame is None:
        require_3d((*header.size, header.frames), path)
    elif not 0 <= frame < header.frames:
        raise InputError(f"{path}: has no frame {frame} (frames are 0 to {header.frames - 1}); check the data set.")


def require_3d(size: tuple[int, ...], path: Path) -> None:
    """Raise InputError unless an image's size is that of one 3D volume; further dimensions may be of length 1."""
    text = "x".join(str(n) for n in size)
    if any(n > 1 for n in size[3:]):
        raise InputError(f"{path}: holds several volumes ({text}); give one 3D volume for each modality.")
    if len(size) < 3 or min(size[:3]) < 2:
        raise InputError(f"{path}: is not a 3D volume ({text}); give the whole volume, not a slice.")
