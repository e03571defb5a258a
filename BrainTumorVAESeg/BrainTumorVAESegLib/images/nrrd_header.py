"""NRRD headers (.nrrd, .nhdr): parsed and bounded here, before any voxel is looked for.

Source of the fields and their spellings: https://teem.sourceforge.net/nrrd/format.html. Where the voxels lie in the
patient is what ITK makes of the same header.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.text import shorten
from .opening import opened
from .storage import Storage, data_files, numbered_files

_MOST_HEADER_BYTES = 4 << 20
_MOST_DIMENSIONS = 16
"""Of any NRRD file, by its definition."""
_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_TYPE_OF = {name: code for code, names in _TYPES.items() for name in names}
_ENCODING_OF = {
    "raw": "raw", "gz": "gzip", "gzip": "gzip", "bz2": "bzip2", "bzip2": "bzip2",
    "txt": "text", "text": "text", "ascii": "text", "hex": "hex",
}  # fmt: skip
_SPELLINGS = {"datafile": "data file", "lineskip": "line skip", "byteskip": "byte skip", "axismins": "axis mins"}
_ALONG = frozenset(("domain", "space", "time", "???", "none"))
"""Kinds of the axes along which voxels lie; all others are those of several numbers in one voxel."""
_TURNED = {
    "right-anterior-superior": (-1.0, -1.0), "ras": (-1.0, -1.0),
    "left-anterior-superior": (1.0, -1.0), "las": (1.0, -1.0),
}  # fmt: skip
"""Signs of x and y by which a space becomes LPS; ITK takes all other spaces as they are."""
_VECTOR = re.compile(r"\(([^()]*)\)|(none)", re.IGNORECASE)


@dataclass(frozen=True)
class NrrdHeader:
    """What a header says.

    fields: by their names in lower case. keys: the free ones (`:=`). length: bytes up to the voxels where they are in
    the same file. listed: names of data files on lines of their own.
    """

    path: Path
    fields: dict[str, str]
    keys: dict[str, str]
    length: int
    listed: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, ...]:
        """Length of each axis, the fastest first."""
        size = self._integers("sizes", self.field("sizes"))
        if str(len(size)) != self.field("dimension") or not 1 <= len(size) <= _MOST_DIMENSIONS or min(size) < 1:
            raise self._damaged("sizes", self.field("sizes"))
        return size

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes along which voxels lie; the others hold several numbers for each voxel."""
        axes = range(len(self.size))
        kinds = self.fields.get("kinds", "").lower().split()
        directions = self._directions()
        if len(kinds) != len(self.size):
            kinds = ["???"] * len(self.size)
        return tuple(a for a in axes if kinds[a] in _ALONG and (directions is None or directions[a] is not None))

    @property
    def storage(self) -> Storage:
        """How the voxels are stored. Raises InputError, naming the file, where the header does not tell."""
        kind, encoding = self.field("type").lower(), self.field("encoding").lower()
        if kind not in _TYPE_OF:
            raise self._damaged("type", kind)
        if encoding not in _ENCODING_OF:
            raise self._damaged("encoding", encoding)
        dtype = np.dtype(_TYPE_OF[kind])
        order = self.fields.get("endian", "").lower()
        if dtype.itemsize > 1 and _ENCODING_OF[encoding] != "text":
            if order not in ("little", "big"):
                raise self._damaged("endian", order)
            dtype = dtype.newbyteorder("<" if order == "little" else ">")
        files, offset = self._files()
        lines, skipped = (self._integers(name, self.fields.get(name, "0"))[0] for name in ("line skip", "byte skip"))
        if lines < 0 or skipped < -1:
            raise self._damaged("line skip and byte skip", f"{lines}, {skipped}")
        return Storage(dtype, self.size, _ENCODING_OF[encoding], files, offset, lines, skipped)

    @property
    def geometry(self) -> Geometry:
        """The grid of the first three axes along which voxels lie, in LPS millimeters."""
        axes = self.axes[:3]
        if len(axes) < 3:
            raise self._damaged("sizes and kinds", f"{self.fields['sizes']}; {self.fields.get('kinds', '')}")
        nx, ny, nz = (self.size[axis] for axis in axes)
        spacing, origin, direction = [1.0] * 3, [0.0] * 3, np.eye(3)
        directions = self._directions()
        if directions is None:
            spacing = [s if math.isfinite(s) else 1.0 for s in self._per_axis("spacings", axes, 1.0)]
            mins = self._per_axis("axis mins", axes, math.nan)
            if "spacings" in self.fields and all(math.isfinite(low) for low in mins):
                centers = self.fields.get("centers", self.fields.get("centerings", "")).lower().split()
                at = [0.0 if len(centers) == len(self.size) and centers[a] == "node" else 0.5 for a in axes]
                origin = [low + half * s for low, half, s in zip(mins, at, spacing, strict=True)]
        else:
            signs = np.array([*_TURNED.get(self.fields.get("space", "").lower(), (1.0, 1.0)), 1.0])
            for column, axis in enumerate(axes):
                vector = np.array((directions[axis] or ())[:3])
                spacing[column] = math.sqrt(float((vector * vector).sum()))
                if len(vector) < 3 or not spacing[column] > 0:
                    raise self._damaged("space directions", self.fields["space directions"])
                direction[:, column] = vector * (1.0 / spacing[column]) * signs
            place = self._vectors("space origin")
            if place and place[0] is not None and len(place[0]) >= 3:
                origin = [float(value) for value in np.array(place[0][:3]) * signs]
        (dx, dy, dz), (x, y, z) = spacing, origin
        return Geometry((nx, ny, nz), (dx, dy, dz), (x, y, z), tuple(float(value) for value in direction.ravel()))

    def field(self, name: str) -> str:
        """Return a field that must be there. Raises InputError."""
        if name not in self.fields:
            raise InputError(f"{self.path}: its NRRD header has no {name}; copy or export it again.")
        return self.fields[name]

    def _files(self) -> tuple[tuple[Path, ...], int]:
        """Return the files with the voxels, and where in them the voxels begin."""
        named = self.fields.get("data file")
        if named is None:
            return (self.path,), self.length
        words = named.split()
        if words[:1] == ["LIST"]:
            return data_files(self.listed, self.path), 0
        if "%" in named:
            numbers = self._integers("data file", " ".join(words[1:4]))
            if len(numbers) != 3:
                raise self._damaged("data file", named)
            return numbered_files(words[0], *numbers, self.path), 0
        return data_files([named], self.path), 0

    def _directions(self) -> list[tuple[float, ...] | None] | None:
        """Return the direction of each axis, or None where there are none."""
        if "space directions" not in self.fields:
            return None
        found = self._vectors("space directions")
        if len(found) != len(self.size):
            raise self._damaged("space directions", self.fields["space directions"])
        return found

    def _vectors(self, name: str) -> list[tuple[float, ...] | None]:
        found = _VECTOR.findall(self.fields.get(name, ""))
        return [None if none else self._numbers(name, inner.replace(",", " ")) for inner, none in found]

    def _per_axis(self, name: str, axes: tuple[int, ...], default: float) -> list[float]:
        if name not in self.fields:
            return [default] * len(axes)
        values = self._numbers(name, self.fields[name])
        if len(values) != len(self.size):
            raise self._damaged(name, self.fields[name])
        return [values[axis] for axis in axes]

    def _numbers(self, name: str, text: str) -> tuple[float, ...]:
        try:
            return tuple(float(word) for word in text.split(maxsplit=64))
        except ValueError as error:
            raise self._damaged(name, text) from error

    def _integers(self, name: str, text: str) -> tuple[int, ...]:
        try:
            numbers = tuple(int(word) for word in text.split(maxsplit=64))
        except ValueError as error:
            raise self._damaged(name, text) from error
        if not numbers or max(map(abs, numbers)) > 1 << 62:
            raise self._damaged(name, text)
        return numbers

    def _damaged(self, name: str, value: str) -> InputError:
        return InputError(f"{self.path}: its NRRD header says {name} {shorten(value)!r}; copy or export it again.")


