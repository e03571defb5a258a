from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.inspection import CHANGE_COLORS, DIVERGING_COLORS, GRAY_COLORS, LABEL_COLORS, MAPS
from BrainTumorVAESegLib.core.labels import LABELS

NAMES = sorted({kind.colors for kind in MAPS} - {LABEL_COLORS})


@pytest.fixture
def colors(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import colors

    return colors


@pytest.mark.parametrize("name", NAMES)
def test_tables_are_matplotlibs_within_what_an_eye_can_tell(colors: Any, name: str) -> None:
    from matplotlib import colormaps

    table = colors.color_table(name)
    expected = colormaps[name](np.linspace(0, 1, len(table)))[:, :3]
    assert np.abs(table[:, :3] - expected).max() < 0.04


@pytest.mark.parametrize("name", NAMES)
def test_a_map_is_clear_where_it_says_nothing_and_opaque_elsewhere(colors: Any, name: str) -> None:
    opacity = colors.color_table(name)[:, 3]
    middle = len(opacity) // 2
    assert set(opacity) <= {0.0, 1.0} and opacity[-1] == 1
    assert opacity[middle if name in (DIVERGING_COLORS, CHANGE_COLORS) else 0] == (1 if name == GRAY_COLORS else 0)
    assert opacity.mean() > 0.75


def test_labels_have_their_own_colors_and_no_tumor_is_clear(colors: Any) -> None:
    table = colors.color_table(LABEL_COLORS)
    assert table[0, 3] == 0
    for label in LABELS:
        assert tuple(table[label.value]) == pytest.approx((*label.color, 1))


def test_the_scene_holds_a_table_once(colors: Any, scene: Any) -> None:
    count = scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode")
    node = colors.color_node("viridis")
    assert colors.color_node("viridis") is node and colors.color_node("magma") is not node
    assert scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode") == count + 2
    color = [0.0] * 4
    assert node.GetColor(255, color) and color == pytest.approx([0.99, 0.91, 0.14, 1], abs=0.01)
