"""The line that names the device which will compute, and how much of its memory is free."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from ...core.answers import Probed
from ..choices import Device
from ..segmenting import Segmenting


class DevicePart:
    """Asks the worker for the device; told is called with its answer, failed with the error."""

    def __init__(
        self,
        ui: Any,
        segmenting: Segmenting,
        told: Callable[[Probed], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._label, self._segmenting, self._told, self._failed = ui.deviceLabel, segmenting, told, failed
        self._wish: Device | None = None
        self._probed: Probed | None = None

    def ask(self, wish: Device) -> None:
        """Ask anew, for what is free has changed; this also makes the worker warm."""
        self._wish, self._probed = wish, None
        self._segmenting.probe(self._on_told, self._failed, wish.value)

    def follow(self, wish: Device) -> None:
        """Ask where another device is wished for than before."""
        if wish is not self._wish:
            self.ask(wish)

    def problem(self) -> str | None:
        """Return why the device that was wished for cannot compute, or None."""
        return None if self._probed is None or self._probed.wish_met else self._probed.problem

    def _on_told(self, probed: Probed) -> None:
        self._probed = probed
        if probed.free is None:
            self._label.text = probed.description
        else:
            text = _("{device}, {free} GB of memory free")
            self._label.text = text.format(device=probed.description, free=f"{probed.free / 1e9:.1f}")
        self._told(probed)
