"""How the result looks: filling, surfaces and which segments, changed when a person changes the choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..choices import Style
from ..display import is_3d_shown, set_opacity, show_3d
from ..segmenting import Segmenting
from ..segments import segment_keys


class LooksPart:
    """Brings the chosen segmentation's looks in line with the choices, once for each change of a choice.

    What a person changes elsewhere in Slicer stays until the next change here.
    """

    def __init__(self, segmenting: Segmenting, failed: Callable[[Exception], None]) -> None:
        self._segmenting, self._failed = segmenting, failed
        self._applied: tuple[Any, ...] | None = None

    def forget(self) -> None:
        """Take the looks of what is shown next as they are: a scene was loaded or the panel opened."""
        self._applied = None

    def apply(self, parameters: Any) -> None:
        """Apply what changed since the last call."""
        node = parameters.segmentation
        if self._segmenting.busy or node is None:
            self._applied = None
            return
        wanted = (node.GetID(), parameters.style, parameters.opacity, parameters.show3d)
        before, self._applied = self._applied, wanted
        if before is None or before[0] != wanted[0]:
            return
        if parameters.opacity != before[2]:
            set_opacity(node, parameters.opacity)
        if parameters.show3d != before[3] and is_3d_shown(node) != parameters.show3d:
            show_3d(node, parameters.show3d)
        if parameters.style is not before[1] and _holds(node, before[1]):
            self._segmenting.restyle(node, parameters.style, self._failed)


def _holds(node: Any, style: Style) -> bool:
    """Say whether a node holds a segment that the other style has not."""
    segmentation = node.GetSegmentation()
    others = set(segment_keys(Style.NESTED if style is Style.DISJOINT else Style.DISJOINT))
    return any(segmentation.GetSegment(key) is not None for key in segment_keys(style) if key not in others)
