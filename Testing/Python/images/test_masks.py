from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.errors import InputError, OutputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.transform import Transform
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.images.itk import image_from_array
from BrainTumorVAESegLib.images.masks import read_mask, write_transform
from BrainTumorVAESegLib.images.writing import write_volume
from movedheads import motion

GRID = Geometry((6, 5, 4), (1.0, 2.0, 3.0), (-4.0, 5.0, 6.0))


@pytest.fixture
def inside():
    array = np.zeros(GRID.shape, bool)
    array[1:3, 1:4, 2:5] = True
    return array


def test_a_mask_is_what_is_not_zero(tmp_path, inside):
    write_volume(Volume((2.5 * inside).astype(np.float32), GRID), tmp_path / "mask.nii.gz")
    mask = read_mask(tmp_path / "mask.nii.gz")
    assert mask.array.dtype == bool and np.array_equal(mask.array, inside) and mask.geometry.same_grid(GRID)


def write_segments(path, inside, *names):
    """Write segments as Slicer does, each a value of one layer, along the slices."""
    labels = np.zeros(GRID.shape, np.uint8)
    for number in range(len(names)):
        part = inside if number == 0 else ~inside & (np.arange(4) == number)[:, None, None]
        labels[part] = number + 1
    image = image_from_array(labels, GRID)
    for number, name in enumerate(names):
        fields = {"ID": f"s{number}", "Name": name, "LabelValue": number + 1, "Layer": 0, "Extent": "0 5 0 4 0 3"}
        for key, value in fields.items():
            image.SetMetaData(f"Segment{number}_{key}", str(value))
    sitk.WriteImage(image, str(path))


@pytest.mark.parametrize("names", [("Segment_1",), ("Brain mask", "Skull")])
def test_the_only_segment_or_the_one_of_a_brain_is_the_mask(tmp_path, inside, names):
    write_segments(tmp_path / "a.seg.nrrd", inside, *names)
    mask = read_mask(tmp_path / "a.seg.nrrd")
    assert np.array_equal(mask.array, inside) and mask.geometry.same_grid(GRID)


def test_several_segments_of_which_none_is_a_brain_are_refused_by_name(tmp_path, inside):
    write_segments(tmp_path / "a.seg.nrrd", inside, "A", "B")
    with pytest.raises(InputError, match=r"holds the segments A, B; call the one that is meant Brain"):
        read_mask(tmp_path / "a.seg.nrrd")


def test_a_transform_comes_back_from_its_file(tmp_path):
    transform = motion(12.0, (3.0, -4.0, 5.5))
    write_transform(transform, tmp_path / "T2-to-T1ce.tfm")
    read = sitk.ReadTransform(str(tmp_path / "T2-to-T1ce.tfm"))
    points = np.random.default_rng(0).normal(0, 50, (5, 3))
    assert np.allclose([read.TransformPoint(point) for point in points.tolist()], transform.points(points))
    assert [path.name for path in tmp_path.iterdir()] == ["T2-to-T1ce.tfm"]


def test_itk_takes_the_references_points_to_the_other_image(tmp_path):
    write_transform(
        Transform.of(np.array([[1, 0, 0, 7], [0, 1, 0, 8], [0, 0, 1, 9], [0, 0, 0, 1.0]])), tmp_path / "a.tfm"
    )
    assert sitk.ReadTransform(str(tmp_path / "a.tfm")).TransformPoint((1.0, 1.0, 1.0)) == (8.0, 9.0, 10.0)


def test_a_transform_that_cannot_be_written_leaves_nothing(tmp_path, full_disk):
    (tmp_path / "there.tfm").mkdir()
    with pytest.raises(OutputError):
        write_transform(Transform(), tmp_path / "there.tfm")