def read_nrrd_header(path: Path) -> NrrdHeader:
    """Read a header. Raises InputError, naming the file, where it is none or has no end within a few megabytes."""
    with opened(path) as stream:
        if re.fullmatch(rb"NRRD000[1-5]\r?\n", stream.readline(64)) is None:
            raise InputError(f"{path}: is no NRRD image, whatever its name says; give another file.")
        fields: dict[str, str] = {}
        keys: dict[str, str] = {}
        listed: list[str] = []
        while line := stream.readline(_MOST_HEADER_BYTES):
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if fields.get("data file", "").startswith("LIST"):
                listed += [text] if text.strip() else []
            elif not text:
                break
            elif not text.startswith("#"):
                _take(text, fields, keys, path)
            if stream.tell() > _MOST_HEADER_BYTES:
                raise InputError(f"{path}: its NRRD header has no end; copy or export it again.")
        return NrrdHeader(path, fields, keys, stream.tell(), tuple(listed))


def _take(text: str, fields: dict[str, str], keys: dict[str, str], path: Path) -> None:
    """Put one line of a header where it belongs: `name: value`, or `key:=value` with its line ends spelled out."""
    name, mark, value = text.partition(":")
    if not mark:
        raise InputError(f"{path}: its NRRD header holds {shorten(text)!r}, no field of one; copy or export it again.")
    if value.startswith("="):
        keys[name] = value[1:].replace("\\n", "\n").replace("\\\\", "\\")
    else:
        lower = name.strip().lower()
        fields[_SPELLINGS.get(lower, lower)] = value.strip()
