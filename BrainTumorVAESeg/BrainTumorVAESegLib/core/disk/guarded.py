"""Reading what others wrote: regular files alone, so many bytes at most, and plain values that are within reason.

JSON, YAML and messages are all read here, so that whatever a file holds, a reader meets one kind of error.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, NoReturn

from ..errors import BrainTumorVAESegError
from ..text import shorten

LARGEST_TEXT = 8 * 2**20
"""Bytes of a file of plain values, and of a message."""
_LARGEST_YAML = 2**18
_DEEPEST = 64
_MOST_VALUES = {"JSON": 4 * 2**20, "YAML": 100_000}
_MOST_MERGED = 10_000
_LARGEST_NUMBER = 2**64
_KINDS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe, not a file"),
    (stat.S_ISSOCK, "it is a socket, not a file"),
)
_CAUSES: dict[int | None, str] = {
    errno.ENOENT: "does not exist",
    errno.ENOTDIR: "does not exist: a part of its path is a file, not a folder",
    errno.EACCES: "cannot be read: access is not permitted",
    errno.EPERM: "cannot be read: access is not permitted",
    errno.ELOOP: "cannot be read: a link on its path leads back to itself",
    errno.ENAMETOOLONG: "cannot be read: its name is too long",
    errno.EIO: "cannot be read: the disk reports an error",
}


class UnreadableError(ValueError):
    """What was read cannot be used; the message is the reason alone, without a full stop."""


def cause_of(error: OSError | UnreadableError) -> str:
    """Say why a file or folder cannot be read, to follow its name: `does not exist`, `cannot be read: ...`."""
    if isinstance(error, UnreadableError):
        return f"cannot be read: {error}"
    return _CAUSES.get(error.errno, f"cannot be read: {error.strerror or shorten(error)}")


def fault_of(path: Path) -> str | None:
    """Say why there is nothing to read at a path, to follow its name, or None where a file or folder is there."""
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISDIR(mode):
            _require_regular(mode)
    except (OSError, UnreadableError) as error:
        return cause_of(error)
    except ValueError as error:
        return f"is no possible path ({reason_of(error)})"
    return None


def reason_of(error: BaseException) -> str:
    """Return what a library says of an error, fit to be quoted: its first line, shortened, or else its kind."""
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return shorten(lines[0].rstrip("."), 160) if lines else type(error).__name__


@contextmanager
def guarded(make: Callable[[str], BrainTumorVAESegError]) -> Iterator[None]:
    """Turn whatever a library raises over foreign data into an error of ours, made from the reason in words.

    Readers of other people's formats raise anything at all over damaged data; our own errors pass.
    """
    try:
        yield
    except BrainTumorVAESegError:
        raise
    except Exception as error:
        raise make(reason_of(error)) from error


def open_regular(path: Path) -> BufferedReader:
    """Open a file for reading where it is a regular one: a pipe or device would be waited for without end.

    Raises OSError, or UnreadableError where the path leads to something else or can be none.
    """
    try:
        _require_regular(os.stat(path).st_mode)
        # Not blocking, since a pipe may have taken the file's place by now.
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        stream = os.fdopen(os.open(path, flags), "rb")
    except UnreadableError:
        raise
    except ValueError as error:
        raise UnreadableError(f"its path is not possible ({reason_of(error)})") from error
    try:
        _require_regular(os.fstat(stream.fileno()).st_mode)
    except UnreadableError:
        stream.close()
        raise
    return stream


def read_regular(path: Path, most: int = LARGEST_TEXT) -> bytes:
    """Return a regular file's bytes. Raises OSError, or UnreadableError where it is none or holds more than most."""
    with open_regular(path) as stream:
        data = stream.read(most + 1)
    if len(data) > most:
        raise UnreadableError(f"it is larger than {most} bytes")
    return data


def parse_json(data: bytes | str) -> Any:
    """Return the values of a JSON text, without NaN, infinity or numbers out of all reason. Raises UnreadableError."""
    if len(data) > LARGEST_TEXT:
        raise UnreadableError(f"it is larger than {LARGEST_TEXT} bytes")
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        values = json.loads(text, parse_constant=_refuse_constant)
    except Exception as error:
        raise UnreadableError(reason_of(error)) from error
    _require_reason(values, "JSON")
    return values


def parse_yaml(data: bytes) -> Any:
    """Return the plain values of a YAML text, its aliases kept within bounds. Raises UnreadableError. Imports yaml."""
    if len(data) > _LARGEST_YAML:
        raise UnreadableError(f"it is larger than {_LARGEST_YAML} bytes")
    if _is_bracketed_too_deeply(data):  # pyyaml would take seconds to find out
        raise UnreadableError("it is nested too deeply")
    import yaml

    class Loader(yaml.SafeLoader):
        def flatten_mapping(self, node: Any) -> None:
            super().flatten_mapping(node)
            if len(node.value) > _MOST_MERGED:
                raise UnreadableError("its merged tables hold too many keys")

    try:
        values = yaml.load(data.decode("utf-8"), Loader)
    except yaml.YAMLError as error:
        raise UnreadableError(shorten(" ".join(str(error).split()), 160)) from error
    except Exception as error:
        raise UnreadableError(reason_of(error)) from error
    _require_reason(values, "YAML")
    return values


def _is_bracketed_too_deeply(data: bytes) -> bool:
    depth = 0
    for bracket in re.findall(rb"[\[\]{}]", data):
        depth += 1 if bracket in b"[{" else -1
        if depth > 4 * _DEEPEST:
            return True
    return False


def _require_regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        what = next((text for is_kind, text in _KINDS if is_kind(mode)), "it is a device, not a file")
        raise UnreadableError(what)


def _require_reason(values: Any, kind: str) -> None:
    """Raise UnreadableError where values are too many, too deep, or hold a number out of all reason.

    What several aliases share is counted for each of them, as whoever walks the values would meet it.
    """
    left, stack = _MOST_VALUES[kind], [(values, 0)]
    while stack:
        value, depth = stack.pop()
        left -= 1
        if left < 0:
            raise UnreadableError("it holds too many values")
        if depth > _DEEPEST:
            raise UnreadableError("it is nested too deeply")
        if isinstance(value, dict):
            stack += [(item, depth + 1) for pair in value.items() for item in pair]
        elif isinstance(value, list | tuple | set):
            stack += [(item, depth + 1) for item in value]
        elif (isinstance(value, int) and not -_LARGEST_NUMBER < value < _LARGEST_NUMBER) or (
            isinstance(value, float) and kind == "JSON" and not math.isfinite(value)
        ):
            raise UnreadableError("it holds a number out of all reason")


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")
