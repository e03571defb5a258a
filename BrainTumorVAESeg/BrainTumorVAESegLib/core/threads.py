"""How many threads this process may divide its work among, where it shares a machine with others like it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
_most: int | None = None


def limit_threads(most: int | None) -> None:
    """Let pools that are made from now on have so many threads at most; None for one for each part of a work."""
    global _most
    _most = most


def thread_pool(parts: int) -> ThreadPoolExecutor:
    """Return a pool for a work of so many parts, with a thread for each as far as this process may have them."""
    return ThreadPoolExecutor(max(1, parts if _most is None else min(parts, _most)))


@contextmanager
def beside(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Begin a work in a thread of its own, and give what waits for its result.

    Where this process may have one thread alone, the work is done when its result is asked for.
    """
    if _most == 1:
        yield work
        return
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(work).result


def timed(work: Callable[[], T]) -> Callable[[], tuple[T, float]]:
    """Return a work whose result comes with the seconds that it took."""

    def run() -> tuple[T, float]:
        start = time.perf_counter()
        return work(), time.perf_counter() - start

    return run
