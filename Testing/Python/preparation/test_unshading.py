"""Shading taken from prepared images: a known field goes, an even study stays nearly as it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.core.settings import Preprocessing
from BrainTumorVAESegLib.preparation import coarsening
from BrainTumorVAESegLib.preparation.preparing import PreparedStudy
from BrainTumorVAESegLib.preparation.shading import TERMS, ShadingModel, field_terms, fit_shading
from BrainTumorVAESegLib.preparation.unshading import unshade, unshade_images

SIZE = 80
Z, Y, X = np.meshgrid(*[np.linspace(-1, 1, SIZE)] * 3, indexing="ij")
BRAIN = Z**2 + Y**2 + X**2 < 0.95
GRID = Geometry((SIZE, SIZE, SIZE), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0))
FIELD = 0.3 * X - 0.2 * Y


def an_image(seed: int, field: np.ndarray | float = 0.0) -> np.ndarray:
    """Three tissues in lumps of any place, under a field of which the logarithm is given; z-scored."""
    random = np.random.default_rng(seed)
    a, b, c, d = random.uniform(0, 6, 4)
    lumps = np.sin(9 * Z + a) + np.sin(8 * Y + b) + np.sin(10 * X + c) + np.sin(7 * (X + Z) + d)
    image = (np.digitize(lumps, (-0.7, 0.8)) + 1.5 + 0.05 * random.standard_normal(Z.shape)) * np.exp(field)
    return np.where(BRAIN, (image - image[BRAIN].mean()) / image[BRAIN].std(), 0).astype(np.float32)


def a_study(*fields: np.ndarray | float, seed: int = 0) -> PreparedStudy:
    images = np.stack([an_image(4 * seed + place, field) for place, field in enumerate(fields)])
    return PreparedStudy(images, BRAIN, MODALITIES, GRID, GRID, (0, 0, 0), True)


@pytest.fixture(scope="module")
def model() -> ShadingModel:
    half = (slice(None, None, 2),) * 3
    inside = BRAIN[half]

    def terms(seed: int) -> np.ndarray:
        return field_terms(an_image(seed)[half] * inside, inside)

    return fit_shading([np.stack([terms(100 + 4 * case + place) for place in range(4)]) for case in range(6)])


@pytest.fixture(scope="module")
def shaded() -> PreparedStudy:
    """A study whose third image alone is shaded."""
    return a_study(0, 0, FIELD, 0)


def likeness(image: np.ndarray) -> float:
    """How the brightness goes along with the field, by correlation."""
    return abs(float(np.corrcoef(image[BRAIN], FIELD[BRAIN])[0, 1]))


def test_a_known_field_is_taken_away_and_told(model, shaded):
    before = shaded.images.copy()
    result, shades = unshade(shaded, model, Preprocessing())
    assert likeness(result.images[2]) < 0.4 * likeness(shaded.images[2])
    assert shades[MODALITIES[2]].ratio == max(shade.ratio for shade in shades.values()) > 1.3
    assert np.array_equal(shaded.images, before), "what is given stays"
    for image in result.images:
        assert not image[~BRAIN].any()
        assert (image[BRAIN].mean(), image[BRAIN].std()) == pytest.approx((0, 1), abs=1e-3)


def test_an_even_study_hardly_changes(model):
    even = a_study(0, 0, 0, 0, seed=9)
    result, shades = unshade(even, model, Preprocessing())
    assert max(shade.ratio for shade in shades.values()) < 1.2
    assert np.abs(result.images - even.images).mean() < 0.1


def test_an_image_without_contrast_stays_empty(model, shaded):
    images = shaded.images.copy()
    images[1] = 0
    result, shades = unshade(replace(shaded, images=images), model, Preprocessing())
    assert not result.images[1].any() and set(shades) == set(MODALITIES) - {MODALITIES[1]}


@pytest.mark.parametrize("what", ["one image", "a small brain", "no brain"])
def test_where_too_little_is_known_nothing_is_taken_away(model, shaded, what):
    images, brain = shaded.images.copy(), BRAIN.copy()
    if what == "one image":
        images[:3] = 0
    elif what == "a small brain":
        brain &= Z < -0.6
        images = images * brain
    else:
        brain[:] = False
        images[:] = 0
    given = replace(shaded, images=images, brain=brain)
    result, shades = unshade(given, model, Preprocessing())
    assert result is given and shades == {}


def test_a_study_s_fields_are_found_once_for_all_that_ask(model, monkeypatch):
    asked: list[int] = []
    monkeypatch.setattr(coarsening, "field_terms", lambda image, inside: asked.append(1) or field_terms(image, inside))
    given = a_study(0, 0, FIELD, 0)
    unshade(given, model, Preprocessing())
    assert given.coarse.fields.shape == (4, TERMS) and len(asked) == 4


def test_images_alone_lose_their_shading_as_a_study_does(model, shaded):
    study, _ = unshade(shaded, model, Preprocessing())
    images = unshade_images(shaded.images, shaded.modalities, model, Preprocessing())
    np.testing.assert_array_equal(images, study.images)
    assert not np.array_equal(images, shaded.images)


def test_images_that_tell_too_little_stay(model):
    one = np.stack([an_image(0, FIELD), *[np.zeros(BRAIN.shape, np.float32)] * 3])
    assert unshade_images(one, MODALITIES, model, Preprocessing()) is one
