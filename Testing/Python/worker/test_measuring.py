"""Measures by the worker: of what it has just segmented, and of labels that a person edited."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.answers import Measured
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.requests import Measure, Segment, VolumeFile
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.measures.measuring import measure
from BrainTumorVAESegLib.worker.answering import Answerer


@pytest.fixture
def answerer() -> Answerer:
    return Answerer(lambda progress: None)


@pytest.fixture
def edited(study, tmp_path) -> tuple[np.ndarray, str]:
    """Labels with one block of enhancing tumor on the left, and their file."""
    labels = np.zeros(study.reference_volume.array.shape, np.uint8)
    labels[20:26, 20:32, 24:36] = 3
    np.save(tmp_path / "edited.npy", labels)
    return labels, str(tmp_path / "edited.npy")


def test_a_segmentation_brings_its_measures(answerer, files, study, tiny, tmp_path):
    told = answerer.answer(Segment(files, str(tiny.folder), str(tmp_path / "labels.npy"), "cpu", force=True, id=5))
    segmentation = Segmentation(np.load(told.labels), study.reference_volume.geometry)
    assert told.measures == measure(segmentation, study.reference_volume.array != 0)
    assert told.measures.volumes_ml == told.volumes_ml
    assert "measure" in told.timings


def test_labels_are_measured_anew_on_their_grid(answerer, files, study, edited):
    labels, file = edited
    told = answerer.answer(Measure(files, file, id=3))
    geometry = study.reference_volume.geometry
    assert told == Measured(3, measure(Segmentation(labels, geometry), study.reference_volume.array != 0))
    (lesion,) = told.measures.enhancing.lesions
    assert lesion.volume_ml == pytest.approx(6 * 12 * 12 * geometry.voxel_volume)
    assert lesion.side is not None


def test_a_brain_mask_that_is_given_tells_the_sides(answerer, files, study, edited, tmp_path):
    half = study.reference_volume.array != 0
    half[:, :, half.shape[2] // 2 :] = False
    np.save(tmp_path / "brain.npy", half.astype(np.uint8))
    grid = files.volumes[Modality.T1CE].geometry
    brain = VolumeFile(str(tmp_path / "brain.npy"), grid, "mask")
    told = answerer.answer(Measure(replace(files, brain=brain), edited[1]))
    assert told.measures == measure(Segmentation(edited[0], grid), half)
    assert told.measures != answerer.answer(Measure(files, edited[1])).measures


def test_a_mask_of_another_grid_is_named(answerer, files, edited, study, tmp_path):
    np.save(tmp_path / "brain.npy", (study.reference_volume.array != 0).astype(np.uint8))
    moved = replace(files.volumes[Modality.T1CE].geometry, origin=(9.0, 9.0, 9.0))
    with pytest.raises(InputError, match="mask: the brain mask lies on another grid"):
        answerer.answer(
            Measure(replace(files, brain=VolumeFile(str(tmp_path / "brain.npy"), moved, "mask")), edited[1])
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda labels: labels[:9], "does not fit its grid"),
        (lambda labels: labels.astype(np.float32), "no labels"),
        (lambda labels: np.where(labels > 0, 7, 0).astype(np.uint8), "no labels"),
    ],
    ids=["another size", "another kind", "another value"],
)
def test_what_is_no_labels_is_refused(answerer, files, edited, change, words):
    labels, file = edited
    np.save(file, change(labels))
    with pytest.raises(InputError, match=words):
        answerer.answer(Measure(files, file))


def test_the_process_measures_without_torch(start_worker, files, edited):
    worker = start_worker()
    assert isinstance(worker.ask(Measure(files, edited[1], id=1)), Measured)
