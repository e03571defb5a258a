"""`braintumorvaeseg segment` on scans that need registration or a brain mask; both are stood in for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.rounding import as_written
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.core.wire import to_wire
from BrainTumorVAESegLib.images.reading import read_volume
from BrainTumorVAESegLib.images.writing import write_volume
from BrainTumorVAESegLib.preparation import aligning
from BrainTumorVAESegLib.preparation.registration import Fit
from movedheads import motion, moved

TRUE = motion(5.0, (4.0, -6.0, 3.0))


@pytest.fixture
def clinical(phantom, tmp_path, monkeypatch) -> Path:
    """A case whose T2 moved, which registration will say."""
    folder = tmp_path / "P"
    folder.mkdir()
    for modality in MODALITIES:
        volume = phantom.study[modality]
        volume = moved(volume, TRUE) if modality is Modality.T2 else volume
        write_volume(volume, folder / f"P_{modality.value.lower()}.nii.gz")
    monkeypatch.setattr(aligning, "register", lambda *_: Fit(TRUE, 0.4, 0.7))
    return folder


def test_the_transform_is_written_and_the_registration_told(command, clinical, out):
    outcome = command("segment", clinical, "--out", out)
    assert outcome.code == 0, outcome.err
    written, point = sitk.ReadTransform(str(out / "P_T2-to-T1ce.tfm")), np.array([[10.0, -20.0, 30.0]])
    assert np.allclose(written.TransformPoint(point[0].tolist()), TRUE.points(point)[0], atol=1e-5)
    summary = json.loads((out / "P.json").read_text())
    assert summary["transforms"] == {"T2": "P_T2-to-T1ce.tfm"}
    alignment = summary["preparation"]["alignments"]["T2"]
    assert alignment["outcome"] == "registered"
    assert alignment["transform"] == to_wire(TRUE), "it is applied again by inspect and report, so it is exact"
    assert to_wire(TRUE) != as_written(to_wire(TRUE))
    row = next(line for line in outcome.out.splitlines() if line.split()[:2] == ["T2", "moved"])
    assert "5.0" in row and "0.400" in row and "0.700" in row
    assert "register T2" in outcome.err


def test_registration_can_be_left_out(command, clinical, out):
    outcome = command("segment", clinical, "--register", "off", "--out", out)
    assert outcome.code == 0 and not list(out.glob("*.tfm"))
    assert "another than that of T1ce" in outcome.out


def test_the_answer_is_given_on_the_grids_that_are_asked_for(command, clinical, out):
    outcome = command("segment", clinical, "--grids", "T2", "--probabilities", "--maps", "uncertainty", "--out", out)
    assert outcome.code == 0, outcome.err
    grid = read_volume(clinical / "P_t2.nii.gz").geometry
    names = ["P_seg-on-T2.nii.gz", "P_probabilities-on-T2.nii.gz", "P_uncertainty-on-T2.nii.gz"]
    assert json.loads((out / "P.json").read_text())["on_grids"] == {"T2": names}
    assert read_volume(out / names[0]).geometry.same_grid(grid)
    assert read_volume(out / names[2]).geometry.same_grid(grid)
    both = read_volume(out / names[0]).array > 0, read_volume(clinical / "P_t2.nii.gz").array != 0
    assert 2 * np.count_nonzero(both[0] & both[1]) / (both[0].sum() + both[1].sum()) > 0.9


def test_a_mask_that_is_given_bounds_the_answer_and_is_told(command, case, phantom, out, tmp_path):
    grid = phantom.study.reference_volume.geometry
    array = (phantom.study.reference_volume.array != 0).astype(np.uint8)
    array[: array.shape[0] // 2] = 0
    write_volume(Volume(array, grid), tmp_path / "brain.nii.gz")
    outcome = command("segment", case, "--brain", tmp_path / "brain.nii.gz", "--out", out)
    assert outcome.code == 0, outcome.err
    labels = read_volume(out / "PATIENT-1_seg.nii.gz").array
    assert np.array_equal(labels > 0, array > 0)
    assert np.array_equal(read_volume(out / "PATIENT-1_brain.nii.gz").array, array)
    assert "mask by given" in outcome.out


@pytest.mark.parametrize(("change", "words"), [("empty", "is empty"), ("grid", "lies on another grid")])
def test_a_mask_that_will_not_do_is_named_and_nothing_is_written(command, case, phantom, out, tmp_path, change, words):
    volume = phantom.study.reference_volume
    mask = Volume((volume.array != 0).astype(np.uint8), volume.geometry)
    mask = (
        replace(mask, array=np.zeros_like(mask.array))
        if change == "empty"
        else replace(mask, geometry=replace(mask.geometry, origin=(9.0, 9.0, 9.0)))
    )
    write_volume(mask, tmp_path / "brain.nii.gz")
    outcome = command("segment", case, "--brain", tmp_path / "brain.nii.gz", "--out", out)
    assert outcome.code == 3 and words in outcome.error and str(tmp_path / "brain.nii.gz") in outcome.error
    assert not out.exists() or list(out.iterdir()) == []


def test_a_file_that_may_be_written_and_exists_is_not_replaced_unasked(command, clinical, out):
    out.mkdir(parents=True)
    (out / "P_T2-to-T1ce.tfm").write_text("mine")
    outcome = command("segment", clinical, "--out", out)
    assert outcome.code == 7 and "P_T2-to-T1ce.tfm: exists already" in outcome.error
    assert (out / "P_T2-to-T1ce.tfm").read_text() == "mine"
    assert command("segment", clinical, "--out", out, "--overwrite").code == 0


def test_a_transform_of_an_earlier_run_does_not_stay_beside_an_answer_without_it(command, clinical, out):
    assert command("segment", clinical, "--out", out).code == 0
    (out / "notes.tfm").write_text("mine")
    assert command("segment", clinical, "--register", "off", "--out", out, "--overwrite").code == 0
    assert [path.name for path in out.glob("*.tfm")] == ["notes.tfm"]


def test_a_grid_of_no_modality_is_refused(command, case, out):
    outcome = command("segment", case, "--grids", "T2,PD", "--out", out)
    assert outcome.code == 2 and "'PD' is no modality" in outcome.err
