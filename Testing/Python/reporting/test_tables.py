"""Tables as plain rows."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.reporting.tables import cohort_rows, comparison_rows, format_volume, volume_rows


def test_every_region_and_label_has_one_row_of_its_volume() -> None:
    labels = np.repeat(np.arange(4, dtype=np.uint8), [13, 4, 2, 8]).reshape(3, 3, 3)
    segmentation = Segmentation(labels, Geometry((3, 3, 3), (10.0, 10.0, 10.0), (0.0, 0.0, 0.0)))
    rows = volume_rows(segmentation.volumes_ml())
    assert [(key, value) for key, _, value in rows] == [
        ("WT", "14.0"), ("TC", "12.0"), ("ET", "8.0"), ("NCR", "4.0"), ("ED", "2.0"),
    ]  # fmt: skip
    assert rows[0][1] == "Whole tumor"


@pytest.mark.parametrize(
    ("milliliters", "text"), [(0.0, "0.0"), (0.004, "0.004"), (0.0999, "0.100"), (0.1, "0.1"), (1234.56, "1234.6")]
)
def test_a_small_volume_does_not_become_nothing(milliliters: float, text: str) -> None:
    assert format_volume(milliliters) == text


def test_a_comparison_has_the_dice_of_regions_only() -> None:
    volumes = {"WT": 5.0, "TC": 4.0, "ET": 3.0, "NCR": 1.0, "ED": 1.0}
    rows = comparison_rows(volumes, {**volumes, "ED": 2.0}, {"ET": 1 / 3, "WT": 1.0, "TC": 0.0})
    assert [row[4] for row in rows] == ["1.000", "0.000", "0.333", "", ""]
    assert rows[4][2:4] == ("1.0", "2.0")


def test_a_cohort_has_its_cases_then_its_statistics() -> None:
    scores = [("A", {"WT": 1.0, "TC": 0.5, "ET": 0.25})]
    rows = cohort_rows(scores, {"mean": {"ET": 0.1, "TC": 0.2, "WT": 0.3}})
    assert rows == [("A", "1.000", "0.500", "0.250"), ("mean", "0.300", "0.200", "0.100")]
