"""A case that a person points at: a folder, a file of frames, numbered files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from BrainTumorVAESegLib.cases.sources import find_case
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.images.imagefile import ImageFile

ORDER = (Modality.FLAIR, Modality.T1, Modality.T1CE, Modality.T2)
CHANNELS = {"0": "FLAIR", "1": "T1w", "2": "t1gd", "3": "T2w"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of images of two cases by nnU-Net's names, and one file of four frames; empty files."""
    folder = tmp_path / "imagesTs"
    folder.mkdir()
    for name in ("T1_001", "T1_002"):
        for number in range(4):
            (folder / f"{name}_{number:04d}.nii.gz").write_bytes(b"x")
    (tmp_path / "frames.nii.gz").write_bytes(b"x")
    return tmp_path


def test_a_case_of_nnunet_is_told_by_the_table_above_its_folder(data):
    (data / "dataset.json").write_text(json.dumps({"channel_names": CHANNELS}))
    found = find_case(data / "imagesTs" / "T1_001")
    assert found.name == "T1_001"
    assert found.images == {m: data / f"imagesTs/T1_001_{n:04d}.nii.gz" for n, m in enumerate(ORDER)}
    assert found.order == "T1_001: frames 0 FLAIR, 1 T1, 2 T1ce, 3 T2, by dataset.json"
    with pytest.raises(InputError, match=r"holds 2 cases; give one of them, such as .*imagesTs.T1_001\."):
        find_case(data / "imagesTs")
    for number in range(4):
        (data / f"imagesTs/T1_002_{number:04d}.nii.gz").unlink()
    assert find_case(data / "imagesTs").images == found.images, "a folder of one case needs no name"


def test_the_frames_of_one_file_are_told_by_a_table_or_by_the_person(data):
    path = data / "frames.nii.gz"
    with pytest.raises(InputError, match=r"nothing tells which frame is which; give --frames"):
        find_case(path)
    given = find_case(path, frames=MODALITIES)
    assert given.images == {m: ImageFile(path, n) for n, m in enumerate(MODALITIES)}
    assert given.name == "frames" and given.order.endswith("0 T1, 1 T1ce, 2 T2, 3 FLAIR, as given")
    (data / "dataset.json").write_text(json.dumps({"modality": CHANNELS}))
    assert find_case(path).images == {m: ImageFile(path, n) for n, m in enumerate(ORDER)}
    assert find_case(path, frames=MODALITIES).images == given.images, "a person's word goes first"
    with pytest.raises(InputError, match=r"FLAIR missing"):
        find_case(path, frames=MODALITIES[:3])


def test_what_is_no_case_says_so(data):
    with pytest.raises(InputError, match="no such folder"):
        find_case(data / "gone")
    (data / "dataset.json").write_text("{")
    with pytest.raises(InputError, match=r"dataset\.json: cannot be read"):
        find_case(data / "frames.nii.gz")
