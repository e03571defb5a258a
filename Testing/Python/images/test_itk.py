from __future__ import annotations

import ast
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.images.itk import geometry_of, image_from_array, orient, resample

LIBRARY = Path(__file__).parents[3] / "BrainTumorVAESeg"
VOXELS = np.random.default_rng(2).integers(0, 1000, (7, 6, 5)).astype(np.int16)
ALL_CODES = [
    "".join(pair[side] for pair, side in zip(order, sides, strict=True))
    for order in permutations(("LR", "PA", "SI"))
    for sides in product((0, 1), repeat=3)
]


def turned(seed: int) -> Geometry:
    direction = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0] * (-1) ** seed
    return Geometry((5, 6, 7), (0.7, 1.3, 2.9), (11.0, -22.0, 33.0), tuple(float(value) for value in direction.ravel()))


def test_an_image_and_its_array_hold_the_same_voxels_in_the_same_places():
    image = image_from_array(VOXELS, turned(1))
    assert image.GetPixel(4, 2, 1) == VOXELS[1, 2, 4]
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), VOXELS)
    np.testing.assert_allclose(
        geometry_of(image).index_to_physical @ [4, 2, 1, 1], [*image.TransformIndexToPhysicalPoint((4, 2, 1)), 1]
    )


@pytest.mark.parametrize("codes", ALL_CODES)
def test_reorientation_agrees_with_itks(codes):
    straight = Geometry((5, 6, 7), (0.7, 1.3, 2.9), (11.0, -22.0, 33.0))
    for start in ("LPS", "RAS", "PIR"):
        array, geometry = orient(VOXELS, straight, start)
        ours, grid = orient(array, geometry, codes)
        image = sitk.DICOMOrient(image_from_array(array, geometry), codes)
        np.testing.assert_array_equal(ours, sitk.GetArrayFromImage(image))
        assert grid.axis_codes == codes
        assert grid.same_grid(geometry_of(image), 1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_a_turned_voxel_keeps_its_place(seed):
    geometry = turned(seed)
    array, grid = orient(VOXELS, geometry)
    assert grid.axis_codes == "LPS"
    place = geometry.index_to_physical @ [3, 1, 5, 1]
    x, y, z, _ = np.rint(np.linalg.inv(grid.index_to_physical) @ place).astype(int)
    np.testing.assert_allclose(grid.index_to_physical @ [x, y, z, 1], place)
    assert array[z, y, x] == VOXELS[5, 1, 3]


def test_turning_there_and_back_changes_nothing():
    geometry = turned(4)
    back, grid = orient(*orient(VOXELS, geometry), geometry.axis_codes)
    np.testing.assert_array_equal(back, VOXELS)
    assert grid.same_grid(geometry, 1e-9)


@pytest.mark.parametrize("nearest", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_resampling_a_part_gives_what_resampling_the_whole_gives(nearest, seed):
    geometry, target = turned(seed), Geometry((30, 28, 26), (1.1, 0.9, 1.0), (-4.0, -38.0, 20.0))
    image = sitk.Cast(image_from_array(VOXELS, geometry), sitk.sitkInt16 if nearest else sitk.sitkFloat32)
    how = sitk.sitkNearestNeighbor if nearest else sitk.sitkLinear
    whole = sitk.Resample(image, target.size, sitk.Transform(), how, target.origin, target.spacing, target.direction)
    ours = resample(VOXELS, geometry, target, nearest)
    assert ours.dtype == (np.int16 if nearest else np.float32)
    assert ours.any()
    np.testing.assert_allclose(ours, sitk.GetArrayFromImage(whole), atol=1e-3)


def test_resampling_to_a_place_apart_gives_zeros():
    far = Geometry((4, 4, 4), (1.0, 1.0, 1.0), (900.0, 0.0, 0.0))
    assert not resample(VOXELS, turned(1), far).any()


def test_a_mask_can_be_resampled():
    geometry = turned(1)
    np.testing.assert_array_equal(resample(VOXELS > 500, geometry, geometry, nearest=True), VOXELS > 500)


def test_a_view_with_negative_steps_can_be_resampled():
    array, geometry = orient(VOXELS, turned(1), "RAS")
    np.testing.assert_allclose(resample(array, geometry, geometry), array, atol=1e-3)


def test_a_view_is_taken_only_of_an_image_that_has_a_name():
    """SimpleITK's view does not keep its image: of one without a name it shows memory that is used for other things."""
    viewed = [
        call.args[0]
        for path in LIBRARY.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        and call.func.attr == "GetArrayViewFromImage"
    ]  # fmt: skip
    assert len(viewed) > 5
    assert not [ast.unparse(image) for image in viewed if not isinstance(image, ast.Name | ast.Attribute)]
