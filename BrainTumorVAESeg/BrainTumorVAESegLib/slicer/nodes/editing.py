"""A region's border moved by hand: previewed as the threshold moves, then kept or given up, and undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import slicer

from ...core.boxes import Box
from ...core.segmentation import Segmentation
from ...trust.threshold import count_region, editable_box, with_threshold
from .display import is_3d_shown, show_3d
from .output import measure_again
from .segments import fill, labels_of, style_of
from .volumes import geometry

_STEPS_BACK = 5
"""How many kept edits can be undone."""


class ThresholdEdit:
    """Edits one segmentation; `edited` says whether it shows something that is neither kept nor given up.

    volumes_ml: of the region, before and as it is previewed.

    Where somebody else changes the segments meanwhile, their change counts: what was previewed and what could be undone
    is forgotten, since going back would undo their work as well; changed is called then. reference: the volume on whose
    grid it lies.
    """

    def __init__(self, segmentation: Any, reference: Any, changed: Callable[[], None]) -> None:
        self.segmentation, self.reference, self.changed = segmentation, reference, changed
        self.edited = False
        self.region = ""
        self.volumes_ml = (0.0, 0.0)
        self._kept: list[np.ndarray] = []
        self._base: np.ndarray | None = None
        self._box: Box | None = None
        self._part: np.ndarray | None = None
        self._writes = False
        self._surfaces = False
        self._tag = segmentation.AddObserver(slicer.vtkSegmentation.SourceRepresentationModified, self._on_changed)

    @property
    def ready(self) -> bool:
        """Whether a threshold can be previewed: after `begin`, as long as nobody else changes the segments."""
        return self._part is not None

    @property
    def undoable(self) -> bool:
        """Whether there is a kept edit to undo."""
        return bool(self._kept)

    def begin(self, region: str, probability: np.ndarray) -> None:
        """Take a region (WT, TC, ET) and its probability (z, y, x) on the reference's grid to move its border by."""
        self.give_up()
        self._base = labels_of(self.segmentation, self.reference)
        self._surfaces = is_3d_shown(self.segmentation)
        self.region = region
        self._box = editable_box(self._base, probability)
        self._part = np.ascontiguousarray(probability[self._box]) if self._box is not None else None

    def preview(self, threshold: float) -> None:
        """Show the region where its probability reaches a threshold."""
        if self._base is None or self._box is None or self._part is None:
            return
        labels, before = self._base.copy(), self._base[self._box]
        labels[self._box] = after = with_threshold(before, self._part, self.region, threshold)
        voxel_ml = geometry(self.reference).voxel_volume
        first, second = (float(count_region(each, self.region)) * voxel_ml for each in (before, after))
        self.volumes_ml = first, second
        self.edited = True
        self._write(labels)

    def keep(self) -> None:
        """Keep what is previewed as an edit that can be undone, and measure it."""
        if self._base is None or not self.edited:
            return
        self._kept = [*self._kept, self._base][-_STEPS_BACK:]
        self._finish(labels_of(self.segmentation, self.reference))

    def give_up(self) -> None:
        """Show again what was there before the preview."""
        if self._base is not None and self.edited:
            self._write(self._base)
            self._finish(self._base)

    def undo(self) -> None:
        """Take the last kept edit back."""
        self.give_up()
        if self._kept:
            labels, self._part = self._kept.pop(), None
            self._surfaces = is_3d_shown(self.segmentation)
            self._write(labels)
            self._finish(labels)

    def close(self) -> None:
        """Give up what is not kept, and let the segmentation go."""
        if self.segmentation.GetScene() is not None:
            self.give_up()
        self.segmentation.RemoveObserver(self._tag)

    def _write(self, labels: np.ndarray) -> None:
        style = style_of(self.segmentation)
        if style is None:
            return
        self._writes = True
        try:
            for _step in fill(self.segmentation, labels, self.reference, style):
                pass
        finally:
            self._writes = False

    def _finish(self, labels: np.ndarray) -> None:
        """Measure what is there now, and make the surfaces again where some were shown."""
        self.edited, self._base = False, labels
        volumes = Segmentation(labels, geometry(self.reference)).volumes_ml()
        measure_again(self.segmentation, volumes, labels)
        if self._surfaces:
            show_3d(self.segmentation, True)

    def _on_changed(self, caller: Any, event: str) -> None:
        if not self._writes:
            self.edited, self._base, self._part, self._kept = False, None, None, []
            self.changed()
