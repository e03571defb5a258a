"""Changes of studies and their truths, and what a package's answers make of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.evaluation.changes import CHANGES, Change, choose_changes
from BrainTumorVAESegLib.evaluation.dice import dice, region_dice
from BrainTumorVAESegLib.images.itk import resample

BY_KEY: Mapping[str, Change] = {change.key: change for change in CHANGES}


def arrays_of(study: Study, truth: Volume) -> list[np.ndarray]:
    return [*(study[modality].array for modality in study), truth.array]


@pytest.mark.parametrize("key", BY_KEY)
def test_the_same_is_made_each_time_and_what_was_given_stays(small_study: Study, truth: Volume, key: str) -> None:
    before = [array.copy() for array in arrays_of(small_study, truth)]
    np.random.seed(1)
    first = BY_KEY[key].apply(small_study, truth)
    np.random.seed(2)
    second = BY_KEY[key].apply(small_study, truth)
    for one, other in zip(arrays_of(*first), arrays_of(*second), strict=True):
        assert np.array_equal(one, other)
    for array, old in zip(arrays_of(small_study, truth), before, strict=True):
        assert np.array_equal(array, old)


@pytest.mark.parametrize("key", BY_KEY)
def test_every_volume_and_the_truth_end_on_one_grid(small_study: Study, truth: Volume, key: str) -> None:
    changed, moved = BY_KEY[key].apply(small_study, truth)
    assert moved.array.dtype == np.uint8
    assert changed.reference == small_study.reference
    assert all(changed[modality].geometry == moved.geometry for modality in changed)


def test_volumes_on_other_grids_are_changed_on_their_own(patient, make_grid, small_grid: Geometry) -> None:
    other = make_grid((50, 56, 76), (3.2, 3.4, 2.1))
    study = patient.study({m: other if m is Modality.FLAIR else small_grid for m in MODALITIES})
    truth = Volume(patient.labels(small_grid), small_grid)
    for change in CHANGES:
        changed, moved = change.apply(study, truth)
        assert changed[Modality.T1].geometry == moved.geometry
        flair = changed[Modality.FLAIR]
        there = resample(flair.array != 0, flair.geometry, moved.geometry, nearest=True)
        assert {3.2, 3.4} < set(flair.geometry.spacing)
        assert dice(there, changed[Modality.T1].array != 0) > 0.96, f"{change.key}: no longer in one place"


def test_what_another_grid_alone_shows_is_brain_too(patient, make_grid, small_grid: Geometry) -> None:
    other = make_grid((50, 56, 76), (3.2, 3.4, 2.1))
    study = patient.study({m: other if m is Modality.FLAIR else small_grid for m in MODALITIES})
    volumes = {m: replace(v, array=v.array.copy()) for m, v in study.volumes.items()}
    hole = (slice(28, 34), slice(36, 42), slice(30, 36))
    for modality in (Modality.T1, Modality.T1CE, Modality.T2):
        volumes[modality].array[hole] = 0
    changed, _ = BY_KEY["noise"].apply(replace(study, volumes=volumes), Volume(patient.labels(small_grid), small_grid))
    assert (changed[Modality.T1].array[hole] != 0).all()


def of_labels(study: Study, truth: Volume) -> Study:
    """Return a study whose T1 shows the tumor alone."""
    tumor = replace(study[Modality.T1], array=(truth.array > 0).astype(np.int16) * 100)
    return replace(study, volumes={**study.volumes, Modality.T1: tumor})


@pytest.mark.parametrize(
    ("key", "least"),
    [("slices-3mm", 1), ("slices-5mm", 1), ("shifted", 1), ("rotated-15", 0.95), ("sagittal-storage", 1)],
)
def test_the_truth_goes_where_the_images_go(small_study: Study, truth: Volume, key: str, least: float) -> None:
    changed, moved = BY_KEY[key].apply(of_labels(small_study, truth), truth)
    assert not moved.geometry.same_grid(truth.geometry) or not np.array_equal(moved.array, truth.array)
    assert region_dice((changed[Modality.T1].array != 0) * 3, (moved.array > 0) * 3)["WT"] >= least


def test_changes_are_chosen_by_key_and_the_unchanged_comes_first() -> None:
    assert choose_changes() == CHANGES
    assert [change.key for change in choose_changes(("noise", "bias"))] == ["unchanged", "bias", "noise"]
    assert len(BY_KEY) == len(CHANGES) == 12
    with pytest.raises(InputError, match="'blur' is no change") as caught:
        choose_changes(("noise", "blur"))
    assert all(key in str(caught.value) for key in BY_KEY)
