from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.findings import Severity
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.preparation import Outcome
from BrainTumorVAESegLib.core.transform import Transform
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.preparation import aligning
from BrainTumorVAESegLib.preparation.aligning import align, findings_of, misaligned, needs_registration
from BrainTumorVAESegLib.preparation.registration import Fit
from BrainTumorVAESegLib.preparation.statistics import measure
from findingstudies import with_volume
from movedheads import motion, with_moved, with_skull

TRUE = motion(8.0, (6.0, -9.0, 5.0))


@pytest.fixture
def fitted(monkeypatch):
    """Let registration find what a test says."""

    def let(fit: Fit | None) -> None:
        monkeypatch.setattr(aligning, "register", lambda *_: fit)

    return let


def test_stripped_volumes_of_one_grid_and_brain_need_no_registration(small_study):
    assert needs_registration(small_study, measure(small_study)) == ()


def test_a_volume_on_another_grid_needs_it(small_study):
    study = with_moved(small_study, Modality.T2, TRUE)
    assert needs_registration(study, measure(study)) == (Modality.T2,)


def test_a_volume_whose_brain_lies_elsewhere_on_the_same_grid_needs_it(small_study):
    shifted = replace(small_study[Modality.T1], array=np.roll(small_study[Modality.T1].array, 3, axis=1))
    study = Study({**small_study.volumes, Modality.T1: shifted})
    assert needs_registration(study, measure(study)) == (Modality.T1,)


def test_heads_need_it_since_their_outline_proves_nothing(small_study, patient, small_grid):
    heads = with_skull(small_study, patient.half_axes, patient.places(small_grid))
    assert needs_registration(heads, measure(heads)) == (Modality.T1, Modality.T2, Modality.FLAIR)


def test_an_image_that_holds_nothing_is_not_registered(small_study):
    empty = replace(small_study[Modality.T1], array=np.zeros_like(small_study[Modality.T1].array))
    study = Study({**small_study.volumes, Modality.T1: empty})
    assert Modality.T1 not in needs_registration(study, measure(study))


def test_a_registered_volume_lies_where_the_transform_says(small_study, fitted):
    fitted(Fit(TRUE, 0.5, 0.8))
    told: list[str] = []
    study, alignments = align(with_moved(small_study, Modality.T2, TRUE), (Modality.T2,), tell=told.append)
    assert told == ["register T2"]
    assert study.transforms == {Modality.T2: TRUE}
    assert study[Modality.T2].geometry.same_grid(small_study.reference_volume.geometry)
    assert study.volumes[Modality.T2].geometry != study[Modality.T2].geometry
    found = alignments[Modality.T2]
    assert found.outcome is Outcome.REGISTERED and found.turned_degrees == pytest.approx(8)
    assert 8 < found.moved_mm < 20


@pytest.mark.parametrize(
    ("fit", "outcome"),
    [
        (Fit(motion(0.0, (0.3, 0.2, 0.1)), 0.5, 0.6), Outcome.ALIGNED),
        (Fit(TRUE, 0.5, 0.502), Outcome.KEPT),
        (Fit(TRUE, 0.5, 0.3), Outcome.KEPT),
        (None, Outcome.KEPT),
    ],
)
def test_a_transform_that_gains_nothing_is_left_and_that_is_said(small_study, fitted, fit, outcome):
    fitted(fit)
    study, alignments = align(small_study, (Modality.T2,))
    assert study.transforms == {} and alignments[Modality.T2].outcome is outcome
    [finding] = findings_of(alignments, study)
    expected = Severity.NOTE if outcome is Outcome.ALIGNED else Severity.WARNING
    assert finding.severity is expected and finding.modality is Modality.T2


def test_a_move_farther_than_between_two_series_is_warned_of(small_study, fitted):
    fitted(Fit(motion(0.0, (0.0, 0.0, 200.0)), 0.0, 0.8))
    study, alignments = align(small_study, (Modality.T2,))
    [finding] = findings_of(alignments, study)
    assert finding.severity is Severity.WARNING and "of one examination" in str(finding)


def test_heads_that_are_not_to_be_registered_are_warned_of_where_they_lie_elsewhere(small_study, fitted):
    fitted(Fit(TRUE, 0.5, 0.8))
    _, alignments = align(small_study, (Modality.T2,))
    [finding] = misaligned(alignments, small_study)
    assert finding.code == "misaligned" and "turned by 8.0 degrees" in finding.message


@pytest.mark.parametrize("say", [findings_of, misaligned])
def test_what_is_said_names_the_file_without_the_folders_that_patients_are_called_after(small_study, fitted, say):
    fitted(Fit(TRUE, 0.5, 0.8))
    volume = replace(small_study[Modality.T2], source="/data/JANE DOE/scan/t2.nii.gz")
    study = with_volume(small_study, Modality.T2, volume)
    _, alignments = align(study, (Modality.T2,))
    assert [finding.source for finding in say(alignments, study)] == ["scan/t2.nii.gz"]


def test_the_reference_itself_is_never_registered(small_study):
    volume = Volume(small_study[Modality.T1].array, small_study[Modality.T1].geometry)
    with pytest.raises(Exception, match="Only volumes"):
        Study({Modality.T1CE: volume}, transforms={Modality.T1CE: Transform()})
