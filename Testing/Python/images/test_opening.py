from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.images.opening import image_files, opened, require_image_file
from BrainTumorVAESegLib.images.reading import read_volume


def assert_refused(path: Path, reason: str) -> None:
    """Hold that reading is refused at once, in one line that can be printed."""
    with pytest.raises(InputError, match=reason) as caught:
        read_volume(path)
    assert str(caught.value).isprintable() and str(caught.value).endswith(".")


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mhd"])
def test_a_pipe_is_refused_without_waiting_for_its_other_end(tmp_path, suffix):
    os.mkfifo(tmp_path / f"a{suffix}")
    assert_refused(tmp_path / f"a{suffix}", "is no regular file but a pipe or device; give an image file")


def test_a_device_is_refused(tmp_path):
    (tmp_path / "a.nii").symlink_to("/dev/zero")
    assert_refused(tmp_path / "a.nii", "is no regular file but a pipe or device")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.nhdr", "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 4 4 4\nencoding: raw\ndata file: pipe\n"),
        ("a.mhd", "ObjectType = Image\nNDims = 3\nDimSize = 4 4 4\nElementType = MET_UCHAR\nElementDataFile = pipe\n"),
    ],
)
@pytest.mark.parametrize("target", ["pipe", "/dev/zero", "/dev"])
def test_a_header_that_names_a_pipe_a_device_or_a_folder_is_refused(tmp_path, name, header, target):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / name).write_text(header.replace("pipe", target))
    assert_refused(tmp_path / name, "is no regular file but a pipe or device|is a folder")


def test_a_pipe_that_takes_a_files_place_after_it_was_looked_at_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: os.close(os.open(tmp_path / "pipe", os.O_RDWR)))
    writer.start()
    with pytest.raises(InputError, match="pipe or device"), opened(tmp_path / "pipe"):
        pass
    writer.join()


def test_a_link_to_nothing_names_what_it_leads_to(tmp_path):
    (tmp_path / "t1.nii.gz").symlink_to(tmp_path / "gone.nii.gz")
    assert_refused(tmp_path / "t1.nii.gz", r"t1\.nii\.gz: is a link to .*gone\.nii\.gz, which does not exist")


def test_a_link_to_an_image_is_read(tmp_path):
    sitk.WriteImage(sitk.GetImageFromArray(np.ones((4, 5, 6), np.int16)), str(tmp_path / "real.nii.gz"))
    (tmp_path / "t1.nii.gz").symlink_to("real.nii.gz")
    assert read_volume(tmp_path / "t1.nii.gz").source == str(tmp_path / "t1.nii.gz")


def test_a_link_that_leads_back_to_itself_is_told(tmp_path):
    (tmp_path / "a.nii").symlink_to(tmp_path / "a.nii")
    assert_refused(tmp_path / "a.nii", "is a link that leads back to itself")


def test_a_name_of_other_bytes_than_utf8_is_told_in_letters_that_can_be_printed(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff_t1.nii.gz")
    path.write_bytes(b"something")
    assert_refused(path, r"\\xff_t1\.nii\.gz: its path holds bytes that are no UTF-8; rename")


def test_a_name_that_is_too_long_is_told(tmp_path):
    assert_refused(tmp_path / f"{'x' * 260}.nii", "the name is too long")
    with pytest.raises(InputError, match="name is too long"), opened(tmp_path / f"{'x' * 260}.nii"):
        pass


@pytest.mark.parametrize("path", ["file/t1.nii", "gone/t1.nii"])
def test_a_folder_on_the_way_that_is_none_is_told(tmp_path, path):
    (tmp_path / "file").write_text("x")
    assert_refused(tmp_path / path, "no such file")


def test_what_may_not_be_read_is_not_called_missing(tmp_path, monkeypatch):
    path = tmp_path / "t1.nii.gz"
    path.write_bytes(b"x")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        assert_refused(path, "may not be read; check who may read it and its folders")
    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", refuse)
        with pytest.raises(InputError, match="may not be read; check who may read it"):
            require_image_file(path)


def test_an_error_of_the_disk_while_reading_names_the_file(tmp_path):
    (tmp_path / "a.nii").write_bytes(b"x")
    with pytest.raises(InputError, match=r"a\.nii: cannot be read \(Input/output error\)"), opened(tmp_path / "a.nii"):
        raise OSError(5, "Input/output error")


def dicom(path: Path) -> Path:
    path.write_bytes(bytes(128) + b"DICM" + bytes(40))
    return path


def test_dicom_is_named_as_such(tmp_path):
    assert_refused(dicom(tmp_path / "IM0001"), "is a DICOM file; convert the series to NIfTI first")
    assert_refused(dicom(tmp_path / "IM0002.dcm"), "is a DICOM file; convert the series to NIfTI first")
    assert_refused(tmp_path, "is a folder of DICOM files, which segment --dicom takes as a whole study")


def test_another_folder_or_file_is_named_as_such(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    assert_refused(tmp_path, r"is a folder; give an image file \(\.nii\.gz")
    assert_refused(tmp_path / "notes.txt", r"is not an image that can be read; give one of \.nii\.gz")


def test_the_images_of_a_folder_are_listed_with_links_that_lead_nowhere(tmp_path):
    for name in ("b.nii", "a.NII.GZ", ".hidden.nii", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.nii").mkdir()
    (tmp_path / "gone.nrrd").symlink_to("nowhere.nrrd")
    (tmp_path / "loop.mha").symlink_to("loop.mha")
    assert [file.name for file in image_files(tmp_path)] == ["a.NII.GZ", "b.nii", "gone.nrrd", "loop.mha"]


def test_a_folder_that_cannot_be_listed_is_told_why(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    for name, fault in (("gone", "no such folder"), ("file", "is a file, no folder")):
        with pytest.raises(InputError, match=rf"{name}: {fault}; give the folder that holds a case's four images"):
            image_files(tmp_path / name)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(InputError, match="may not be read; check who may read it and its folders"):
        image_files(tmp_path)
