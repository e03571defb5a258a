"""A small signal: callables that are told when something happens (PythonQt lets Python classes define none)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Slot = Callable[..., Any]


class Signal:
    """Tells every connected callable of an event, in the order in which they were connected."""

    def __init__(self) -> None:
        self._slots: list[Slot] = []

    def connect(self, slot: Slot) -> Slot:
        """Call the slot at every emission from now on; return it, to be kept for `disconnect`."""
        self._slots.append(slot)
        return slot

    def disconnect(self, slot: Slot) -> None:
        """Call the slot no more; nothing happens where it was not connected."""
        if slot in self._slots:
            self._slots.remove(slot)

    def disconnect_all(self) -> None:
        """Call no slot any more."""
        self._slots.clear()

    def emit(self, *arguments: Any) -> None:
        """Call every slot that is connected now, but for those that another slot disconnects meanwhile."""
        for slot in tuple(self._slots):
            if slot in self._slots:
                slot(*arguments)

    __call__ = emit
