"""The machine's memory: how much of it is free, and what this process does with what it frees."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

_MMAP_MAX, _TRIM_THRESHOLD, _ARENA_MAX = -4, -1, -8
"""Options of glibc's mallopt(3)."""
_KEPT = {_MMAP_MAX: 0, _TRIM_THRESHOLD: 2**31 - 1, _ARENA_MAX: 1}
_OWN = {_MMAP_MAX: 1 << 16, _TRIM_THRESHOLD: 1 << 17}
"""By which freed memory is kept, and glibc's own."""
_VARIABLES = {"MALLOC_MMAP_MAX_": _MMAP_MAX, "MALLOC_TRIM_THRESHOLD_": _TRIM_THRESHOLD, "MALLOC_ARENA_MAX": _ARENA_MAX}
KEPT_MEMORY = {name: _KEPT[option] for name, option in _VARIABLES.items()}
"""Environment variables that do for a process to be started what `keep_freed_memory` does for this one."""


def available_memory() -> int | None:
    """Return the bytes that this process can have, or None where it cannot be told."""
    return _available_on_linux() or _available_by_sysconf()


def _available_on_linux() -> int | None:
    """What Linux says can be had without swapping, within a container's limit."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    table = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    available = table.get("MemAvailable")
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
    except (OSError, ValueError):
        return available
    return min(available, limit - used) if available is not None else limit - used


def _available_by_sysconf() -> int | None:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def keep_freed_memory(keep: bool = True) -> bool:
    """Let this process keep large freed pieces of memory instead of giving them back; say whether that could be done.

    keep: False ends that, where a limit of memory is to be held: pieces that do not fit leave holes.

    By default glibc maps every large piece anew, and the system fills it with zeros page by page: a fifth of the
    processor's time of `segment`, a quarter of that of a training step, two fifths of that of a sample of a whole brain
    at 1 mm. The price is some memory more (a twentieth of `segment`'s), held until `give_back_memory`. For processes
    of the library's own: it changes the whole process. Does nothing where the C library is another one.
    """
    try:
        library = ctypes.CDLL(None)
        set_option = library.mallopt
    except (OSError, AttributeError, TypeError):
        return False
    return all([set_option(option, value) == 1 for option, value in (_KEPT if keep else _OWN).items()])


def give_back_memory() -> None:
    """Give what is kept back to the system, for a time of waiting; nothing where that cannot be done."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError, TypeError):
        return
