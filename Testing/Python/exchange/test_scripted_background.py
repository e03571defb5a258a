"""The rule for what is brain, as an exported module has it, against the library's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from backgrounds import BACKGROUNDS, NO_BACKGROUNDS
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.exchange.scripted_background import without_background
from BrainTumorVAESegLib.preparation.background import find_background

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script`:DeprecationWarning")
IMAGES = {**BACKGROUNDS, **NO_BACKGROUNDS}


@pytest.fixture(scope="module")
def compiled():
    """The rule as TorchScript runs it."""
    return torch.jit.script(without_background)


def both(compiled, array: np.ndarray, spacing: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return an image (z, y, x) without its background, by the module's rule and by the library's."""
    d, h, w = array.shape
    volume = Volume(array, Geometry((w, h, d), spacing, (0.0, 0.0, 0.0)))
    found = compiled(torch.from_numpy(array.astype(np.float32)), list(reversed(spacing)))
    return found.numpy(), find_background(volume).remove(array)


@pytest.mark.parametrize("name", IMAGES)
def test_the_module_takes_the_same_for_brain(compiled, small_study, name):
    image = IMAGES[name](small_study[Modality.T1].array)
    for spacing in ((2.5, 2.5, 2.5), (0.9, 1.2, 1.0)):
        found, expected = both(compiled, image, spacing)
        np.testing.assert_array_equal(found != 0, expected != 0)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_the_module_leaves_label_maps_and_takes_even_images_for_background(compiled, patient, small_grid):
    labels = patient.labels(small_grid)
    for array in (labels, labels.astype(np.int16) * -1, np.full((2, 3, 4), 7, np.int16), np.zeros((1, 1, 1))):
        found, expected = both(compiled, array, (2.5, 2.5, 2.5))
        np.testing.assert_array_equal(found, expected)
