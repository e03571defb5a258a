"""NIfTI-1 headers: parsed and bounded here, before any voxel is looked for.

Source of the fields: https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.errors import InputError
from ..core.geometry import NiftiForms
from .decoded import no_numbers, require_3d

HEADER_SIZE = 348
FIRST_VOXEL = 352
"""Where the voxels begin in a file without extensions."""
_MOST_OFFSET = 64 << 20
_TYPES = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8",
}  # fmt: skip
"""NIfTI-1's code of a plain number -> numpy's type."""


@dataclass(frozen=True)
class NiftiHeader:
    """What is needed of a header: type with its byte order, size (x, y, z), frames, offset in bytes, scaling, forms."""

    dtype: np.dtype
    size: tuple[int, int, int]
    frames: int
    offset: int
    slope: float
    intercept: float
    forms: NiftiForms

    @property
    def scaled(self) -> bool:
        """Whether the header's factor and summand change the stored numbers."""
        return self.slope != 0.0 and (self.slope, self.intercept) != (1.0, 0.0)


def parse_header(data: bytes, path: Path) -> NiftiHeader:
    """Return what a file's first 348 bytes say. Raises InputError where they are no header of an image of numbers."""
    if len(data) < HEADER_SIZE or data[344:347] != b"n+1":
        raise InputError(f"{path}: is no NIfTI-1 image, whatever its name says; give another file.")
    order = "<" if struct.unpack_from("<i", data)[0] == HEADER_SIZE else ">"
    rank, *size = struct.unpack_from(f"{order}8h", data, 40)
    code = struct.unpack_from(f"{order}h", data, 70)[0]
    offset, slope, intercept = struct.unpack_from(f"{order}3f", data, 108)
    placed = math.isfinite(offset) and HEADER_SIZE <= offset <= _MOST_OFFSET
    if not 1 <= rank <= 7 or any(n < 1 for n in size[:rank]) or not placed:
        raise InputError(f"{path}: its NIfTI header is damaged; copy or export it again.")
    if code not in _TYPES or (rank > 4 and size[4] > 1):
        raise no_numbers(path)
    frames = size[3] if rank > 3 else 1
    require_3d((*size[: min(rank, 3)], *([1] if rank > 3 else []), *size[4:rank]), path)
    if not math.isfinite(slope) or not math.isfinite(intercept):
        slope, intercept = 0.0, 0.0
    dtype, xyz = np.dtype(order + _TYPES[code]), (size[0], size[1], size[2])
    return NiftiHeader(dtype, xyz, frames, int(offset), slope, intercept, _parse_forms(data, order))


def _parse_forms(data: bytes, order: str) -> NiftiForms:
    qform, sform = struct.unpack_from(f"{order}2h", data, 252)
    return NiftiForms(
        (qform, sform),
        struct.unpack_from(f"{order}4f", data, 76),
        struct.unpack_from(f"{order}6f", data, 256),
        struct.unpack_from(f"{order}12f", data, 280),
        data[123] & 0x07,
    )


def pack_forms(header: bytearray, forms: NiftiForms) -> None:
    """Put the transforms into a header of little-endian numbers in place of its own."""
    struct.pack_into("<4f", header, 76, *forms.pixdim)
    header[123] = (header[123] & ~0x07) | forms.units
    struct.pack_into("<2h", header, 252, *forms.codes)
    struct.pack_into("<6f", header, 256, *forms.quaternion)
    struct.pack_into("<12f", header, 280, *forms.rows)


def plain_header(size: tuple[int, int, int], forms: NiftiForms) -> bytes:
    """Return the first 352 bytes of a file of unsigned bytes on a grid."""
    header = bytearray(FIRST_VOXEL)
    struct.pack_into("<i", header, 0, HEADER_SIZE)
    struct.pack_into("<8h", header, 40, 3, *size, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 2, 8)
    struct.pack_into("<f", header, 108, FIRST_VOXEL)
    header[344:347] = b"n+1"
    pack_forms(header, forms)
    return bytes(header)
