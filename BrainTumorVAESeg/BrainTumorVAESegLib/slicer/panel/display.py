"""How the result looks: filling, surfaces and which segments, changed when a person changes the choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..choices import Style
from ..nodes.display import get_opacity, is_3d_shown, set_opacity, show_3d
from ..nodes.segments import style_of
from ..nodes.views import center_3d_views
from ..segmenting import Segmenting


class LooksPart:
    """Brings the chosen segmentation's looks in line with the choices, once for each change of a choice.

    Where another segmentation is chosen, the choices follow it. What a person changes elsewhere in Slicer stays until
    the next change here.
    """

    def __init__(self, segmenting: Segmenting, failed: Callable[[Exception], None]) -> None:
        self._segmenting, self._failed = segmenting, failed
        self._node: Any = None
        self._before: tuple[Style, float, bool] | None = None
        self._centered: Any = None

    def forget(self) -> None:
        """Begin anew: another parameter node is shown."""
        self._node = self._before = None

    def center(self, node: Any) -> None:
        """Turn the 3D views to a segmentation's surfaces, the first time that they are shown."""
        if node is not self._centered and is_3d_shown(node):
            self._centered = node
            center_3d_views()

    def apply(self, parameters: Any) -> None:
        """Apply what changed since the last call."""
        node = parameters.segmentation
        if self._segmenting.busy or node is None:
            self.forget()
            return
        if node is not self._node:
            self._node = node
            self._adopt(node, parameters)
        wanted = (parameters.style, parameters.opacity, parameters.show3d)
        before, self._before = self._before, wanted
        if before is None or before == wanted:
            return
        style, opacity, surfaces = before
        if parameters.opacity != opacity:
            set_opacity(node, parameters.opacity)
        if parameters.show3d != surfaces and is_3d_shown(node) != parameters.show3d:
            show_3d(node, parameters.show3d)
            self.center(node)
        if parameters.style is not style and style_of(node) not in (None, parameters.style):
            self._segmenting.restyle(node, parameters.style, self._failed)

    def _adopt(self, node: Any, parameters: Any) -> None:
        """Let the choices follow a segmentation that holds a result."""
        style = style_of(node)
        if style is None:
            return
        surfaces, opacity = is_3d_shown(node), get_opacity(node)
        self._before = (style, opacity, surfaces)
        parameters.style, parameters.show3d, parameters.opacity = style, surfaces, opacity
