"""Next and previous doubtful slice: the views go through the slices whose tumor border is the least certain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import slicer
from slicer.i18n import tr as _

from ...core.inspection import DoubtfulSlice


class DoubtfulPart:
    """Two buttons and a line that says where one is; the most doubtful slice comes first."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        self._slices: Sequence[DoubtfulSlice] = ()
        self._place = -1
        ui.nextDoubtfulButton.connect("clicked()", self.go_on)
        ui.previousDoubtfulButton.connect("clicked()", self.go_back)
        self.take(())

    def take(self, slices: Sequence[DoubtfulSlice]) -> None:
        """Take the slices of a result, the most doubtful first; the views stay."""
        self._slices, self._place = slices, -1
        self._show()

    def go_on(self) -> None:
        """Go to the next slice, which is a little less doubtful."""
        self._go(min(self._place + 1, len(self._slices) - 1))

    def go_back(self) -> None:
        """Go to the one before."""
        self._go(max(self._place - 1, 0))

    def _go(self, place: int) -> None:
        if not self._slices:
            return
        self._place = place
        x, y, z = self._slices[place].point
        slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, -x, -y, z)  # LPS to RAS
        self._show()

    def _show(self) -> None:
        count, place = len(self._slices), self._place
        self._ui.nextDoubtfulButton.enabled = place + 1 < count
        self._ui.previousDoubtfulButton.enabled = place > 0
        if not 0 <= place < count:
            self._ui.doubtfulLabel.text = _("{count} doubtful slices").format(count=count) if count else ""
            return
        one = self._slices[place]
        text = _("{number} of {count}: slice {index}, {share} % of its border is in doubt")
        self._ui.doubtfulLabel.text = text.format(
            number=place + 1, count=count, index=one.index, share=round(100 * one.share)
        )
