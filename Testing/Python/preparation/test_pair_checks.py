"""What images show beside each other: noise for an image, and mirrored ones."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.reading import read_case
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.volume import Study
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom
from BrainTumorVAESegLib.preparation.checks import check
from findingstudies import ERROR, changed, codes


# --- noise and mirrored images ----------------------------------------------------------------------------------------
def shuffled(array: np.ndarray) -> np.ndarray:
    result = array.copy()
    result[array != 0] = np.random.default_rng(0).permutation(array[array != 0])
    return result


def test_shuffled_voxels_are_found_to_be_noise(small_study):
    findings = check(changed(small_study, Modality.FLAIR, shuffled))
    assert codes(findings)[0] == ("noise", ERROR, Modality.FLAIR)
    assert "(correlation 0.0" in findings[0].message or "(correlation -0.0" in findings[0].message


@pytest.fixture(scope="module")
def made() -> Study:
    return make_phantom(PhantomSettings(size=(64, 64, 48), spacing=3.0)).study


def flipped(study: Study, *modalities: Modality, axis: int = 2) -> Study:
    for modality in modalities:
        study = changed(study, modality, lambda array: np.flip(array, axis))
    return study


def mirrored(study: Study) -> dict[Modality | None, str]:
    return {f.modality: f.message for f in check(study) if f.code == "mirrored"}


def test_a_mirrored_image_is_warned_of(made):
    assert mirrored(made) == {}
    for axis, words in enumerate(("top to bottom", "front to back", "left to right")):
        expected = {Modality.FLAIR: f"the image looks mirrored {words} against T1ce."}
        assert mirrored(flipped(made, Modality.FLAIR, axis=axis)) == expected


def test_a_mirrored_reference_is_named_itself(made):
    expected = {Modality.T1CE: "the image looks mirrored left to right against T1, T2, FLAIR."}
    assert mirrored(flipped(made, Modality.T1CE)) == expected


def test_of_two_mirrored_images_each_is_named_and_of_all_none(made):
    assert set(mirrored(flipped(made, Modality.T2, Modality.FLAIR))) == {Modality.T2, Modality.FLAIR}
    assert mirrored(flipped(made, *MODALITIES)) == {}


def test_of_two_images_the_one_that_is_not_the_reference_is_named(made):
    two = Study({m: made[m] for m in (Modality.T1, Modality.FLAIR)}, Modality.T1)
    assert set(mirrored(flipped(two, Modality.T1))) == {Modality.FLAIR}


def test_a_mirrored_real_image_is_warned_of(data_folder):
    study = read_case(data_folder / "cases" / "BraTS2021_00006")
    assert set(mirrored(flipped(study, Modality.FLAIR))) == {Modality.FLAIR}
