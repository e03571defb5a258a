"""Two label maps held against each other: the same voxels at the same places, whatever their arrays are to Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import vtk
from vtk.util.numpy_support import vtk_to_numpy


class Values(vtk.vtkUnsignedCharArray):
    """Scalars that are no truth value, as arrays of numpy are none; without elements they are false."""

    def __bool__(self) -> bool:
        if self.GetNumberOfTuples() > 1:
            raise ValueError("The truth value of an array with more than one element is ambiguous.")
        return False


@pytest.fixture
def image(host: Any) -> Any:
    """A function that makes an image of a mask (z, y, x) at a place, with such scalars."""
    from BrainTumorVAESegLib.slicer.nodes.labelmaps import oriented_image

    kept = []  # what Python knows of an array is lost where nothing there holds it

    def made(mask: np.ndarray, first: tuple[int, int, int] = (1, 2, 3)) -> Any:
        found, values = oriented_image(mask, first, np.eye(4)), Values()
        values.SetNumberOfTuples(mask.size)
        if mask.size:
            vtk_to_numpy(values)[:] = mask.ravel()
        found.GetPointData().SetScalars(values)
        kept.append(values)
        return found

    return made


def test_the_same_voxels_at_the_same_place_are_the_same(image: Any):
    from BrainTumorVAESegLib.slicer.nodes.labelmaps import are_same

    mask = np.ones((2, 3, 4), np.uint8)
    other = mask.copy()
    other[1, 1, 1] = 0
    assert are_same(image(mask), image(mask))
    assert not are_same(image(mask), image(other))
    assert not are_same(image(mask), image(mask, (1, 2, 4)))


def test_two_empty_label_maps_are_the_same(image: Any):
    from BrainTumorVAESegLib.slicer.nodes.labelmaps import are_same

    empty = np.zeros((0, 0, 0), np.uint8)
    assert are_same(image(empty), image(empty))


def test_one_without_scalars_is_like_none(image: Any):
    from BrainTumorVAESegLib.slicer.nodes.labelmaps import are_same

    bare = image(np.ones((2, 3, 4), np.uint8))
    bare.GetPointData().SetScalars(None)
    assert not are_same(bare, bare)
