"""The table node of lesions, and the stamp by which an edit is seen."""

from __future__ import annotations

from typing import Any

import pytest
from BrainTumorVAESegLib.core.measures import Burden, Diameters, Lesion, Measures, Side


def lesion(number: int, longest: float, target: bool = True, side: Side | None = None) -> Lesion:
    ends = ((10.0, -20.0, 5.0), (10.0 + longest, -20.0, 5.0))
    found = Diameters(longest, longest / 2, longest**2 / 2, 7, ends, ((12.0, -25.0, 5.0), (12.0, -15.0, 5.0)))
    return Lesion(number, 1.5 * number, (0.0, 0.0, 0.0), 4, found, longest + 1, target, target, None, side)


MEASURES = Measures(
    {"WT": 12.0}, Burden("ET", (lesion(1, 20.0, side=Side("left", 0.9, 3.6)), lesion(2, 8.0, False)), 200.0, 3, 0.1),
    Burden("WT", (lesion(1, 40.0),), 800.0), 0.25, 0.7, Side("left", 0.9, 3.6), 0, 12.4,
)  # fmt: skip


@pytest.fixture
def lesions(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import lesions

    return lesions


@pytest.fixture
def measured(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import measured

    return measured


def test_rows_are_read_back_as_they_were_written(lesions: Any, scene: Any):
    node, rows = scene.AddNewNodeByClass("vtkMRMLTableNode", "lesions"), lesions.rows_of_measures(MEASURES)
    lesions.fill_lesions(node, rows)
    assert lesions.lesion_rows(node) == rows
    assert [(row.Lesion, row.Volume, row.Longest, row.Product, row.Slice, row.Target, row.Side) for row in rows] == [
        ("ET 1", 1.5, 20.0, 200.0, 7, True, "left"),
        ("ET 2", 3.0, 8.0, 32.0, 7, False, ""),
        ("WT 1", 1.5, 40.0, 800.0, 7, True, ""),
    ]
    assert rows[0].place == (-20.0, 20.0, 5.0), "the middle of the longest diameter, in RAS"
    lesions.fill_lesions(node, rows[:1])
    assert lesions.lesion_rows(node) == rows[:1] and node.GetLocked()


def test_another_table_holds_no_lesions(lesions: Any, scene: Any):
    assert lesions.lesion_rows(scene.AddNewNodeByClass("vtkMRMLTableNode", "other")) == []
    assert lesions.lesion_rows(None) == []


def test_sums_are_over_the_target_lesions_of_each_region(lesions: Any):
    rows = lesions.rows_of_measures(MEASURES)
    assert lesions.sums_of_products(rows) == {"WT": (1, 800.0), "ET": (1, 200.0)}
    assert lesions.sums_of_products(rows[1:2]) == {}


def test_the_tumor_as_a_whole_is_told_in_words(lesions: Any):
    text = lesions.describe_measures(MEASURES)
    assert text == (
        "Of the tumor core 70 % enhances and 25 % does not. The tumor lies on the left."
        " It reaches 4 mm across the midline. The slices measured in are tilted by 12 degrees against axial."
    )
    none = Measures({}, Burden("ET", (), 0.0), Burden("WT", (), 0.0), None, None, None, 0, 0.0)
    assert lesions.describe_measures(none) == ""
