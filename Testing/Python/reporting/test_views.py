"""Slices are cut so that every orientation of the array is shown alike."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.images.itk import orient, resample
from BrainTumorVAESegLib.reporting.views import VIEWS, plan_panels, slice_grid

LPS = Geometry((20, 24, 10), (1.0, 1.0, 3.0), (-10.0, -12.0, -15.0))
MARKED = {"L": (17, 12, 5), "A": (10, 2, 5), "S": (10, 12, 8)}
"""Where a bright voxel (x, y, z) of the LPS array stands for a direction of the patient."""


def volume_with(mark: str, codes: str) -> Volume:
    """Return a volume of ones with one bright voxel, its array turned as the codes say."""
    array = np.ones(LPS.shape, np.float32)
    x, y, z = MARKED[mark]
    array[z, y, x] = 100
    return Volume(*orient(array, LPS, codes))


def shown(volume: Volume, plane: str) -> np.ndarray:
    """Return the maximum over all slices of a plane as shown, by way of a segmentation that marks the bright voxel."""
    labels = (volume.array > 50).astype(np.uint8)
    panel = plan_panels(volume, Segmentation(labels, volume.geometry), (plane,))[0]
    return resample(volume.array, volume.geometry, panel.grid)[0]


@pytest.mark.parametrize("codes", ["LPS", "RAS", "PSR", "LAI"])
@pytest.mark.parametrize(
    ("plane", "mark", "side"),
    [
        ("axial", "L", "right"), ("axial", "A", "top"), ("coronal", "L", "right"),
        ("coronal", "S", "top"), ("sagittal", "A", "left"), ("sagittal", "S", "top"),
    ],
)  # fmt: skip
def test_the_patients_left_is_on_the_right_and_front_and_head_are_up(
    codes: str, plane: str, mark: str, side: str
) -> None:
    picture = shown(volume_with(mark, codes), plane)
    row, column = np.unravel_index(picture.argmax(), picture.shape)
    place = {"left": column, "right": picture.shape[1] - 1 - column, "top": row}[side]
    other = picture.shape[0 if side == "top" else 1]
    assert place < 0.4 * other


@pytest.mark.parametrize("plane", list(VIEWS))
def test_the_letters_agree_with_the_directions_of_the_grid(plane: str) -> None:
    grid = slice_grid(LPS, plane, 5, (0, 0, 0), (19, 23, 9), 1.0)
    right, down = np.reshape(grid.direction, (3, 3)).T[:2]
    toward = {"L": (1, 0, 0), "R": (-1, 0, 0), "P": (0, 1, 0), "A": (0, -1, 0), "S": (0, 0, 1), "I": (0, 0, -1)}
    letters = VIEWS[plane].letters
    assert np.array_equal(right, toward[letters[1]]) and np.array_equal(-right, toward[letters[0]])
    assert np.array_equal(down, toward[letters[3]]) and np.array_equal(-down, toward[letters[2]])


def test_thick_slices_are_shown_in_true_proportions() -> None:
    grid = slice_grid(LPS, "coronal", 12, (0, 0, 0), (19, 23, 9), 0.5)
    width, height = ((n - 1) * 0.5 for n in grid.size[:2])
    assert width - height == pytest.approx(19 * 1.0 - 9 * 3.0, abs=0.5)


def test_the_slice_with_most_tumor_is_shown_plain_and_with_labels() -> None:
    labels = np.zeros(LPS.shape, np.uint8)
    labels[2, 4:6, 4:6] = 1
    labels[7, 4:12, 4:12] = 2
    panels = plan_panels(Volume(np.ones(LPS.shape), LPS), Segmentation(labels, LPS), ("axial", "sagittal"))
    assert [(p.plane, p.overlay) for p in panels] == [("axial", False), ("axial", True), ("sagittal", True)]
    assert panels[0].grid.origin[2] == pytest.approx(-15 + 7 * 3)


def test_without_tumor_the_middle_of_the_brain_is_shown_once() -> None:
    array = np.zeros(LPS.shape)
    array[4:9, 3:20, 3:17] = 1
    empty = Segmentation(np.zeros(LPS.shape, np.uint8), LPS)
    panels = plan_panels(Volume(array, LPS), empty, ("axial", "coronal"))
    assert [(p.plane, p.overlay) for p in panels] == [("axial", False), ("coronal", False)]
    assert panels[0].grid.origin[2] == pytest.approx(-15 + 6 * 3)
