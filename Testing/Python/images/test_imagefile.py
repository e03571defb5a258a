"""One frame of a file of four dimensions, read like a file of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.images import reading
from BrainTumorVAESegLib.images.imagefile import ImageFile
from BrainTumorVAESegLib.images.reading import read_volume, read_volumes

VOXELS = np.random.default_rng(5).integers(-500, 2000, (3, 8, 10, 12)).astype(np.int16)


@pytest.fixture
def series(tmp_path) -> Path:
    """Three frames on a turned grid, in one file."""
    frames = []
    for voxels in VOXELS:
        image = sitk.GetImageFromArray(voxels)
        image.SetSpacing((1.0, 1.5, 2.0))
        image.SetOrigin((10.0, -20.0, 5.0))
        image.SetDirection((-1, 0, 0, 0, -1, 0, 0, 0, 1))
        frames.append(image)
    sitk.WriteImage(sitk.JoinSeries(frames), str(tmp_path / "series.nii.gz"))
    sitk.WriteImage(frames[1], str(tmp_path / "alone.nii.gz"))
    return tmp_path / "series.nii.gz"


def test_a_frame_is_what_a_file_of_its_own_would_be(series):
    frame, alone = read_volume(ImageFile(series, 1)), read_volume(series.with_name("alone.nii.gz"))
    np.testing.assert_array_equal(frame.array, VOXELS[1])
    assert frame.geometry == alone.geometry and frame.array.dtype == np.int16
    assert frame.source == f"{series}, frame 1"


def test_the_frames_of_a_file_are_read_at_once_in_the_order_asked_for(series, monkeypatch):
    opened: list[Path] = []
    read = reading.read_nifti
    monkeypatch.setattr(reading, "read_nifti", lambda path, frames: opened.append(path) or read(path, frames))
    alone = series.with_name("alone.nii.gz")
    volumes = read_volumes([ImageFile(series, 2), alone, ImageFile(series, 0), ImageFile(series, 2)])
    for volume, frame in zip(volumes, (2, 1, 0, 2), strict=True):
        np.testing.assert_array_equal(volume.array, VOXELS[frame])
    assert sorted(opened) == [alone, series]


def test_stored_numbers_are_scaled_in_every_frame(series, tmp_path):
    path = tmp_path / "scaled.nii"
    sitk.WriteImage(sitk.ReadImage(str(series)), str(path))
    data = bytearray(path.read_bytes())
    data[112:120] = np.array([0.5, 3.0], "<f4").tobytes()
    path.write_bytes(data)
    np.testing.assert_array_equal(read_volume(ImageFile(path, 2)).array, VOXELS[2] * 0.5 + 3)


def test_several_frames_without_a_choice_are_refused(series):
    with pytest.raises(InputError, match=r"series\.nii\.gz: holds several volumes \(12x10x8x3\)"):
        read_volume(series)


@pytest.mark.parametrize("frame", [3, -1])
def test_a_frame_that_is_not_there_is_named(series, frame):
    with pytest.raises(InputError, match=rf"series\.nii\.gz: has no frame {frame} \(frames are 0 to 2\)"):
        read_volume(ImageFile(series, frame))


def test_the_only_image_of_a_file_is_its_frame_0(series):
    np.testing.assert_array_equal(read_volume(ImageFile(series.with_name("alone.nii.gz"), 0)).array, VOXELS[1])


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_a_truncated_file_names_itself_even_where_the_frame_is_there(series, tmp_path, suffix):
    path = tmp_path / f"cut{suffix}"
    sitk.WriteImage(sitk.ReadImage(str(series)), str(path))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"cut\.nii.*truncated"):
        read_volume(ImageFile(path, 0))


def test_frames_are_read_from_nifti_alone(series, tmp_path):
    sitk.WriteImage(sitk.ReadImage(str(series)), str(tmp_path / "series.nrrd"))
    with pytest.raises(InputError, match=r"series\.nrrd: single frames are read from NIfTI files alone"):
        read_volume(ImageFile(tmp_path / "series.nrrd", 0))
