from __future__ import annotations

from typing import Any

import numpy as np
import pytest

SHAPE = (12, 14, 16)
SPACING = (1.0, 2.0, 3.0)


@pytest.fixture
def views(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import views

    return views


@pytest.fixture
def reference(host: Any, scene: Any) -> Any:
    """A volume of anisotropic voxels whose first one lies at -10, 20, 5."""
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "T1ce")
    host.util.updateVolumeFromArray(node, np.zeros(SHAPE, np.int16))
    node.SetSpacing(*SPACING)
    node.SetOrigin(-10, 20, 5)
    return node


def mask_of(*boxes: tuple[slice, slice, slice]) -> np.ndarray:
    mask = np.zeros(SHAPE, bool)
    for box in boxes:
        mask[box] = True
    return mask


def test_the_largest_section_along_each_axis_is_found(views: Any) -> None:
    mask = mask_of((slice(2, 9), slice(3, 4), slice(5, 6)), (slice(4, 5), slice(1, 9), slice(5, 6)))
    mask[4, 3, 2:12] = True
    assert views.largest_sections(mask) == (4, 3, 5)


def test_of_several_lesions_the_largest_is_gone_to(views: Any) -> None:
    large, flat = (slice(1, 4), slice(1, 5), slice(1, 5)), (slice(9, 10), slice(8, 13), slice(7, 15))
    place = views.largest_sections(mask_of(large, flat))
    assert mask_of(large, flat)[place] and place[0] == 9


def test_a_mask_of_one_voxel_is_found_and_an_empty_one_is_not(views: Any) -> None:
    assert views.largest_sections(mask_of((slice(11, 12), slice(13, 14), slice(15, 16)))) == (11, 13, 15)
    assert views.largest_sections(np.zeros(SHAPE, bool)) is None


def test_all_slice_views_go_to_the_tumor(views: Any, reference: Any, slices: list[Any]) -> None:
    assert views.go_to_mask(mask_of((slice(4, 5), slice(6, 7), slice(8, 9))), reference)
    offsets = [node.GetSliceOffset() for node in slices]
    assert offsets == pytest.approx([5 + 4 * 3, 20 + 6 * 2, -(-10 + 8)])  # sagittal ones count to the left


def test_without_a_tumor_the_views_stay(views: Any, reference: Any, slices: list[Any]) -> None:
    slices[0].SetSliceOffset(3)
    assert not views.go_to_mask(np.zeros(SHAPE, bool), reference)
    assert slices[0].GetSliceOffset() == pytest.approx(3)


def test_a_volume_is_put_behind_only_where_none_of_the_case_is_shown(
    views: Any, reference: Any, slices: list[Any], scene: Any
) -> None:
    flair, other = (scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name) for name in ("FLAIR", "Other"))
    layers = views.composite_nodes()
    layers[0].SetBackgroundVolumeID(other.GetID())
    layers[1].SetForegroundVolumeID(flair.GetID())
    views.show_behind(reference, [reference, flair])
    assert [node.GetBackgroundVolumeID() for node in layers] == [other.GetID(), None, None]
    layers[1].SetForegroundVolumeID(None)
    views.show_behind(reference, [reference, flair])
    assert [node.GetBackgroundVolumeID() for node in layers] == [reference.GetID()] * 3


@pytest.mark.parametrize(("count", "times"), [(0, 0), (2, 1)])
def test_cameras_are_turned_where_there_are_3d_views(
    views: Any, host: Any, monkeypatch: pytest.MonkeyPatch, count: int, times: int
) -> None:
    told: list[int] = []
    monkeypatch.setattr(type(host.app.layoutManager()), "threeDViewCount", count)
    monkeypatch.setattr(host.util, "resetThreeDViews", lambda: told.append(1))
    views.center_3d_views()
    assert len(told) == times
