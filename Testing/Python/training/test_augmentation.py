"""The random changes of a sample: each does what its setting says, on every axis, to all that belongs together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.training.augmentation import make_augmentation
from BrainTumorVAESegLib.training.settings import Augmentation

NOTHING = Augmentation(flip=0, shift=0, scale=0)
SIZE = (24, 24, 24)
TRIES = 12


def sample(target: torch.Tensor | None = None) -> dict[str, torch.Tensor]:
    """Images of ones, and a target that is also the first image and the masks."""
    target = torch.zeros(3, *SIZE) if target is None else target
    images = torch.ones(4, *SIZE)
    images[0] = target[0]
    return {"images": images, "masks": target.clone(), "target": target.clone(), "brain": torch.ones(1, *SIZE)}


def changed(settings: Augmentation, given: dict[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    transform = make_augmentation(settings)
    transform.set_random_state(seed=seed)
    return {key: value.as_tensor() for key, value in transform(given).items()}


def rod(axis: int) -> torch.Tensor:
    """A rod through the middle along one axis."""
    target = torch.zeros(3, *SIZE)
    target[(slice(None), *[slice(None) if a == axis else slice(10, 14) for a in range(3)])] = 1
    return target


def test_nothing_wished_for_changes_nothing():
    given = sample(torch.rand(3, *SIZE))
    for seed in range(3):
        for key, value in changed(NOTHING, given, seed).items():
            torch.testing.assert_close(value, given[key])


def test_the_same_seed_gives_the_same_change_and_another_one_another():
    settings = Augmentation(affine=1.0, gamma=1.0, noise=1.0, smooth=1.0)
    given = sample(torch.rand(3, *SIZE))
    first, again, other = (changed(settings, given, seed)["images"] for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_each_axis_is_mirrored_about_half_the_time_with_all_that_belongs_together(axis):
    target = torch.zeros(3, *SIZE)
    target[(slice(None), *[slice(0, 6) if a == axis else slice(None) for a in range(3)])] = 1
    given = sample(target)
    mirrored = 0
    for seed in range(40):
        result = changed(replace(NOTHING, flip=0.5), given, seed)
        turned = torch.equal(result["target"], target.flip(axis + 1))
        assert turned or torch.equal(result["target"], target)
        assert torch.equal(result["masks"], result["target"]) and torch.equal(result["images"][0], result["target"][0])
        mirrored += turned
    assert 10 <= mirrored <= 30


def test_the_rotation_turns_about_every_axis():
    """A rod stays as it is only where all is turned about the rod itself."""
    settings = replace(NOTHING, affine=1.0, zoom=0.0)
    for axis in range(3):
        given = sample(rod(axis))
        moved = [float((changed(settings, given, seed)["target"] - given["target"]).abs().mean()) for seed in range(5)]
        assert max(moved) > 0.01, f"a rod along axis {axis} never moves"


def test_the_zoom_scales_every_axis():
    cube = torch.zeros(3, *SIZE)
    cube[:, 6:18, 6:18, 6:18] = 1
    settings = replace(NOTHING, affine=1.0, rotation=0.0, zoom=0.2)
    lengths = []
    for seed in range(TRIES):
        target = changed(settings, sample(cube), seed)["target"][0]
        lengths.append([float(target.sum(axes).max()) for axes in (0, 1, 2)])
    assert (np.ptp(lengths, axis=0) > 1).all()
    assert np.min(lengths) > 12 / 1.2 - 1 and np.max(lengths) < 12 / 0.8 + 1


def test_images_masks_and_target_are_moved_alike_and_the_brain_stays_a_mask():
    target = torch.zeros(3, *SIZE)
    target[:, 4:14, 8:18, 6:20] = 1
    given = sample(target)
    given["brain"][:, :, :4] = 0
    for seed in range(5):
        result = changed(replace(NOTHING, affine=1.0, flip=0.5), given, seed)
        torch.testing.assert_close(result["masks"], result["target"])
        torch.testing.assert_close(result["images"][0], result["target"][0])
        assert set(result["brain"].unique().tolist()) == {0.0, 1.0}
        assert float((result["target"] - target).abs().max()) > 0.5, "a test without a change tests nothing"


def test_each_channels_intensities_are_shifted_and_scaled_by_their_own_within_the_range():
    factors = []
    for seed in range(30):
        given = sample()
        given["images"] = torch.stack([torch.full(SIZE, 2.0)] * 4)
        factors.append([float(channel.unique()) for channel in changed(Augmentation(flip=0), given, seed)["images"]])
    values = np.array(factors)
    assert (np.ptp(values, axis=0) > 0.2).all() and (np.ptp(values, axis=1) > 0).all()
    assert values.min() >= 2 * 0.9 - 0.1 and values.max() <= 2 * 1.1 + 0.1


@pytest.mark.parametrize("setting", ["gamma", "noise", "smooth"])
def test_what_goes_beyond_the_papers_changes_the_images_alone(setting):
    given = sample(torch.rand(3, *SIZE, generator=torch.Generator().manual_seed(0)))
    result = changed(replace(NOTHING, **{setting: 1.0}), given, 0)
    assert not torch.allclose(result["images"], given["images"], atol=1e-3)
    for key in ("masks", "target", "brain"):
        assert torch.equal(result[key], given[key])
