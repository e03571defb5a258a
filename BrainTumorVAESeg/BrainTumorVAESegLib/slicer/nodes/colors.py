"""Color tables of maps, made in the scene when they are needed: seen through where a map has nothing to say.

Slicer's own tables are opaque from end to end, so that a map of them would hide the images behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import slicer

from ...core.inspection import (
    ATTENTION_COLORS,
    CHANGE_COLORS,
    DIVERGING_COLORS,
    GRAY_COLORS,
    LABEL_COLORS,
    PROBABILITY_COLORS,
    UNCERTAINTY_COLORS,
)
from ...core.labels import LABELS

_STEPS = 256
_ATTRIBUTE = "BrainTumorVAESeg.colors"
_ANCHORS: Mapping[str, str] = MappingProxyType(
    {
        PROBABILITY_COLORS: "440154 47186a 472c7b 424085 3a528b 32628d 2c728e 26818e 20908c 1e9f88 28ae7f 3ebc73 5ec961"
        " 83d34b addc30 d7e219 fde724",
        UNCERTAINTY_COLORS: "000003 0a0723 200c4a 3c0965 570f6d 70196e 892269 a32b61 bb3754 d14643 e45a31 f1721d f98e08"
        " fbac10 f8cb34 f1e968 fcfea4",
        ATTENTION_COLORS: "000003 0a0722 1c1046 350f6a 50127b 691c80 822581 9c2e7f b63679 d0416f e65162 f56a5b fb8861"
        " fea671 fec488 fde1a3 fbfcbf",
        DIVERGING_COLORS: "053061 165190 2971b1 3f8dc0 6bacd0 9ac9e0 c2ddeb dfecf2 f7f6f6 fae4d7 faccb4 f4aa88 e48065"
        " d05447 b92732 930e26 67001f",
        CHANGE_COLORS: "3b4cc0 4e68d8 6282ea 779af7 8db0fe a3c2fe b9d0f9 ccd9ed dddcdc ecd3c5 f5c4ac f7b093 f4987a"
        " eb7d62 dd5f4b ca3b37 b40426",
        GRAY_COLORS: "000000 ffffff",
    }
)
"""Colors (RGB in hexadecimal) at even steps of matplotlib's maps, between which the others lie."""
_CLEAR: Mapping[str, float] = MappingProxyType(
    {
        PROBABILITY_COLORS: 0.05,
        UNCERTAINTY_COLORS: 0.1,
        ATTENTION_COLORS: 0.01,
        DIVERGING_COLORS: 0.2,
        CHANGE_COLORS: 0.1,
        GRAY_COLORS: 0.0,
    }
)
"""Share of a table, from its lower end or on both sides of its middle, that lets the images be seen."""


def color_table(name: str) -> np.ndarray:
    """Return a color table (n, 4): red, green, blue and opacity, each 0 to 1.

    The lower end of a table for amounts is clear, and the middle of one for differences; gray is opaque. `labels` has
    an entry for each value, the first of them clear. Raises KeyError on a name that is not one of `core.inspection`.
    """
    if name == LABEL_COLORS:
        return np.array([(0.0, 0.0, 0.0, 0.0), *((*label.color, 1.0) for label in LABELS)])
    anchors = np.array([[int(code[n : n + 2], 16) for n in (0, 2, 4)] for code in _ANCHORS[name].split()]) / 255
    places, along = np.linspace(0, 1, len(anchors)), np.linspace(0, 1, _STEPS)
    colors = [np.interp(along, places, anchors[:, channel]) for channel in range(3)]
    return np.stack([*colors, _opacity(name, along)], axis=1)


def _opacity(name: str, along: np.ndarray) -> np.ndarray:
    """Return 0 or 1 for each place along a table: slice views know nothing between."""
    amount = np.abs(2 * along - 1) if name in (DIVERGING_COLORS, CHANGE_COLORS) else along
    return np.where(amount >= _CLEAR[name], 1.0, 0.0)


def color_node(name: str) -> Any:
    """Return the scene's node of a color table, which is made where there is none."""
    scene, kind = slicer.mrmlScene, "vtkMRMLColorTableNode"
    for place in range(scene.GetNumberOfNodesByClass(kind)):
        node = scene.GetNthNodeByClass(place, kind)
        if node.GetAttribute(_ATTRIBUTE) == name:
            return node
    table = color_table(name)
    node = slicer.vtkMRMLColorTableNode()
    node.SetName(f"Map {name}")
    node.SetAttribute(_ATTRIBUTE, name)
    node.SetTypeToUser()
    node.SetNumberOfColors(len(table))
    names = ["none", *(label.key for label in LABELS)] if name == LABEL_COLORS else [str(n) for n in range(len(table))]
    for place, color in enumerate(table):
        node.SetColor(place, names[place], *(float(value) for value in color))
    node.GetLookupTable().SetRange(0, len(table) - 1)
    return scene.AddNode(node)
