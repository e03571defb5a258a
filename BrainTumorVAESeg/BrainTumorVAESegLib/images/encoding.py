"""Arrays and their grids as the bytes of NIfTI-1, NRRD and MetaImage files.

They are built in memory and not by ITK, whose NIfTI writer reports success on a full disk; what is written in one go by
Python raises an error there.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Mapping

import numpy as np

from ..core.geometry import Geometry
from .nifti import HEADER_SIZE, TYPE_CODES

_LEVEL = 3
"""Of compression: nearly as small as the default, in half of its time."""
_SCANNER = 1
"""NIfTI's code of a transform to the scanner's coordinates."""
_MILLIMETERS = 2
_NRRD_TYPES = {
    "u1": "unsigned char", "i1": "signed char", "u2": "unsigned short", "i2": "short", "u4": "unsigned int",
    "i4": "int", "u8": "unsigned long long", "i8": "long long", "f4": "float", "f8": "double",
}  # fmt: skip
_META_TYPES = {
    "u1": "MET_UCHAR", "i1": "MET_CHAR", "u2": "MET_USHORT", "i2": "MET_SHORT", "u4": "MET_UINT", "i4": "MET_INT",
    "u8": "MET_ULONG_LONG", "i8": "MET_LONG_LONG", "f4": "MET_FLOAT", "f8": "MET_DOUBLE",
}  # fmt: skip


def encode_nifti(array: np.ndarray, geometry: Geometry, compress: bool = True, description: str = "") -> bytes:
    """Return a NIfTI-1 file of (z, y, x), or of several volumes (n, z, y, x) as its fourth dimension.

    Both of the header's transforms are set. description: at most 79 characters of ASCII.
    """
    data, kind = _little_endian(array)
    matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ geometry.index_to_physical  # NIfTI's world is RAS
    handedness, quaternion = _quaternion(matrix[:3, :3])
    size = [*reversed(array.shape)]
    header = bytearray(HEADER_SIZE + 4)
    struct.pack_into("<i", header, 0, HEADER_SIZE)
    struct.pack_into("<8h", header, 40, len(size), *size, *[1] * (7 - len(size)))
    struct.pack_into("<2h", header, 70, TYPE_CODES[kind], 8 * int(kind[1:]))
    struct.pack_into("<8f", header, 76, handedness, *geometry.spacing, 1, 1, 1, 1)
    struct.pack_into("<3f", header, 108, HEADER_SIZE + 4, 1, 0)
    struct.pack_into("<B", header, 123, _MILLIMETERS)
    struct.pack_into("<79s", header, 148, description.encode("ascii", "replace"))
    struct.pack_into("<2h", header, 252, _SCANNER, _SCANNER)
    struct.pack_into("<6f", header, 256, *quaternion, *matrix[:3, 3])
    struct.pack_into("<12f", header, 280, *matrix[:3].ravel())
    struct.pack_into("<4s", header, 344, b"n+1")
    whole = bytes(header) + data
    return gzip.compress(whole, _LEVEL, mtime=0) if compress else whole


def encode_nrrd(array: np.ndarray, geometry: Geometry, values: Mapping[str, str] | None = None) -> bytes:
    """Return a NRRD file of (z, y, x) with further key/value pairs, or of several volumes (n, z, y, x)."""
    data, kind = _little_endian(array)
    several = array.ndim == 4
    columns = (np.reshape(geometry.direction, (3, 3)) * np.asarray(geometry.spacing)).T
    lines = [
        "NRRD0004",
        f"type: {_NRRD_TYPES[kind]}",
        f"dimension: {array.ndim}",
        "space: left-posterior-superior",
        f"sizes: {' '.join(str(n) for n in reversed(array.shape))}",
        f"space directions: {' '.join(_vector(column) for column in columns)}{' none' if several else ''}",
        f"kinds: domain domain domain{' list' if several else ''}",
        "endian: little",
        "encoding: gzip",
        f"space origin: {_vector(np.asarray(geometry.origin))}",
        *(f"{key}:={value}" for key, value in (values or {}).items()),
    ]
    return ("\n".join(lines) + "\n\n").encode() + gzip.compress(data, _LEVEL, mtime=0)


def encode_metaimage(array: np.ndarray, geometry: Geometry) -> bytes:
    """Return a MetaImage file (.mha) of (z, y, x)."""
    data, kind = _little_endian(array)
    packed = zlib.compress(data, _LEVEL)
    # MetaImage lists the directions axis by axis: the columns of ITK's matrix.
    columns = np.reshape(geometry.direction, (3, 3)).T
    lines = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "True",
        "CompressedDataSize": str(len(packed)),
        "TransformMatrix": _numbers(columns.ravel()),
        "Offset": _numbers(np.asarray(geometry.origin)),
        "ElementSpacing": _numbers(np.asarray(geometry.spacing)),
        "DimSize": " ".join(str(n) for n in geometry.size),
        "ElementType": _META_TYPES[kind],
        "ElementDataFile": "LOCAL",
    }
    return "".join(f"{key} = {value}\n" for key, value in lines.items()).encode() + packed


def _little_endian(array: np.ndarray) -> tuple[bytes, str]:
    """Return the array's bytes, little-endian, and its type without an order (`i2`); no format has bool or f2."""
    array = array.astype({"b1": np.uint8, "f2": np.float32}.get(array.dtype.str[1:], array.dtype), copy=False)
    data = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return data.tobytes(), data.dtype.str[1:]


def _quaternion(matrix: np.ndarray) -> tuple[float, tuple[float, float, float]]:
    """Return NIfTI's handedness (1 or -1) and the last three parts of the rotation's unit quaternion (nifti1.h)."""
    # The nearest rotation, since the axes of a header may be off a right angle by rounding.
    left, _, right = np.linalg.svd(matrix / np.linalg.norm(matrix, axis=0))
    rotation = left @ right
    handedness = 1.0 if np.linalg.det(rotation) > 0 else -1.0
    rotation[:, 2] *= handedness
    # The quaternion is the eigenvector of the largest eigenvalue of this symmetric matrix (Bar-Itzhack, 2000).
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = rotation
    symmetric = np.array(
        [
            [xx + yy + zz, zy - yz, xz - zx, yx - xy],
            [zy - yz, xx - yy - zz, xy + yx, xz + zx],
            [xz - zx, xy + yx, yy - xx - zz, yz + zy],
            [yx - xy, xz + zx, yz + zy, zz - xx - yy],
        ]
    )
    w, x, y, z = np.linalg.eigh(symmetric)[1][:, -1]
    sign = -1.0 if w < 0 else 1.0
    return handedness, (float(sign * x), float(sign * y), float(sign * z))


def _vector(values: np.ndarray) -> str:
    return f"({','.join(repr(float(value)) for value in values)})"


def _numbers(values: np.ndarray) -> str:
    return " ".join(repr(float(value)) for value in values)
