"""Where NIfTI's two transforms place an image, held against ITK and against the formula in other words."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import NiftiForms
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.images.nifti_forms import geometry_of_forms, notes_on_forms
from BrainTumorVAESegLib.images.nifti_header import FIRST_VOXEL, parse_header, plain_header
from BrainTumorVAESegLib.images.reading import read_volume
from BrainTumorVAESegLib.images.writing import write_label_map, write_probabilities, write_volume

SIZE = (6, 5, 4)
VOXELS = np.arange(120, dtype=np.uint8).reshape(SIZE[::-1])
PIXDIM = (1.0, 1.0, 1.5, 2.0)
ANGLE = np.radians(30)
QUATERNION = (0.0, 0.0, float(np.sin(ANGLE / 2)), 5.0, 6.0, 7.0)
"""Turned by 30 degrees about z."""
SAME_ROWS = (
    float(np.cos(ANGLE)), -1.5 * float(np.sin(ANGLE)), 0.0, 5.0,
    float(np.sin(ANGLE)), 1.5 * float(np.cos(ANGLE)), 0.0, 6.0,
    0.0, 0.0, 2.0, 7.0,
)  # fmt: skip
"""The sform that says what the quaternion says."""
MOVED_ROWS = (-1.0, 0.0, 0.0, 60.0, 0.0, 1.5, 0.0, 6.0, 0.0, 0.0, 2.0, 7.0)
"""An sform that places the image elsewhere."""


def write(path: Path, forms: NiftiForms) -> Path:
    path.write_bytes(plain_header(SIZE, forms) + VOXELS.tobytes())
    return path


def as_itk(path: Path) -> None:
    """Hold that a file lies where ITK has it."""
    volume, image = read_volume(path), sitk.ReadImage(str(path))
    np.testing.assert_array_equal(volume.array, sitk.GetArrayFromImage(image))
    assert volume.geometry.spacing == image.GetSpacing()
    assert volume.geometry.origin == image.GetOrigin()
    assert volume.geometry.direction == image.GetDirection()


@pytest.mark.parametrize("qform", [0, 1, 2])
@pytest.mark.parametrize("sform", [0, 1, 2, 4])
@pytest.mark.parametrize("rows", [SAME_ROWS, MOVED_ROWS])
@pytest.mark.parametrize("units", [0, 1, 2, 3])
def test_itk_decides_which_transform_counts_and_in_which_unit(tmp_path, qform, sform, rows, units):
    as_itk(write(tmp_path / "a.nii", NiftiForms((qform, sform), PIXDIM, QUATERNION, rows, units)))


@pytest.mark.parametrize(("units", "factor"), [(1, 1000.0), (2, 1.0), (3, 0.001)])
def test_meters_and_microns_become_millimeters(units, factor):
    geometry = geometry_of_forms(SIZE, NiftiForms((1, 1), PIXDIM, QUATERNION, SAME_ROWS, units))
    np.testing.assert_allclose(geometry.spacing, np.array(PIXDIM[1:]) * factor, rtol=1e-6)
    np.testing.assert_allclose(geometry.origin, np.array([-5, -6, 7]) * factor, rtol=1e-5)
    told = [(note.code, note.message) for note in notes_on_forms(geometry)]
    unit = {1: "meters", 3: "microns"}.get(units)
    assert told == ([("units", f"gives lengths in {unit}; they are read as such.")] if unit else [])


@pytest.mark.parametrize("qfac", [1.0, -1.0])
def test_two_transforms_that_say_the_same_are_not_worth_a_word(qfac):
    rows = tuple(value * (qfac if n % 4 == 2 else 1) for n, value in enumerate(SAME_ROWS))
    forms = NiftiForms((1, 4), (qfac, *PIXDIM[1:]), QUATERNION, rows)
    assert list(notes_on_forms(geometry_of_forms(SIZE, forms))) == []


@pytest.mark.parametrize(
    ("codes", "taken", "left"),
    [((1, 1), "sform (code 1)", "qform (code 1)"), ((1, 2), "qform (code 1)", "sform (code 2)"),
     ((2, 4), "qform (code 2)", "sform (code 4)")],
)  # fmt: skip
def test_transforms_that_differ_are_told_with_the_one_that_is_taken(tmp_path, codes, taken, left):
    volume = read_volume(write(tmp_path / "a.nii", NiftiForms(codes, PIXDIM, QUATERNION, MOVED_ROWS)))
    (note,) = volume.notes
    # The first corner lies 55 mm apart; the last one is turned as well.
    index = np.array([[*(n - 1 for n in SIZE), 1.0], [0, 0, 0, 1.0], [5, 0, 0, 1.0], [0, 4, 0, 1.0], [5, 4, 0, 1.0]])
    apart = np.linalg.norm(index @ (np.reshape(SAME_ROWS, (3, 4)) - np.reshape(MOVED_ROWS, (3, 4))).T, axis=1).max()
    assert note.code == "forms_differ"
    assert f"up to {apart:.3g} mm apart: its {taken} is taken, as in 3D Slicer, not its {left}." in note.message


def test_a_file_that_does_not_say_where_it_lies_is_told(tmp_path):
    volume = read_volume(write(tmp_path / "a.nii", NiftiForms((0, 0), PIXDIM, QUATERNION, MOVED_ROWS)))
    assert [note.code for note in volume.notes] == ["no_form"]
    assert volume.geometry.axis_codes == "LPS"


def test_one_transform_alone_is_not_worth_a_word(tmp_path):
    for codes in ((1, 0), (0, 2)):
        assert read_volume(write(tmp_path / "a.nii", NiftiForms(codes, PIXDIM, QUATERNION, MOVED_ROWS))).notes == ()


ENDLESS = (float("inf"), float("nan"), 3e38)
"""Numbers at which ITK goes on for ever or makes no grid."""


@pytest.mark.parametrize("number", ENDLESS)
@pytest.mark.parametrize("place", range(0, 12, 5))
def test_numbers_of_no_grid_are_an_error_of_their_file_at_once(tmp_path, number, place):
    rows = (*SAME_ROWS[:place], number, *SAME_ROWS[place + 1 :])
    quaternion = (*QUATERNION[: place // 2], number, *QUATERNION[place // 2 + 1 :])
    pixdim = (*PIXDIM[: 1 + place // 5], number, *PIXDIM[2 + place // 5 :])
    for forms in (
        NiftiForms((1, 1), PIXDIM, QUATERNION, rows),
        NiftiForms((1, 0), PIXDIM, quaternion, SAME_ROWS),
        NiftiForms((0, 0), pixdim, QUATERNION, SAME_ROWS),
    ):
        with pytest.raises(InputError, match=r"a\.nii: The header's transforms hold numbers that are those of no grid"):
            read_volume(write(tmp_path / "a.nii", forms))


@pytest.mark.parametrize("number", ENDLESS)
def test_what_counts_for_nothing_may_hold_any_numbers(tmp_path, number):
    same = read_volume(write(tmp_path / "b.nii", NiftiForms((1, 0), PIXDIM, QUATERNION, SAME_ROWS)))
    for forms in (
        NiftiForms((1, 0), (number, *PIXDIM[1:]), QUATERNION, (number,) * 12),
        NiftiForms((0, 1), PIXDIM, (number,) * 6, SAME_ROWS),
    ):
        assert read_volume(write(tmp_path / "a.nii", forms)).geometry.same_grid(same.geometry, 1e-4)


def test_an_sform_alone_that_is_sheared_is_an_error_of_its_file(tmp_path):
    rows = (1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    path = write(tmp_path / "a.nii", NiftiForms((0, 1), (1.0,) * 4, QUATERNION, rows))
    with pytest.raises(InputError, match=r"a\.nii: The header's transforms are those of no grid \(not orthogonal\)"):
        read_volume(path)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("codes", [(1, 2), (0, 4), (0, 0), (2, 0)])
def test_what_is_written_on_an_images_own_grid_holds_its_transforms_and_codes(tmp_path, suffix, codes):
    forms = NiftiForms(codes, PIXDIM, QUATERNION, MOVED_ROWS, 2)
    volume = read_volume(write(tmp_path / "image.nii", forms))
    path = tmp_path / f"out{suffix}"
    labels = (VOXELS % 4).astype(np.uint8)
    probabilities = np.random.default_rng(0).random((3, *volume.array.shape)).astype(np.float32)
    segmentation = Segmentation(labels, volume.geometry, probabilities, ("WT", "TC", "ET"))
    for write_it, expected in (
        (lambda: write_label_map(segmentation, path), labels),
        (lambda: write_volume(volume, path), VOXELS),
        (lambda: write_probabilities(segmentation, path), probabilities),
    ):
        write_it()
        image = sitk.ReadImage(str(path))
        np.testing.assert_array_equal(sitk.GetArrayFromImage(image), expected)
        assert image.GetSpacing()[:3] == volume.geometry.spacing and image.GetOrigin()[:3] == volume.geometry.origin
        header = nibabel.load(path).header
        assert (header["qform_code"], header["sform_code"]) == codes
        assert [header[f"srow_{axis}"].tolist() for axis in "xyz"] == np.reshape(MOVED_ROWS, (3, 4)).tolist()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["image.nii", path.name]


def test_a_turned_image_holds_no_transforms_of_another_grid(tmp_path):
    volume = read_volume(write(tmp_path / "image.nii", NiftiForms((1, 2), PIXDIM, QUATERNION, MOVED_ROWS)))
    assert volume.geometry.forms is not None
    assert volume.geometry.sub_grid(tuple(slice(0, n) for n in volume.array.shape)).forms is None


def test_a_header_of_our_own_says_what_it_was_given():
    numbers = (tuple(float(np.float32(value)) for value in values) for values in (PIXDIM, QUATERNION, SAME_ROWS))
    forms = NiftiForms((1, 2), *numbers, 3)
    data = plain_header(SIZE, forms)
    header = parse_header(data, Path("a.nii"))
    assert len(data) == FIRST_VOXEL
    assert (header.size, header.frames, header.offset, header.scaled) == (SIZE, 1, FIRST_VOXEL, False)
    assert header.forms == forms
