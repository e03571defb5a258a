"""The live threshold: a region's border follows a slider, and stays or goes back as a person wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import qt
from slicer.i18n import tr as _

from ...core.errors import BrainTumorVAESegError
from ...core.labels import REGIONS
from ..nodes.editing import ThresholdEdit

_DEFAULT = 0.5
Want = Callable[[str, Callable[[np.ndarray], None]], None]
"""Gets the probability of a region (WT, TC, ET) on the reference's grid and passes it to the callable."""


class ThresholdPart:
    """The choice of a region, the slider, and the buttons to keep, to give up and to undo.

    want: gets a region's probability. measured: called after the table of volumes may have changed. failed: called with
    an error.
    """

    def __init__(self, ui: Any, want: Want, measured: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        self._ui, self._want, self._measured, self._failed = ui, want, measured, failed
        self._edit: ThresholdEdit | None = None
        self._allowed = True
        for region in REGIONS:
            ui.regionComboBox.addItem(region.name)
        self._soon = qt.QTimer()
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.connect("timeout()", self._follow)
        ui.regionComboBox.connect("currentIndexChanged(int)", self._on_region)
        ui.thresholdSlider.connect("valueChanged(double)", self._on_moved)
        ui.applyThresholdButton.connect("clicked()", self.keep)
        ui.resetThresholdButton.connect("clicked()", self.give_up)
        ui.undoThresholdButton.connect("clicked()", self.undo)
        self._show()

    @property
    def region(self) -> str:
        """The key of the chosen region."""
        return REGIONS[self._ui.regionComboBox.currentIndex].key

    def take(self, segmentation: Any, reference: Any) -> None:
        """Edit a segmentation on a volume's grid, or none where it is None; what is not kept of another is given up."""
        if self._edit is not None and self._edit.segmentation is segmentation:
            return
        if self._edit is not None:
            self._edit.close()
        self._edit = ThresholdEdit(segmentation, reference, self._show) if segmentation is not None else None
        self._begin_anew()

    def allow(self, allowed: bool) -> None:
        """Let a person edit, or not while a segmentation runs or nobody looks; what is not kept is given up then."""
        self._allowed = allowed
        if not allowed and self._edit is not None and self._edit.edited:
            self.give_up()
        self._show()

    def keep(self) -> None:
        """Keep what the slider shows."""
        self._do(lambda edit: edit.keep())

    def give_up(self) -> None:
        """Go back to what was there before the slider was moved."""
        self._do(lambda edit: edit.give_up())
        self._begin_anew()

    def undo(self) -> None:
        """Take the last edit back that was kept."""
        self._do(lambda edit: edit.undo())
        self._begin_anew()

    def _do(self, act: Callable[[ThresholdEdit], None], measure: bool = True) -> None:
        self._soon.stop()
        if self._edit is not None:
            try:
                act(self._edit)
            except BrainTumorVAESegError as error:
                self._failed(error)
            if measure:
                self._measured()
        self._show()

    def _on_region(self, index: int) -> None:
        if self._edit is not None and self._edit.edited:
            self.give_up()
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Put the slider to where networks draw the border, without moving it there."""
        slider = self._ui.thresholdSlider
        blocked = slider.blockSignals(True)
        slider.value = _DEFAULT
        slider.blockSignals(blocked)
        self._show()

    def _on_moved(self, value: float) -> None:
        if self._edit is not None and self._allowed:
            self._soon.start()  # once for all the moves of a turn of the event loop

    def _follow(self) -> None:
        edit, region = self._edit, self.region
        if edit is None:
            return
        if edit.ready and edit.region == region:
            self._do(lambda edit: edit.preview(self._ui.thresholdSlider.value), measure=False)
        else:
            self._want(region, lambda probability: self._on_probability(edit, region, probability))

    def _on_probability(self, edit: ThresholdEdit, region: str, probability: np.ndarray) -> None:
        if edit is self._edit and self._allowed and region == self.region:
            self._do(lambda edit: edit.begin(region, probability), measure=False)
            self._follow()

    def _show(self) -> None:
        edit = self._edit if self._allowed else None
        for name in ("regionComboBox", "thresholdSlider"):
            getattr(self._ui, name).enabled = edit is not None
        self._ui.applyThresholdButton.enabled = self._ui.resetThresholdButton.enabled = bool(edit and edit.edited)
        self._ui.undoThresholdButton.enabled = bool(edit and edit.undoable)
        label = self._ui.thresholdVolumeLabel
        label.visible = bool(edit and edit.edited)
        if edit is not None and edit.edited:
            before, now = edit.volumes_ml
            label.text = _("{now} ml, before {before} ml").format(now=f"{now:.1f}", before=f"{before:.1f}")
