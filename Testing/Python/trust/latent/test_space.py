"""A package's latent space: studies to codes, codes to images."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.trust.latent.codes import vary, walk
from BrainTumorVAESegLib.trust.latent.space import LatentSpace


def test_a_package_without_the_branch_is_refused_in_a_sentence(two_stages):
    with pytest.raises(PackageError, match=r"no VAE branch, so there is no reconstruction\."):
        LatentSpace(two_stages.package)


def test_a_study_is_decoded_to_what_the_network_itself_gives_back(space, coded):
    with torch.inference_mode():
        expected = space.reconstructor.network(coded.view.seen, reconstruct=True)
    np.testing.assert_allclose(space.decode(coded.mean[None])[0], expected.reconstruction[0], atol=1e-5)
    np.testing.assert_allclose(coded.spread, expected.latent.spread[0], rtol=1e-5)


def test_a_walk_with_equal_ends_decodes_to_equal_images(space, coded):
    images = space.decode(walk(coded.mean, coded.mean, 3))
    assert images.shape == (3, 4, 32, 32, 32)
    np.testing.assert_array_equal(images, images[:1].repeat(3, axis=0))


def test_an_axis_at_0_decodes_to_the_average_code(space):
    middle = space.decode(vary(space.training.mean, 2, (-2.0, 0.0, 2.0)))[1]
    np.testing.assert_array_equal(middle, space.decode(space.training.mean[None])[0])


def test_each_code_is_decoded_as_it_is_alone(space):
    codes = space.prior.draw(3)
    np.testing.assert_allclose(space.decode(codes)[2], space.decode(codes[2:])[0], atol=1e-6)


def test_the_training_codes_are_the_packages_and_the_priors_where_it_tells_none(space, one_stage):
    assert space.training.mean.tolist() == [1, 2, 3, 4, 5, 6] and space.training.spread.tolist() == [0.5] * 6
    assert LatentSpace(one_stage.package, space.reconstructor).training.mean.tolist() == [0.0] * 6


def test_the_strongest_axis_is_that_with_the_largest_weights(space):
    weight = space.reconstructor.branch.from_latent.weight
    kept = weight.detach().clone()
    with torch.no_grad():
        weight[:, 4] *= 100
        weight[:, 1] *= 50
    try:
        assert space.strongest_axes(2) == [4, 1]
    finally:
        with torch.no_grad():
            weight.copy_(kept)


def test_decoded_images_lie_around_0_mm_and_a_cases_where_its_voxels_are(space, coded):
    grid = space.geometry
    assert grid.size == (32, 32, 32) and grid.spacing == (8.0, 8.0, 8.0)
    np.testing.assert_allclose(grid.corners().mean(axis=0), 0, atol=1e-9)
    # A voxel that the stage sees is the mean of eight of the prepared grid, and lies in their middle.
    box = coded.view.box
    expected = coded.prepared.geometry.sub_grid(box).corners().mean(axis=0)
    np.testing.assert_allclose(space.geometry_of(coded).corners().mean(axis=0), expected, atol=1e-6)
    assert space.geometry_of(coded).spacing == (8.0, 8.0, 8.0)
