"""The key of a case's contents: what changes it, and what does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from BrainTumorVAESegLib.cases.labelled import LabelledCase
from BrainTumorVAESegLib.core.errors import InputError, OutputError
from BrainTumorVAESegLib.core.labels import LabelConvention
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.images.imagefile import ImageFile
from BrainTumorVAESegLib.training.data.contents import content_key


@pytest.fixture
def case(tmp_path) -> LabelledCase:
    images = {}
    for modality in MODALITIES:
        images[modality] = tmp_path / f"{modality}.nii.gz"
        images[modality].write_text(f"the {modality}")
    (tmp_path / "seg.nii.gz").write_text("the truth")
    (tmp_path / "memory").mkdir()
    return LabelledCase("case1", tmp_path, images, tmp_path / "seg.nii.gz")


@pytest.fixture
def memory(tmp_path) -> Path:
    return tmp_path / "memory"


def test_neither_name_nor_patient_nor_path_changes_the_key(case, memory):
    moved = case.images[Modality.T2].rename(case.folder / "elsewhere.nii.gz")
    other = replace(case, name="x", patient="y", images={**case.images, Modality.T2: moved})
    key = content_key(other, memory)
    moved.rename(case.images[Modality.T2])
    assert content_key(case, memory) == key and len(key) == 64


def test_frame_convention_and_order_change_the_key(case, memory):
    t1, t2 = case.images[Modality.T1], case.images[Modality.T2]
    keys = [
        content_key(case, memory),
        content_key(replace(case, convention=LabelConvention.MSD), memory),
        content_key(replace(case, images={**case.images, Modality.T1: ImageFile(t1, 1)}), memory),
        content_key(replace(case, images={**case.images, Modality.T1: t2, Modality.T2: t1}), memory),
    ]
    assert len(set(keys)) == 4


def test_a_change_of_as_many_bytes_is_seen_by_its_time(case, memory):
    key = content_key(case, memory)
    case.segmentation.write_text("THE TRUTH")
    assert content_key(case, memory) != key


def test_a_missing_file_is_named(case, memory):
    case.images[Modality.FLAIR].unlink()
    with pytest.raises(InputError, match=r"FLAIR\.nii\.gz: cannot be read \(No such file or directory\)"):
        content_key(case, memory)


def test_a_memory_that_cannot_be_written_is_named(case, memory):
    with pytest.raises(OutputError, match="gone"):
        content_key(case, memory / "gone")
