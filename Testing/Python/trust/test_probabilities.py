"""Regions' probabilities and their entropy."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.trust.probabilities import (
    binary_entropy,
    chance_of_error,
    region_probabilities,
    uncertainty,
)


def grid(*values: float) -> np.ndarray:
    """Three channels of one voxel each."""
    return np.array(values, np.float32).reshape(3, 1, 1, 1)


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (("WT", "TC", "ET"), (0.1, 0.7, 0.4)),
        (("TC", "WT", "ET"), (0.7, 0.1, 0.4)),
        (("ED", "NCR", "ET"), (0.7, 0.7, 0.4)),
    ],
)
def test_regions_are_found_whatever_the_channels_mean(channels, expected):
    np.testing.assert_allclose(region_probabilities(grid(0.1, 0.7, 0.4), channels).ravel(), expected, rtol=1e-6)


def test_entropy_is_one_bit_at_a_half_and_nothing_where_all_is_certain():
    found = binary_entropy(np.array([0.0, 0.5, 1.0, 0.11, 0.89]))
    np.testing.assert_allclose(found, [0, 1, 0, 0.49992, 0.49992], atol=1e-4)


def test_the_least_certain_region_counts():
    np.testing.assert_allclose(uncertainty(grid(0.999, 0.25, 0.001)).item(), binary_entropy(np.array(0.25)), rtol=1e-6)


@pytest.mark.parametrize(("label", "right"), [(0, 0.1), (2, 0.2), (1, 0.3), (3, 0.4)])
def test_a_label_is_right_with_what_its_region_has_beyond_the_next(label, right):
    found = chance_of_error(np.full((1, 1, 1), label, np.uint8), grid(0.9, 0.7, 0.4))
    assert found.shape == (1, 1, 1) and found.item() == pytest.approx(1 - right)


def test_a_region_holds_those_within_it_where_its_own_probability_is_less():
    assert chance_of_error(np.full((1, 1, 1), 2, np.uint8), grid(0.3, 0.6, 0.2)).item() == pytest.approx(1)
    assert chance_of_error(np.full((1, 1, 1), 1, np.uint8), grid(0.3, 0.6, 0.2)).item() == pytest.approx(0.6)
