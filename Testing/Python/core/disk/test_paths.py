from __future__ import annotations

import os
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.disk.paths import path_fault, require_output_path
from BrainTumorVAESegLib.core.errors import OutputError


@pytest.mark.parametrize("path", ["a.nii", "Müller/患者 t1.nii.gz", "x" * 255, f"{'x' * 255}/{'y' * 255}/z"])
def test_a_path_that_a_file_can_have_is_fit(path):
    assert path_fault(Path(path)) is None


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        (os.fsdecode(b"case/\xfft1.nii"), "no UTF-8; rename"),
        (os.fsdecode(b"\xe9t\xe9/t1.nii"), "no UTF-8; rename"),
        ("x" * 256, "too long; choose a shorter"),
        (f"{'ü' * 128}/a", "too long; choose a shorter"),
        ("a\0b", "zero character"),
    ],
)
def test_a_path_that_no_file_should_have_is_told_why(tmp_path, path, reason):
    assert reason in str(path_fault(Path(path)))
    with pytest.raises(OutputError, match=reason) as caught:
        require_output_path(tmp_path / path)
    assert str(caught.value).isprintable()


def test_an_output_may_lie_in_folders_that_are_not_there_yet(tmp_path):
    require_output_path(tmp_path / "new/newer/a.nii.gz")
    assert list(tmp_path.iterdir()) == []


def test_an_outputs_name_leaves_room_for_the_name_it_is_written_under(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        require_output_path(tmp_path / ("x" * 250))


def test_a_link_that_leads_back_to_itself_is_told(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    for path in (tmp_path / "a", tmp_path / "a/out/x.nii"):
        with pytest.raises(OutputError, match="a link on its path leads back to itself; choose another folder"):
            require_output_path(path)


def test_a_file_for_a_folder_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="a part of its path is a file, not a folder"):
        require_output_path(tmp_path / "file/x.nii")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whom nothing is forbidden may enter any folder")
def test_a_folder_that_may_not_be_entered_is_told(tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0)
    try:
        with pytest.raises(OutputError, match="a folder on its path may not be entered"):
            require_output_path(locked / "x.nii")
    finally:
        locked.chmod(0o700)


def test_an_unknown_refusal_of_the_system_is_passed_on(tmp_path, monkeypatch):
    def refuse(path: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "stat", refuse)
    with pytest.raises(OutputError, match="a folder on its path may not be entered"):
        require_output_path(tmp_path / "x.nii")
