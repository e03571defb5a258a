"""Stored results and what they were made from: images by name and hash, with transforms and brain mask."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.cli.support.stored import read_stored_study, stored_options
from BrainTumorVAESegLib.cohort.summary import describe_images
from BrainTumorVAESegLib.core.choices import Shading
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.preparation import Alignment, Outcome, Prepared
from BrainTumorVAESegLib.core.transform import Transform
from BrainTumorVAESegLib.core.wire import to_wire
from BrainTumorVAESegLib.images.writing import write_volume


@pytest.fixture
def stored(case: Path) -> dict[str, Any]:
    files = {m: case / f"PATIENT-1_{m.value.lower()}.nii.gz" for m in Modality}
    return {"name": "PATIENT-1", "reference": "T1ce", "images": describe_images(files)}


def test_images_come_back_as_they_lay_when_they_were_segmented(stored, case: Path, phantom, tmp_path: Path) -> None:
    matrix = np.eye(4)
    matrix[:3, 3] = (3.0, -4.0, 5.0)
    aligned = Alignment(Outcome.REGISTERED, 0.1, 0.2, 7.1, 0.0, Transform.of(matrix))
    reference = phantom.study.reference_volume
    write_volume(replace(reference, array=(reference.array != 0).astype(np.uint8)), tmp_path / "brain.nii.gz")
    prepared = Prepared({Modality.T2: aligned}, "HD-BET", 900.0)
    told = {**stored, "preparation": to_wire(prepared), "brain_mask": "../brain.nii.gz"}
    study, patient = read_stored_study(tmp_path / "PATIENT-1.json", told, case, ())
    assert patient is None and study.transforms == {Modality.T2: aligned.transform}
    there = np.asarray(study.volumes[Modality.T2].geometry.origin)
    assert study[Modality.T2].geometry.origin == pytest.approx(there - (3, -4, 5), abs=1e-4)
    assert study.brain is not None and (study.brain.array == (reference.array != 0)).all()


def test_a_result_without_preparation_or_a_damaged_one(stored, case: Path, tmp_path: Path) -> None:
    study, _ = read_stored_study(tmp_path / "PATIENT-1.json", stored, case, ())
    assert study.transforms == {} and study.brain is None and study.reference is Modality.T1CE
    with pytest.raises(InputError, match=r"PATIENT-1\.json: is damaged \(preparation has no X\); segment"):
        read_stored_study(tmp_path / "PATIENT-1.json", {**stored, "preparation": {"X": 1}}, case, ())


@pytest.mark.parametrize("shading", Shading)
def test_a_stored_result_is_looked_into_as_it_was_segmented(stored, tmp_path: Path, shading: Shading) -> None:
    told = {**stored, "preparation": to_wire(Prepared(shading=shading))}
    options = stored_options(tmp_path / "PATIENT-1.json", told)
    assert options.shading is shading and not options.looks, "it was registered and stripped then"
    assert stored_options(tmp_path / "PATIENT-1.json", stored).shading is Shading.OFF
