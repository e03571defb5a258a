from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import DependencyError
from BrainTumorVAESegLib.core.findings import Finding, Severity
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.preparation import (
    Alignment,
    Needs,
    Outcome,
    PreparationOptions,
    Prepared,
    Register,
    Strip,
)
from BrainTumorVAESegLib.core.settings import Preprocessing
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.preparation import aligning, readying
from BrainTumorVAESegLib.preparation.checks import check
from BrainTumorVAESegLib.preparation.extracting import BrainExtractor
from BrainTumorVAESegLib.preparation.masking import brain_of
from BrainTumorVAESegLib.preparation.preparing import prepare
from BrainTumorVAESegLib.preparation.readying import find_needs, make_ready, unsettled
from BrainTumorVAESegLib.preparation.registration import Fit
from movedheads import motion, with_moved, with_skull

TRUE = motion(8.0, (6.0, -9.0, 5.0))
ALL = PreparationOptions()


@pytest.fixture(scope="module")
def heads(small_study, patient, small_grid):
    return with_skull(small_study, patient.half_axes, patient.places(small_grid))


@pytest.fixture
def extractor(monkeypatch, patient, small_grid):
    """Let the true brain be found where a brain is looked for."""
    found = BrainExtractor("A stand-in", lambda *_: patient.brain(small_grid))
    monkeypatch.setattr(readying, "choose_extractor", lambda how: found)


@pytest.fixture
def fits(monkeypatch):
    """Let registration find the true motion of what lies elsewhere, without computing."""

    def register(fixed, region, moving, affine):
        there = moving.geometry.same_grid(fixed.geometry)
        return Fit(motion(0.0, (0.1, 0.0, 0.0)) if there else TRUE, 0.5, 0.5 if there else 0.8)

    monkeypatch.setattr(aligning, "register", register)


def test_aligned_stripped_volumes_are_left_as_they_are(small_study):
    told: list[str] = []
    assert find_needs(small_study) == Needs()
    ready = make_ready(small_study, ALL, tell=told.append)
    assert ready.study is small_study and ready.prepared == Prepared() and told == []


def test_heads_get_a_mask_and_then_each_volumes_place(heads, extractor, fits, small_grid):
    told: list[str] = []
    ready = make_ready(with_moved(heads, Modality.T2, TRUE), ALL, tell=told.append)
    assert told == ["brain mask", "register T1", "register T2", "register FLAIR"]
    assert ready.prepared.mask == "A stand-in" and 1400 < ready.prepared.brain_ml < 1600
    outcomes = {modality: each.outcome for modality, each in ready.prepared.alignments.items()}
    assert outcomes == {
        Modality.T1: Outcome.ALIGNED, Modality.T2: Outcome.REGISTERED, Modality.FLAIR: Outcome.ALIGNED
    }  # fmt: skip
    assert set(ready.study.transforms) == {Modality.T2}
    assert [f.code for f in check(ready.study) if f.severity is Severity.ERROR] == []


def with_cut_edema(heads, patient, grid):
    """Heads with edema at the frontal pole, and the brain without it."""
    brain, places = patient.brain(grid), patient.places(grid)
    edema = brain & (places[1] < np.quantile(places[1][brain], 0.06))
    volumes = dict(heads.volumes)
    for modality, value in ((Modality.FLAIR, 3000), (Modality.T1, 60)):
        array = volumes[modality].array.copy()
        array[edema] = value
        volumes[modality] = replace(volumes[modality], array=array)
    return replace(heads, volumes=volumes), brain & (places[1] > np.quantile(places[1][brain], 0.02)), brain


def test_edema_that_the_mask_cut_off_comes_back_and_is_told(heads, fits, patient, small_grid, monkeypatch):
    edematous, cut, brain = with_cut_edema(heads, patient, small_grid)
    monkeypatch.setattr(readying, "choose_extractor", lambda how: BrainExtractor("A stand-in", lambda *_: cut))
    ready = make_ready(edematous, ALL)
    assert np.count_nonzero(brain_of(ready.study) & brain) > np.count_nonzero(cut) + 0.8 * np.count_nonzero(
        brain & ~cut
    )
    assert "mask_extended" in {finding.code for finding in ready.findings}
    ml = np.count_nonzero(brain_of(ready.study)) * small_grid.voxel_volume
    assert ready.prepared.brain_ml == pytest.approx(ml)


