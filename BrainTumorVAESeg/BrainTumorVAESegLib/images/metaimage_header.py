"""MetaImage headers (.mha, .mhd): parsed and bounded here, before any voxel is looked for.

Source of the fields: https://itk.org/Wiki/MetaIO/Documentation. Where the voxels lie in the patient is what ITK makes
of the same header.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.text import shorten
from .opening import opened
from .storage import Storage, data_files, numbered_files

_MOST_HEADER_BYTES = 1 << 20
_MOST_DIMENSIONS = 10
"""Of any MetaImage, as its own library reads them."""
_TYPES = {
    "MET_CHAR": "i1", "MET_UCHAR": "u1", "MET_SHORT": "i2", "MET_USHORT": "u2", "MET_INT": "i4", "MET_UINT": "u4",
    "MET_LONG": "i4", "MET_ULONG": "u4", "MET_LONG_LONG": "i8", "MET_ULONG_LONG": "u8", "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}  # fmt: skip
_LAST = "ElementDataFile"


@dataclass(frozen=True)
class MetaImageHeader:
    """What a header says: its fields, its length in bytes, and the lines after it where they name data files."""

    path: Path
    fields: dict[str, str]
    length: int
    listed: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, ...]:
        """Length of each axis, the fastest first."""
        size = self._integers("DimSize")
        if str(len(size)) != self.fields.get("NDims", "").strip() or len(size) > _MOST_DIMENSIONS or min(size) < 1:
            raise self._damaged("NDims", self.fields.get("NDims", ""))
        return size

    @property
    def channels(self) -> int:
        """How many numbers there are for each voxel."""
        return self._integers("ElementNumberOfChannels", "1")[0]

    @property
    def storage(self) -> Storage:
        """How the voxels are stored. Raises InputError, naming the file, where the header does not tell."""
        kind = self.fields["ElementType"]
        if kind.endswith("_ARRAY") and kind.removesuffix("_ARRAY") in _TYPES:
            kind = kind.removesuffix("_ARRAY")
        if kind not in _TYPES:
            raise self._damaged("ElementType", kind)
        big = self._says("BinaryDataByteOrderMSB") or self._says("ElementByteOrderMSB")
        dtype = np.dtype(_TYPES[kind]).newbyteorder(">" if big else "<")
        encoding = "zlib" if self._says("CompressedData") else "raw"
        if "BinaryData" in self.fields and not self._says("BinaryData"):
            encoding = "text"
        length = self._integers("CompressedDataSize")[0] if "CompressedDataSize" in self.fields else None
        files, offset = self._files()
        skipped = self._integers("HeaderSize", "0")[0]
        if skipped < -1 or (length is not None and length < 0):
            raise self._damaged("HeaderSize", str(skipped))
        return Storage(dtype, self.size, encoding, files, skipped or offset, length=length or None)

    @property
    def geometry(self) -> Geometry:
        """The grid of the first three axes, in LPS millimeters."""
        n = len(self.size)
        spacing = np.array(self._numbers(("ElementSpacing", "ElementSize"), [1.0] * n, n))
        origin = self._numbers(("Offset", "Position", "Origin"), [0.0] * n, n)
        identity = [float(value) for value in np.eye(n).ravel()]
        rows = self._numbers(("TransformMatrix", "Rotation", "Orientation"), identity, n * n)
        direction = np.reshape(rows, (n, n)).T * np.where(spacing < 0, -1.0, 1.0)
        dx, dy, dz = (abs(float(value)) for value in spacing[:3])
        (x, y, z), (nx, ny, nz) = origin[:3], self.size[:3]
        cosines = tuple(float(value) + 0.0 for value in direction[:3, :3].ravel())
        return Geometry((nx, ny, nz), (dx, dy, dz), (x, y, z), cosines)

    def _files(self) -> tuple[tuple[Path, ...], int]:
        """Return the files with the voxels, and where in them the voxels begin."""
        name = self.fields[_LAST]
        if name.upper() == "LOCAL":
            return (self.path,), self.length
        if name.upper().split()[:1] == ["LIST"]:
            return data_files(self.listed, self.path), 0
        if "%" in name:
            words = name.split()
            numbers = self._integers(_LAST, text=" ".join(words[1:4])) if len(words) > 1 else ()
            if not 2 <= len(numbers) <= 3:
                raise self._damaged(_LAST, name)
            return numbered_files(words[0], numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else 1, self.path), 0
        return data_files([name], self.path), 0

    def _says(self, name: str) -> bool:
        return self.fields.get(name, "").strip()[:1].upper() in ("T", "1")

    def _integers(self, name: str, default: str = "", text: str | None = None) -> tuple[int, ...]:
        value = self.fields.get(name, default) if text is None else text
        try:
            numbers = tuple(int(word) for word in value.split(maxsplit=64))
        except ValueError as error:
            raise self._damaged(name, value) from error
        if not numbers or max(map(abs, numbers)) > 1 << 62:
            raise self._damaged(name, value)
        return numbers

    def _numbers(self, names: tuple[str, ...], default: list[float], count: int) -> list[float]:
        """Return the numbers of the first field that is there."""
        name = next((name for name in names if name in self.fields), None)
        if name is None:
            return default
        try:
            values = [float(word) for word in self.fields[name].split(maxsplit=128)]
        except ValueError as error:
            raise self._damaged(name, self.fields[name]) from error
        if len(values) != count or not all(map(math.isfinite, values)):
            raise self._damaged(name, self.fields[name])
        return values

    def _damaged(self, name: str, value: str) -> InputError:
        return InputError(f"{self.path}: its MetaImage header says {name} {shorten(value)!r}; copy or export it again.")


def read_metaimage_header(path: Path) -> MetaImageHeader:
    """Read a header. Raises InputError, naming the file, where it is none, or cut off."""
    fields: dict[str, str] = {}
    with opened(path) as stream:
        while stream.tell() < _MOST_HEADER_BYTES and (line := stream.readline(_MOST_HEADER_BYTES)):
            key, separator, value = line.decode("utf-8", "replace").partition("=")
            if not separator:
                break
            fields[key.strip()] = value.strip()
            if key.strip() == _LAST:
                break
        length = stream.tell()
        listing = fields.get(_LAST, "").upper().startswith("LIST")
        listed = stream.read(_MOST_HEADER_BYTES).decode("utf-8", "replace").splitlines() if listing else []
    if not all(fields.get(name) for name in (_LAST, "DimSize", "ElementType", "NDims")):
        raise InputError(f"{path}: is no whole MetaImage, whatever its name says; copy or export it again.")
    return MetaImageHeader(path, fields, length, tuple(name.strip() for name in listed if name.strip()))
