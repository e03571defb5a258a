"""Shading fitted outside the tumor: a known field is found again, and a large tumor is not taken for one."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.preparation.unshading import find_field

SHAPE = (96, 112, 104)


@pytest.fixture(scope="module")
def head() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A brain of two tissues, its mask, and that of a large bright tumor on one side of it."""
    z, y, x = np.meshgrid(*[np.arange(n) - (n - 1) / 2 for n in SHAPE], indexing="ij", sparse=True)
    brain = (z / 44) ** 2 + (y / 52) ** 2 + (x / 48) ** 2 < 1
    folds = np.sin(z / 3) + np.sin(y / 4) + np.sin(x / 3.5) > 0
    image = np.where(folds, 300.0, 200.0) + np.random.default_rng(1).normal(0, 10, SHAPE)
    tumor = (z - 5) ** 2 + (y - 12) ** 2 + (x - 20) ** 2 < 22**2
    image = np.where(tumor, image + 300, image)
    return np.where(brain, image, 0).astype(np.float32), brain, tumor & brain


def field(strength: float) -> np.ndarray:
    z, y, x = np.meshgrid(*[np.linspace(-1, 1, n) for n in SHAPE], indexing="ij", sparse=True)
    return np.exp(strength * (0.6 * x - 0.5 * y + 0.4 * z * x)).astype(np.float32)


def off(found: np.ndarray, true: np.ndarray, brain: np.ndarray) -> float:
    """The spread of the log of what a correction leaves."""
    return float((np.log(true) - np.log(found))[brain].std())


@pytest.mark.parametrize("strength", [0.2, 0.4])
def test_a_known_field_is_found_again_within_the_tumor_as_well(head, strength):
    image, brain, tumor = head
    true = field(strength)
    found = find_field(image * true, brain, tumor, 1.0)
    assert off(found, true, brain) < 0.35 * off(np.ones_like(true), true, brain)
    assert off(found, true, tumor) < 0.5 * off(np.ones_like(true), true, tumor)


def test_an_even_image_stays_as_it_is_in_spite_of_a_large_tumor(head):
    image, brain, tumor = head
    one = np.ones_like(image)
    assert off(find_field(image, brain, tumor, 1.0), one, brain) < 0.02


def test_a_tumor_that_nothing_tells_of_is_taken_for_a_field(head):
    image, brain, tumor = head
    known, unknown = (find_field(image, brain, told, 1.0) for told in (tumor, np.zeros_like(tumor)))
    one = np.ones_like(image)
    assert off(known, one, brain) < 0.5 * off(unknown, one, brain)


def test_the_mean_log_over_the_brain_is_0(head):
    image, brain, tumor = head
    assert float(np.log(find_field(image * field(0.4), brain, tumor, 1.0))[brain].mean()) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("what", ["no brain outside the tumor", "even", "dark"])
def test_where_there_is_nothing_to_fit_to_there_is_no_field(head, what):
    image, brain, tumor = head
    given = {
        "no brain outside the tumor": (image, brain, brain),
        "even": (np.where(brain, np.float32(7), 0), brain, tumor),
        "dark": (-image, brain, tumor),
    }[what]
    assert find_field(*given, 1.0) is None
