"""Which map is shown, and which sequence lies under it: the two lists, and the parameter node's choices behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slicer.i18n import tr as _

from ...core.inspection import MAPS
from ...core.modalities import MODALITIES

_KEYS: tuple[str, ...] = ("", *(kind.key for kind in MAPS))
_BEHIND: tuple[str, ...] = ("", *(modality.value for modality in MODALITIES))


class MapChoicePart:
    """The lists; what is chosen goes into the parameter node, and from there into them."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        self._parameters: Any = None
        for text in (_("None"), *(kind.name for kind in MAPS)):
            ui.mapComboBox.addItem(text)
        for text in (_("Automatic"), *_BEHIND[1:]):
            ui.behindComboBox.addItem(text)
        ui.mapComboBox.connect("currentIndexChanged(int)", self._on_map)
        ui.behindComboBox.connect("currentIndexChanged(int)", self._on_behind)

    def show(self, parameters: Any) -> None:
        """Show what a parameter node says."""
        self._parameters = parameters
        _choose(self._ui.mapComboBox, _KEYS, parameters.overlay)
        _choose(self._ui.behindComboBox, _BEHIND, parameters.behind)

    def _on_map(self, index: int) -> None:
        if self._parameters is not None:
            self._parameters.overlay = _KEYS[max(index, 0)]

    def _on_behind(self, index: int) -> None:
        if self._parameters is not None:
            self._parameters.behind = _BEHIND[max(index, 0)]


def _choose(box: Any, values: Sequence[str], value: str) -> None:
    blocked = box.blockSignals(True)
    box.currentIndex = values.index(value) if value in values else 0
    box.blockSignals(blocked)
