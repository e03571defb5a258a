"""A cavity filled with fluid on one side of a made brain, and fluid that is on both sides or thin."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.trust.cavity import measure_cavity

Z, Y, X = np.meshgrid(*(np.arange(n) for n in (60, 80, 70)), indexing="ij")
BRAIN = ((Z - 29.5) / 29) ** 2 + ((Y - 39.5) / 39) ** 2 + ((X - 34.5) / 34) ** 2 < 1
LEFT, RIGHT = (((Z - 30) ** 2 + (Y - 40) ** 2 + (X - x) ** 2) < 8**2 for x in (52, 17))
THIN = BRAIN & (np.abs(X - 52) < 1.5)


def a_brain(fluid: np.ndarray) -> np.ndarray:
    images = np.random.default_rng(1).standard_normal((4, *BRAIN.shape)) * BRAIN
    for image, modality in zip(images, MODALITIES, strict=True):
        image[fluid & BRAIN] = 3.0 if modality is Modality.T2 else -3.0
    return images


def test_a_cavity_on_one_side_is_measured():
    found = measure_cavity(a_brain(LEFT), BRAIN, MODALITIES)["cavity"]
    assert found == pytest.approx(LEFT.sum() * 0.008, rel=0.1)


@pytest.mark.parametrize("fluid", [np.zeros_like(BRAIN), LEFT | RIGHT, THIN], ids=["none", "both sides", "thin"])
def test_fluid_that_a_brain_has_anyway_is_none(fluid):
    assert measure_cavity(a_brain(fluid), BRAIN, MODALITIES)["cavity"] < 0.2


def test_without_the_images_that_show_fluid_there_is_no_measure():
    images = a_brain(LEFT)
    assert measure_cavity(images[:2], BRAIN, MODALITIES[:2]) == {}
    assert measure_cavity(images, np.zeros_like(BRAIN), MODALITIES) == {}
