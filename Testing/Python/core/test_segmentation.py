from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.segmentation import Segmentation

GRID = Geometry((4, 3, 2), (2.0, 5.0, 10.0), (0.0, 0.0, 0.0))


def test_volumes_are_counts_of_voxels_in_milliliters():
    labels = np.zeros(GRID.shape, np.uint8)
    labels.flat[:6] = [1, 2, 2, 3, 3, 3]
    volumes = Segmentation(labels, GRID).volumes_ml()
    expected = {"NCR": 0.1, "ED": 0.2, "ET": 0.3, "TC": 0.4, "WT": 0.6}
    assert volumes == pytest.approx(expected)


def test_an_empty_segmentation_says_so_and_has_volumes_of_zero():
    segmentation = Segmentation(np.zeros(GRID.shape, np.uint8), GRID)
    assert segmentation.is_empty
    assert set(segmentation.volumes_ml().values()) == {0.0}
    labels = segmentation.labels.copy()
    labels[1, 2, 3] = 2
    assert not Segmentation(labels, GRID).is_empty
