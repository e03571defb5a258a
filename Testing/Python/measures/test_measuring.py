"""A segmentation's measures as a whole: on a patient of known shape, and where there is little or nothing."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.wire import from_wire, to_wire
from BrainTumorVAESegLib.measures import measuring
from BrainTumorVAESegLib.measures.measuring import measure
from BrainTumorVAESegLib.measures.results import Measures

from .conftest import ellipsoid, grid, places, turned

GEOMETRY = grid((60, 60, 50), (2.5, 2.5, 3.0), turned((0, 10), (2, 15)))
AT = places(GEOMETRY)
BRAIN = ellipsoid(62, 70, 60)(np.stack([AT[0] * (1 - AT[1] / 400), AT[1], AT[2]]))


def ball(x: float, y: float, z: float, radius: float) -> np.ndarray:
    return np.linalg.norm(AT - np.array([x, y, z])[:, None, None, None], axis=0) < radius


def tumor() -> Segmentation:
    """A ring of 16 mm on the left with edema of 24 mm, and a second ball of 8 mm on the right, 35 mm beside it."""
    labels = np.zeros(GEOMETRY.shape, np.uint8)
    labels[ball(30, 0, 0, 24)] = 2
    labels[ball(30, 0, 0, 16)] = 3
    labels[ball(30, 0, 0, 8)] = 1
    labels[ball(-29, 0, 0, 8)] = 3
    return Segmentation(labels, GEOMETRY)


def test_a_tumor_of_known_shape_is_measured() -> None:
    segmentation = tumor()
    found = measure(segmentation, BRAIN)
    ring, other = found.enhancing.lesions
    assert (ring.number, other.number) == (1, 2) and ring.target and other.target
    assert ring.diameters.longest_mm == pytest.approx(32, abs=2.5)
    assert other.diameters.longest_mm == pytest.approx(16, abs=2.5)
    assert ring.diameter_3d_mm == pytest.approx(32, abs=3)
    assert ring.center == pytest.approx((30, 0, 0), abs=1)
    assert ring.nearest_mm == other.nearest_mm == pytest.approx(35, abs=3)
    assert (ring.side.side, other.side.side) == ("left", "right")
    assert found.enhancing.sum_of_products_mm2 == ring.diameters.product_mm2 + other.diameters.product_mm2
    assert [lesion.volume_ml for lesion in found.whole.lesions] == pytest.approx(
        [found.volumes_ml["WT"] - other.volume_ml, other.volume_ml]
    )
    assert found.volumes_ml == segmentation.volumes_ml()
    core = (segmentation.labels % 2 == 1).sum()
    assert found.necrotic_share == pytest.approx((segmentation.labels == 1).sum() / core)
    assert found.necrotic_share + found.enhancing_share == pytest.approx(1)
    # The patient's long axis stays as near to the array's first as the turns left it.
    assert (found.slice_axis, found.tilt_degrees) == (0, pytest.approx(10))


@pytest.mark.parametrize("axes", [(0, 2, 1), (1, 0, 2), (2, 1, 0)])
def test_an_array_stored_another_way_round_measures_the_same(axes: tuple[int, int, int]) -> None:
    from dataclasses import replace

    itk = [2 - axis for axis in reversed(axes)]
    direction = np.reshape(GEOMETRY.direction, (3, 3))[:, itk]
    geometry = replace(
        GEOMETRY,
        size=tuple(GEOMETRY.size[axis] for axis in itk),
        spacing=tuple(GEOMETRY.spacing[axis] for axis in itk),
        direction=tuple(direction.ravel().tolist()),
    )
    before, after = measure(tumor()), measure(Segmentation(tumor().labels.transpose(axes), geometry))
    assert after.slice_axis == axes.index(0)
    for one, other in zip(before.enhancing.lesions, after.enhancing.lesions, strict=True):
        assert one.diameters.product_mm2 == pytest.approx(other.diameters.product_mm2)
        assert (one.diameters.slice, one.slices) == (other.diameters.slice, other.slices)
        assert one.diameter_3d_mm == pytest.approx(other.diameter_3d_mm)


def test_an_empty_segmentation_has_no_lesion_and_no_share() -> None:
    found = measure(Segmentation(np.zeros(GEOMETRY.shape, np.uint8), GEOMETRY), BRAIN)
    assert found.enhancing.lesions == found.whole.lesions == ()
    assert found.enhancing.sum_of_products_mm2 == 0 and set(found.volumes_ml.values()) == {0}
    assert (found.necrotic_share, found.enhancing_share, found.side) == (None, None, None)


def test_edema_alone_has_a_whole_tumor_and_no_core() -> None:
    found = measure(Segmentation(np.where(ball(30, 0, 0, 20), np.uint8(2), np.uint8(0)), GEOMETRY))
    assert found.enhancing.lesions == () and found.necrotic_share is None
    (lesion,) = found.whole.lesions
    assert lesion.target and lesion.side is None and lesion.nearest_mm is None


def test_of_many_lesions_the_largest_are_measured_and_the_rest_is_counted(monkeypatch) -> None:
    monkeypatch.setattr(measuring, "MOST_LESIONS", 3)
    labels = np.zeros(GEOMETRY.shape, np.uint8)
    labels[::4, ::4, ::4] = 3
    labels[20:24, 20:24, 20:24] = 3
    found = measure(Segmentation(labels, GEOMETRY)).enhancing
    assert len(found.lesions) == 3 and found.others > 100
    told = sum(lesion.volume_ml for lesion in found.lesions) + found.others_ml
    assert told == pytest.approx((labels == 3).sum() * GEOMETRY.voxel_volume)


def test_a_brain_of_another_grid_is_refused() -> None:
    with pytest.raises(InputError, match="does not fit the segmentation"):
        measure(tumor(), np.ones((3, 4, 5), bool))


def test_measures_pass_as_plain_values_and_come_back() -> None:
    found = measure(tumor(), BRAIN)
    assert from_wire(Measures, to_wire(found), "measures") == found
