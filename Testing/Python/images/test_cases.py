from __future__ import annotations

from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.images.cases import discover_cases

FILES = ("t1", "t1ce", "t2", "flair", "seg")


def make_case(folder: Path, name: str, files: tuple[str, ...] = FILES) -> Path:
    place = folder / name
    place.mkdir(parents=True)
    for file in files:
        (place / f"{name}_{file}.nii.gz").write_bytes(b"x")
    return place


def test_each_subfolder_is_a_case_with_its_images_and_truth(tmp_path):
    for name in ("b", "a", ".hidden"):
        make_case(tmp_path, name)
    (tmp_path / "notes.txt").write_text("x")
    cases = discover_cases(tmp_path)
    assert [case.name for case in cases] == ["a", "b"]
    assert cases[0].segmentation == tmp_path / "a" / "a_seg.nii.gz"
    assert {m: path.name for m, path in cases[0].images.items()} == {
        m: f"a_{file}.nii.gz" for m, file in zip(MODALITIES, FILES, strict=False)
    }


def test_every_case_at_fault_is_named_at_once(tmp_path):
    make_case(tmp_path, "whole")
    make_case(tmp_path, "blind", FILES[:4])
    make_case(tmp_path, "lame", FILES[1:])
    with pytest.raises(
        InputError, match=r"2 of 3 cases cannot be used.*blind: no segmentation.*lame: no file looks like T1"
    ):
        discover_cases(tmp_path)


def test_a_folder_without_cases_says_so(tmp_path):
    with pytest.raises(InputError, match="holds no case"):
        discover_cases(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        discover_cases(tmp_path / "gone")


def test_the_real_training_cases_are_all_found(data_folder):
    assert len(discover_cases(data_folder / "train")) == 32
