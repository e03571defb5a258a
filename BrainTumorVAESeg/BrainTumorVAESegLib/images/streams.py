"""The bytes of voxels as files store them: plain or compressed, never more of them than a header promises.

The check sums of the compressed streams are held against what came out of them, which other readers leave undone.
"""

from __future__ import annotations

import bz2
import zlib
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from ..core.errors import InputError

_CHUNK = 1 << 20
_MOST_RATIO = {"gzip": 1040, "zlib": 1040, "bzip2": 50_000_000}
"""By how much each kind can shrink bytes at the most."""
_LONGEST_NUMBER = 400
"""Characters of one number in text."""
_MOST_SURPLUS = 64 << 20
"""Bytes after the promised ones that are still looked through for the check sum at the stream's end."""


class _Inflater(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, limit: int, /) -> bytes: ...


class Stream:
    """The bytes that the compressed rest of a file holds, one after another, as many as are asked for.

    kind: `gzip` and `bzip2`, each of one part or several, or `zlib` (also one gzip part, whatever follows it). length:
    how many bytes of the file belong to it, where that is known.
    """

    def __init__(self, stream: BinaryIO, path: Path, kind: str, length: int | None = None) -> None:
        self._stream, self._path, self._kind, self._left = stream, path, kind, length
        self._inflater = self._new()
        self._input = b""
        self._ended = False

    def read(self, count: int) -> np.ndarray:
        """Return the next bytes (uint8), fewer where the stream ends. Raises InputError where it is damaged."""
        result = np.empty(count, np.uint8)
        done = 0
        while done < count and not self._ended:
            part = self._next(min(count - done, _CHUNK))
            result[done : done + len(part)] = np.frombuffer(part, np.uint8)
            done += len(part)
        return result[:done]

    def again(self) -> Stream:
        """Return the same bytes from their start, for a file that this stream began with."""
        self._stream.seek(0)
        return Stream(self._stream, self._path, self._kind)

    def finish(self) -> int:
        """Read on to the end, where the check sum is, and return how many bytes there were. Raises InputError."""
        surplus = 0
        while not self._ended:
            surplus += len(self._next(_CHUNK))
            if surplus > _MOST_SURPLUS:
                raise InputError(
                    f"{self._path}: goes on and on after the voxels that its header promises; copy or export it again."
                )
        return surplus

    def _new(self) -> _Inflater:
        if self._kind == "bzip2":
            return bz2.BZ2Decompressor()
        return zlib.decompressobj(31 if self._kind == "gzip" else 47)

    def _next(self, most: int) -> bytes:
        """Return some bytes, so many at the most; there may be none yet."""
        try:
            if self._inflater.eof:
                self._begin_next_part()
                return b""
            part = self._inflater.decompress(self._input, most)
            self._input = getattr(self._inflater, "unconsumed_tail", b"")
            if not part and not self._input and not self._inflater.eof:
                self._input = self._more()
                if not self._input:
                    raise EOFError("it ends before its end mark")
            return part
        except (zlib.error, EOFError, ValueError) as error:
            raise self._damaged(str(error)) from error
        except OSError as error:
            if error.errno is not None:  # the file's, not the data's
                raise
            raise self._damaged(str(error)) from error

    def _begin_next_part(self) -> None:
        """Go on with another part, or end where there is none; zeros may fill up the end."""
        following = self._inflater.unused_data
        if self._kind == "zlib":
            self._ended = True
            return
        following = following.lstrip(b"\0") or self._more()
        while following and not (following := following.lstrip(b"\0")):
            following = self._more()
        self._ended = not following
        self._input = following
        if following:
            self._inflater = self._new()

    def _more(self) -> bytes:
        data = self._stream.read(_CHUNK if self._left is None else min(_CHUNK, self._left))
        if self._left is not None:
            self._left -= len(data)
        return data

    def _damaged(self, reason: str) -> InputError:
        return InputError(f"{self._path}: is damaged or truncated ({reason}); copy or export it again.")


def require_ratio(compressed: int, needed: int, path: Path, kind: str) -> None:
    """Raise InputError where so few compressed bytes cannot hold what the header promises."""
    if compressed * _MOST_RATIO[kind] < needed:
        raise InputError(f"{path}: is truncated ({compressed} bytes cannot hold {needed}); copy or export it again.")


def read_plain(stream: BinaryIO, count: int, path: Path) -> tuple[np.ndarray, int]:
    """Return so many bytes (uint8) of a file from where it stands, and how many follow. Raises InputError if fewer."""
    start = stream.tell()
    there = max(stream.seek(0, 2) - start, 0)
    stream.seek(start)
    if there < count:
        raise InputError(f"{path}: is truncated ({there} of {count} bytes of voxels); copy or export it again.")
    return np.fromfile(stream, np.uint8, count), there - count


def read_inflated(
    stream: BinaryIO, count: int, path: Path, kind: str, length: int | None = None, skipped: int = 0
) -> tuple[np.ndarray, int]:
    """Return so many bytes (uint8) of what the compressed rest of a file holds, and how many follow them there.

    skipped: how many bytes of what comes out are left out at its start. The check sum is held. Raises InputError,
    naming the file, where it is damaged or holds less.
    """
    start = stream.tell()
    there = max(stream.seek(0, 2) - start, 0)
    stream.seek(start)
    if length is not None and there < length:
        raise InputError(f"{path}: is truncated ({there} of {length} bytes); copy or export it again.")
    require_ratio(there if length is None else length, count, path, kind)
    source = Stream(stream, path, kind, length)
    source.read(skipped)
    data = source.read(count)
    if len(data) < count:
        raise InputError(f"{path}: is truncated ({len(data)} of {count} bytes of voxels); copy or export it again.")
    return data, source.finish()


def read_text(stream: BinaryIO, count: int, dtype: np.dtype, path: Path) -> np.ndarray:
    """Return so many numbers that a file spells out in text. Raises InputError where it spells out something else."""
    values = np.empty(count, dtype)
    done, rest = 0, b""
    try:
        while done < count:
            block = stream.read(_CHUNK)
            words = (rest + block).split()
            rest = words.pop() if block and words and not block[-1:].isspace() else b""
            if len(rest) > _LONGEST_NUMBER:
                raise ValueError("a word of this length is no number")
            numbers = list(map(float if dtype.kind == "f" else int, words[: count - done]))
            values[done : done + len(numbers)] = numbers
            done += len(numbers)
            if not block:
                break
    except (ValueError, OverflowError) as error:
        raise InputError(f"{path}: its voxels are no numbers in text; copy or export it again.") from error
    if done < count:
        raise InputError(f"{path}: is truncated ({done} of {count} voxels); copy or export it again.")
    return values
