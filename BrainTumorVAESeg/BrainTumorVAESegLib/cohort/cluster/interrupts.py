"""Ctrl-C while Dask's processes start or end, which Dask leaves half done and tells of in its own words."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Within this, Ctrl-C and what the program hears as such waits until the end; a second one ends at once.

    Raises KeyboardInterrupt at the end where there was one. Outside the main thread nothing is held, nor arrives.
    """
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        if heard:
            raise KeyboardInterrupt
        heard.append(number)

    here = threading.current_thread() is threading.main_thread()
    raising = signal.default_int_handler
    held = [number for number in signal.valid_signals() if here and signal.getsignal(number) is raising]
    for number in held:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number in held:
            signal.signal(number, raising)
    if heard:
        raise KeyboardInterrupt


def deafen_thread() -> None:
    """Keep Ctrl-C, which a terminal sends to all, from this thread and from what it starts; Windows cannot."""
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # which, at its start, would let it through again
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
