"""How the header of a NRRD or MetaImage says that voxels are stored, and the voxels themselves."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..core.disk.paths import path_fault
from ..core.errors import InputError
from ..core.text import shorten
from .opening import opened
from .streams import read_inflated, read_plain, read_text

MOST_VOXELS = 512**3
"""In one file, fifteen times those of a BraTS volume: with eight bytes each they take 1 GiB."""
_MOST_PARTS = 4096
_PATTERN = re.compile(r"%0?(\d?)d")


@dataclass(frozen=True)
class Storage:
    """Where the voxels are.

    dtype: with its byte order. size: of all axes, the fastest first. encoding: `raw`, `text`, `hex`, `gzip`, `zlib` or
    `bzip2`. files: one or several that hold equal parts. offset: bytes before the voxels in each file, -1 where they
    are its last bytes. lines, skipped: lines before the voxels beyond the offset, and bytes after those (of what comes
    out, where it is compressed; -1 as for offset). length: bytes of the compressed voxels, where the header tells.
    """

    dtype: np.dtype
    size: tuple[int, ...]
    encoding: str
    files: tuple[Path, ...]
    offset: int = 0
    lines: int = 0
    skipped: int = 0
    length: int | None = None


def require_promise(size: Sequence[int], dtype: np.dtype, path: Path) -> int:
    """Return how many bytes an image takes. Raises InputError where it has more voxels than any image of a head."""
    count = math.prod(size)
    if count > MOST_VOXELS:
        gigabytes = count * dtype.itemsize / (1 << 30) if count < 1 << 200 else math.inf
        promise = f"its header promises {gigabytes:.4g} GiB of voxels ({shorten('x'.join(map(str, size)))})"
        raise InputError(f"{path}: {promise}, and the limit is 512x512x512 voxels; check the file.")
    return count * dtype.itemsize


def native(voxels: np.ndarray) -> np.ndarray:
    """Return voxels in the machine's byte order, in the same memory, which must be writable."""
    return voxels if voxels.dtype.isnative else voxels.byteswap(inplace=True).view(voxels.dtype.newbyteorder("="))


def read_voxels(storage: Storage, path: Path) -> tuple[np.ndarray, int]:
    """Return all voxels of the file at path in the machine's byte order, and how many bytes follow them.

    Raises InputError, naming the file, where they are not all there, damaged, or more than an image can hold.
    """
    needed = require_promise(storage.size, storage.dtype, path)
    count = math.prod(storage.size)
    if count % len(storage.files):
        raise InputError(f"{path}: its {len(storage.files)} data files cannot hold equal parts; export it again.")
    part, part_bytes = count // len(storage.files), needed // len(storage.files)
    read = [_read_part(file, part, part_bytes, storage, path) for file in storage.files]
    voxels = read[0][0] if len(read) == 1 else np.concatenate([values for values, _ in read])
    return native(voxels), sum(surplus for _, surplus in read)


def data_files(names: Sequence[str], path: Path) -> tuple[Path, ...]:
    """Return the data files that a header names, beside it where a name has no folder. Raises InputError."""
    if not names or len(names) > _MOST_PARTS:
        raise InputError(f"{path}: names {len(names) or 'no'} data files; export it again as one file.")
    return tuple(path.parent / name for name in names)


def numbered_files(pattern: str, first: int, last: int, step: int, path: Path) -> tuple[Path, ...]:
    """Return the data files of a pattern such as `slice%03d.raw`. Raises InputError where it is no such pattern."""
    found = _PATTERN.findall(pattern)
    if len(found) != 1 or pattern.count("%") != 1 or step == 0 or abs(last - first) // abs(step) >= _MOST_PARTS:
        name = shorten(pattern)
        raise InputError(f"{path}: names its data files as {name}, which tells none; export it again as one file.")
    numbers = range(first, last + (1 if step > 0 else -1), step)
    width = int(found[0] or 0)
    fill = "0" if "%0" in pattern else " "
    return data_files([_PATTERN.sub(str(number).rjust(width, fill), pattern) for number in numbers], path)


def _read_part(file: Path, count: int, needed: int, storage: Storage, path: Path) -> tuple[np.ndarray, int]:
    if file != path and (fault := path_fault(file)):
        raise InputError(f"{path}: its data file {shorten(file.name)}: {fault}.")
    if file != path and not _is_there(file):
        raise InputError(f"{path}: its data file {shorten(file.name)} is missing; copy both files.")
    with opened(file) as stream:
        _go_to_voxels(stream, storage, needed, file)
        if storage.encoding == "text":
            return read_text(stream, count, storage.dtype.newbyteorder("="), file), 0
        if storage.encoding == "hex":
            return _read_hex(stream, needed, file).view(storage.dtype), 0
        if storage.encoding == "raw":
            data, surplus = read_plain(stream, needed, file)
        else:
            data, surplus = read_inflated(
                stream, needed, file, storage.encoding, storage.length, max(storage.skipped, 0)
            )
        return data.view(storage.dtype), surplus


def _is_there(file: Path) -> bool:
    try:
        return file.exists()
    except (OSError, ValueError):
        return True  # opening it tells why not


def _go_to_voxels(stream: BinaryIO, storage: Storage, needed: int, file: Path) -> None:
    compressed = storage.encoding in ("gzip", "zlib", "bzip2")
    from_end = storage.offset < 0 or (storage.skipped < 0 and not compressed)
    if from_end and storage.encoding == "raw":
        length = stream.seek(0, 2)
        if length < needed:
            raise InputError(f"{file}: is truncated ({length} of {needed} bytes of voxels); copy or export it again.")
        stream.seek(length - needed)
        return
    stream.seek(max(storage.offset, 0))
    for _ in range(storage.lines):
        if not stream.readline(1 << 20):
            break
    if not compressed:
        stream.seek(max(storage.skipped, 0), 1)


def _read_hex(stream: BinaryIO, needed: int, file: Path) -> np.ndarray:
    text = b"".join(stream.read(2 * needed + (needed >> 2) + 4096).split())[: 2 * needed]
    try:
        data = np.frombuffer(bytearray.fromhex(text.decode("ascii")), np.uint8)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: its voxels are no hexadecimal text; copy or export it again.") from error
    if len(data) < needed:
        raise InputError(f"{file}: is truncated ({len(data)} of {needed} bytes of voxels); copy or export it again.")
    return data
