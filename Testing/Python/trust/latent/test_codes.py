"""Codes: drawn, walked between, varied."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.models.manifest import LatentStatistics
from BrainTumorVAESegLib.trust.latent.codes import Cloud, vary, walk


def test_draws_have_the_clouds_mean_and_spread_and_the_seed_says_which():
    cloud = Cloud.of(LatentStatistics(mean=(3.0, -1.0), std=(0.5, 2.0), cases=9))
    codes = cloud.draw(4000, seed=1)
    assert codes.shape == (4000, 2) and codes.dtype == np.float32
    np.testing.assert_allclose(codes.mean(axis=0), (3.0, -1.0), atol=0.1)
    np.testing.assert_allclose(codes.std(axis=0), (0.5, 2.0), rtol=0.05)
    np.testing.assert_array_equal(cloud.draw(3, seed=1), codes[:3])
    assert not np.array_equal(cloud.draw(3, seed=2), codes[:3])


def test_the_prior_is_the_standard_gaussian():
    prior = Cloud.prior(5)
    assert prior.mean.tolist() == [0.0] * 5 and prior.spread.tolist() == [1.0] * 5


def test_a_walk_holds_both_ends_and_goes_in_equal_steps():
    first, second = np.array([0.0, 4.0], np.float32), np.array([2.0, 0.0], np.float32)
    assert walk(first, second, 5).tolist() == [[0, 4], [0.5, 3], [1, 2], [1.5, 1], [2, 0]]


def test_a_walk_from_a_code_to_itself_stays_there():
    code = np.array([0.1, -7.3], np.float32)
    assert (walk(code, code, 4) == code).all()


def test_a_walk_of_one_step_is_refused():
    with pytest.raises(InputError, match="1 step has no two ends"):
        walk(np.zeros(2), np.ones(2), 1)


def test_one_number_alone_is_varied_and_0_leaves_the_center():
    codes = vary(np.array([1.0, 2.0, 3.0]), 1, (-1.5, 0.0, 1.5))
    assert codes.tolist() == [[1, 0.5, 3], [1, 2, 3], [1, 3.5, 3]]


@pytest.mark.parametrize("axis", [-1, 3])
def test_an_axis_that_is_none_is_refused(axis):
    with pytest.raises(InputError, match=r"choose 0 to 2\."):
        vary(np.zeros(3), axis, (0.0,))
