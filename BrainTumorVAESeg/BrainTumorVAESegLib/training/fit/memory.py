"""The memory of a training on the processor: what a step or a sample frees, the next one needs again."""

from __future__ import annotations

import ctypes

_MMAP_MAX, _TRIM_THRESHOLD, _ARENA_MAX = -4, -1, -8
"""Options of glibc's mallopt(3)."""


def keep_freed_memory() -> bool:
    """Let this process keep large freed pieces of memory instead of giving them back; say whether that could be done.

    By default glibc maps every large piece anew, and the system fills it with zeros page by page: a quarter of the
    processor's time of a training step, two fifths of that of a sample of a whole brain at 1 mm. The price is some
    memory more, held between the steps. Does nothing where the C library is another one.
    """
    try:
        library = ctypes.CDLL(None)
        set_option = library.mallopt
    except (OSError, AttributeError, TypeError):
        return False
    options = {_MMAP_MAX: 0, _TRIM_THRESHOLD: 2**31 - 1, _ARENA_MAX: 1}
    return all([set_option(option, value) == 1 for option, value in options.items()])


def give_back_memory() -> None:
    """Give what is kept back to the system, for the time until the next step; nothing where that cannot be done."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError, TypeError):
        return