@pytest.mark.parametrize("register", [Register.AUTO, Register.OFF])
def test_a_mask_is_not_extended_by_images_that_lie_elsewhere(heads, fits, patient, small_grid, monkeypatch, register):
    edematous, cut, _ = with_cut_edema(heads, patient, small_grid)
    monkeypatch.setattr(readying, "choose_extractor", lambda how: BrainExtractor("A stand-in", lambda *_: cut))
    if register is Register.AUTO:
        monkeypatch.setattr(aligning, "register", lambda *_: None)
    ready = make_ready(with_moved(edematous, Modality.T2, TRUE), PreparationOptions(register))
    assert "mask_extended" not in {finding.code for finding in ready.findings}


def test_what_the_networks_read_of_heads_is_what_they_read_of_the_brains(small_study, heads, extractor, fits):
    ready = make_ready(with_moved(heads, Modality.T2, TRUE), ALL)
    settings = Preprocessing(spacing=2.5)
    plain, masked = (prepare(study, settings, MODALITIES) for study in (small_study, ready.study))
    assert masked.geometry.same_grid(plain.geometry) and np.array_equal(masked.brain, plain.brain)
    assert np.allclose(masked.images, plain.images, atol=0.05)


def test_a_mask_that_a_person_gives_is_used_and_none_is_made(heads, patient, small_grid, fits):
    given = replace(heads, brain=Volume(patient.brain(small_grid), small_grid))
    ready = make_ready(given, ALL)
    assert ready.prepared.mask == "given" and ready.study.brain is given.brain


def test_where_the_reference_came_stripped_its_brain_is_the_mask_of_the_others(small_study, heads, fits):
    study = replace(heads, volumes={**heads.volumes, Modality.T1CE: small_study[Modality.T1CE]})
    ready = make_ready(study, ALL)
    assert ready.prepared.mask == "T1ce"
    assert np.array_equal(ready.study.brain.array, small_study.reference_volume.array != 0)


def test_where_nothing_can_remove_the_skull_that_is_an_error(heads, monkeypatch):
    def missing(how):
        raise DependencyError("HD-BET is not installed.")

    monkeypatch.setattr(readying, "choose_extractor", missing)
    with pytest.raises(DependencyError):
        make_ready(heads, ALL)


def test_heads_that_are_not_to_be_registered_are_looked_at_all_the_same(heads, extractor, fits):
    ready = make_ready(with_moved(heads, Modality.T2, TRUE), PreparationOptions(register=Register.OFF))
    assert ready.study.transforms == {} and ready.prepared.alignments == {}
    found = [(f.code, f.modality) for f in ready.findings]
    assert found == [("misaligned", Modality.T2)]


def test_a_skull_that_is_to_stay_is_still_an_error_of_the_check(heads, fits):
    ready = make_ready(heads, PreparationOptions(strip=Strip.OFF))
    assert ready.study.brain is None
    assert {f.code for f in check(ready.study) if f.severity is Severity.ERROR} == {"not_stripped"}


def test_another_grid_is_no_finding_once_registration_has_looked(small_study):
    grid = Finding("grid", Severity.WARNING, "another grid.", "", Modality.T2)
    kept = replace(grid, modality=Modality.T1)
    settled = Prepared({Modality.T2: Alignment(Outcome.ALIGNED, 1, 1), Modality.T1: Alignment(Outcome.KEPT, 1, 1)})
    assert unsettled((grid, kept), settled) == (kept,)


def test_before_preparing_what_it_will_mend_is_a_note(heads):
    findings = check(with_moved(heads, Modality.T2, TRUE), preparation=ALL)
    skulls = [f for f in findings if f.code == "not_stripped"]
    assert len(skulls) == 4 and {f.severity for f in skulls} == {Severity.NOTE}
    assert "is removed before" in skulls[0].message
    [grid] = [f for f in findings if f.code in ("grid", "position")]
    assert grid.severity is Severity.NOTE and "registered to T1ce first" in grid.advice


def test_a_skull_no_longer_hides_that_there_is_no_image_of_a_brain(heads, patient, small_grid, extractor, fits):
    x, y, z = patient.places(small_grid)
    texture = (500 + 3 * x + 2 * y + z).astype(np.int16)
    head = heads[Modality.T1].array != 0
    array = np.where(patient.brain(small_grid), 400, np.where(head, texture, 0))
    study = replace(heads, volumes={**heads.volumes, Modality.T1: replace(heads[Modality.T1], array=array)})
    assert "few_values" not in {finding.code for finding in check(study)}
    assert "few_values" in {finding.code for finding in check(make_ready(study, ALL).study)}
