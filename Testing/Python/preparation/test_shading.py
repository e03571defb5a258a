from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.preparation.shading import shaded, side_slope, unshade
from BrainTumorVAESegLib.preparation.statistics import measure


@pytest.fixture(scope="module")
def small_grid(make_grid):
    """A grid of 5 mm, on which N4 is quick."""
    return make_grid((34, 40, 32), (5.0, 5.0, 5.0))


@pytest.fixture(scope="module")
def even(patient, small_grid):
    """A study whose brightness does not change from side to side, but for texture."""
    brain = patient.brain(small_grid)
    x, y, z = patient.places(small_grid)
    values = 600 + y + 60 * np.sin(y / 9) * np.cos(z / 8) + 40 * np.cos(x / 7)
    volume = Volume(np.where(brain, values, 0).astype(np.float32), small_grid)
    return Study({modality: volume for modality in (Modality.T1, Modality.T1CE)})


def with_field(study: Study, places: np.ndarray, per_80_mm: float) -> Study:
    field = np.exp(per_80_mm * places[0] / 80)
    return replace(study, volumes={m: replace(v, array=v.array * field) for m, v in study.volumes.items()})


def test_an_even_image_has_no_slope_and_is_not_found(even):
    statistics = measure(even)
    assert abs(side_slope(statistics[Modality.T1])) < 0.02
    assert list(shaded(even, statistics)) == []


@pytest.mark.parametrize(("slope", "side"), [(0.3, "left"), (-0.3, "right")])
def test_strong_shading_is_found_with_its_side_and_amount(even, patient, small_grid, slope, side):
    study = with_field(even, patient.places(small_grid), slope)
    statistics = measure(study)
    assert side_slope(statistics[Modality.T1]) == pytest.approx(slope, abs=0.03)
    findings = list(shaded(study, statistics))
    assert [finding.modality for finding in findings] == [Modality.T1, Modality.T1CE]
    assert f"on the patient's {side}" in findings[0].message and "about 6" in findings[0].message


def test_a_bright_tumor_on_one_side_is_no_shading(even, patient, small_grid):
    distance = np.linalg.norm(patient.places(small_grid) - np.array([35.0, 0.0, 10.0])[:, None, None, None], axis=0)
    study = replace(
        even,
        volumes={m: replace(v, array=np.where(distance < 20, 2.5 * v.array, v.array)) for m, v in even.volumes.items()},
    )
    assert list(shaded(study, measure(study))) == []


def test_too_few_points_are_not_judged(even):
    few = replace(even.reference_volume, array=even.reference_volume.array * (np.arange(32) < 6)[:, None, None])
    assert side_slope(measure(Study({Modality.T1CE: few}))[Modality.T1CE]) is None


def test_n4_takes_most_of_a_field_away_and_leaves_the_outside(even, patient, small_grid):
    study = with_field(even, patient.places(small_grid), 0.3)
    corrected = unshade(study.reference_volume)
    assert corrected.array.dtype == np.float32
    assert np.array_equal(corrected.array == 0, study.reference_volume.array == 0)
    after = side_slope(measure(Study({Modality.T1CE: corrected}))[Modality.T1CE])
    assert abs(after) < 0.1


def test_n4_looks_at_the_mask_alone(even, patient, small_grid):
    brain = Volume(patient.brain(small_grid), small_grid)
    head = replace(even.reference_volume, array=np.where(brain.array, even.reference_volume.array, 9000.0))
    alone, masked = unshade(even.reference_volume), unshade(head, brain)
    inside = brain.array
    assert np.corrcoef(alone.array[inside], masked.array[inside])[0, 1] > 0.98
