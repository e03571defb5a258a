"""Shading: a field that is known is found again, told from anatomy, and told in words."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.preparation.shading import (
    TERMS,
    ShadingModel,
    field_terms,
    fit_shading,
    likeliest_fields,
    locate_shade,
    random_polynomial,
    score_shading,
)
from BrainTumorVAESegLib.trust.calibrating import with_shading_scores
from BrainTumorVAESegLib.trust.observed import CaseObservation

SHAPE = (40, 48, 44)
Z, Y, X = np.meshgrid(*(np.linspace(-1, 1, n) for n in SHAPE), indexing="ij")
BRAIN = Z**2 + Y**2 + X**2 < 0.95
LINEAR_Z, LINEAR_Y, LINEAR_X = 5, 2, 0
"""Places of the terms of first order among a field's."""


def an_image(seed: int, field: np.ndarray | float = 0.0) -> np.ndarray:
    """Three tissues in lumps of any place, noise, and a field of which the logarithm is given; z-scored."""
    random = np.random.default_rng(seed)
    a, b, c, d = random.uniform(0, 6, 4)
    lumps = np.sin(9 * Z + a) + np.sin(8 * Y + b) + np.sin(10 * X + c) + np.sin(7 * (X + Z) + d)
    image = np.digitize(lumps, (-0.7, 0.8)) + 1.5 + 0.05 * random.standard_normal(SHAPE)
    image = image * np.exp(field)
    return np.where(BRAIN, (image - image[BRAIN].mean()) / image[BRAIN].std(), 0)


def terms_of(fields, seed: int = 0) -> np.ndarray:
    return np.stack([field_terms(an_image(4 * seed + place, field), BRAIN) for place, field in enumerate(fields)])


@pytest.fixture(scope="module")
def model() -> ShadingModel:
    return fit_shading([terms_of([0.0] * 4, seed) for seed in range(10, 22)])


@pytest.mark.parametrize(("axis", "term"), [(Z, LINEAR_Z), (Y, LINEAR_Y), (X, LINEAR_X)])
def test_a_field_is_found_in_an_image_of_lumps(axis, term):
    plain, shaded = (field_terms(an_image(3, strength * axis), BRAIN) for strength in (0.0, 0.3))
    difference = shaded - plain
    assert difference[term] == pytest.approx(0.3, abs=0.15)  # how far the darkest lies above 0 is not known
    assert np.abs(np.delete(difference, term)).max() < 0.15


@pytest.mark.parametrize("fields", [[0.0, 0.0, 0.3 * Y, 0.0], [0.3 * Z, -0.3 * X, 0.3 * Y, 0.2 * Z * Y]])
def test_a_study_of_which_one_image_or_all_are_shaded_has_the_score(model, fields):
    plain = score_shading(model, terms_of([0.0] * 4, 90), MODALITIES)
    shaded = score_shading(model, terms_of(fields, 90), MODALITIES)
    assert set(shaded) == {"shading", "shading-all"} and shaded["shading"] > 2 * plain["shading"]


def test_the_score_is_how_much_likelier_a_coil_makes_the_most_shaded_image():
    size = 4 * TERMS
    model = ShadingModel((0.0,) * size, tuple(np.eye(size).ravel().tolist()))
    terms = np.zeros((4, TERMS))
    terms[1, 0], terms[3, 0] = 2.0, 1.0
    fields = likeliest_fields(model, terms[1:2], [Modality.T1CE])
    # off' (1 - (1 + C)^-1) off = off' C (1 + C)^-1 off
    found = score_shading(model, terms, MODALITIES)
    assert found["shading"] ** 2 == pytest.approx(float(terms[1] @ fields[0]))
    on_all = likeliest_fields(model, terms, MODALITIES)
    assert found["shading-all"] ** 2 == pytest.approx(float((terms * on_all).sum()))


def test_where_the_image_is_bright_and_dark_is_said_in_words(model):
    fields = likeliest_fields(model, terms_of([0.0, 0.3 * (Y - X), 0.0, 0.0], 90), MODALITIES)
    shade = locate_shade(fields[1])
    assert 1.3 < shade.ratio < 2.6
    assert "back" in shade.bright and "right" in shade.bright and "front" in shade.dark and "left" in shade.dark


def test_what_is_bright_in_the_middle_is_said_so():
    field = np.zeros(TERMS)
    field[[1, 4, 8]] = -0.3  # the squares
    assert locate_shade(field).bright == "middle"


def test_a_study_that_lacks_images_is_judged_by_the_others(model):
    terms = terms_of([0.0, 0.3 * Z, 0.0, 0.0], 90)[:2]
    found = score_shading(model, terms, [Modality.T1, Modality.T1CE])
    without = score_shading(model, terms_of([0.0] * 4, 90)[:2], [Modality.T1, Modality.T1CE])
    assert found["shading"] > 2 * without["shading"]


def test_a_case_is_scored_by_a_model_without_its_patient():
    cases = [
        CaseObservation({}, {}, patient=str(number // 2), shading=terms_of([0.0] * 4, 30 + number))
        for number in range(12)
    ]
    scored = with_shading_scores(cases)
    expected = score_shading(fit_shading([case.shading for case in cases[2:]]), cases[0].shading, MODALITIES)
    assert scored[0].measures == pytest.approx(expected)


@pytest.mark.parametrize("image", [np.zeros(SHAPE), np.full(SHAPE, 3.0)])
def test_an_image_without_contrast_has_no_field(image):
    assert (field_terms(image, BRAIN) == 0).all()


def test_a_model_of_other_fields_is_refused():
    with pytest.raises(ValueError, match="another version's fields"):
        ShadingModel((0.0,), (1.0,))


def test_a_random_polynomial_is_of_second_order_over_the_box():
    weights = np.random.default_rng(3).normal(size=(3, 3, 3))
    values = random_polynomial((7, 9, 5), np.random.default_rng(3))
    second = [weights[z, y, x] for z in range(3) for y in range(3) for x in range(3) if z + y + x <= 2]
    assert (values[3, 4, 2], values[-1, -1, -1]) == (pytest.approx(weights[0, 0, 0]), pytest.approx(sum(second)))
    assert values[-1, 4, 2] == pytest.approx(weights[0, 0, 0] + weights[1, 0, 0] + weights[2, 0, 0])
    for axis in range(3):
        assert np.abs(np.diff(values, 3, axis=axis)).max() < 1e-9 < np.abs(np.diff(values, 2, axis=axis)).max()
