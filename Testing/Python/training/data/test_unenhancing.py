"""A tumor without its enhancement: the T1ce shows there what the T1 shows, and the target has no enhancing tumor."""

from __future__ import annotations

import pytest
import torch
from BrainTumorVAESegLib.training.data.unenhancing import unenhance

NATIVE, ENHANCED = 1, 2
SIZE = (16, 16, 16)


def tumor() -> dict[str, torch.Tensor]:
    """A ball of nested regions whose rim is bright on the T1ce alone."""
    place = torch.stack(torch.meshgrid(*[torch.arange(16) - 7.5] * 3, indexing="ij")).square().sum(0).sqrt()
    whole, core = (place < 6).float(), (place < 4).float()
    rim = core * (place >= 2)
    images = torch.stack([torch.full(SIZE, float(number)) for number in range(4)])
    images[ENHANCED] += 5 * rim
    return {
        "images": images,
        "target": torch.stack([whole, core, rim]),
        "masks": torch.stack([whole - core, core - rim, rim]),
        "brain": torch.ones(1, *SIZE),
    }


def test_nothing_enhances_any_more_and_the_core_stays():
    given = tumor()
    result = unenhance(given, NATIVE, ENHANCED, 1.0)
    rim = given["target"][2] > 0
    assert float((result["images"][ENHANCED] - result["images"][NATIVE])[rim].abs().max()) < 1.5
    assert not result["target"][2].any()
    torch.testing.assert_close(result["target"][:2], given["target"][:2])


def test_a_mask_calls_core_what_it_called_enhancing():
    given = tumor()
    masks = unenhance(given, NATIVE, ENHANCED, 1.0)["masks"]
    torch.testing.assert_close(masks[0], given["masks"][0])
    torch.testing.assert_close(masks[1], given["target"][1])
    assert not masks[2].any()


def test_the_other_images_and_what_is_far_away_stay_and_the_given_sample_too():
    given, before = tumor(), tumor()
    result = unenhance(given, NATIVE, ENHANCED, 1.0)
    assert all(torch.equal(given[key], before[key]) for key in given)
    assert torch.equal(result["images"][[0, NATIVE, 3]], before["images"][[0, NATIVE, 3]])
    assert result["images"][ENHANCED, 0, 0, 0] == pytest.approx(float(before["images"][ENHANCED, 0, 0, 0]), abs=1e-5)


def test_where_nothing_enhances_the_sample_stays():
    given = tumor()
    given["target"][2] = 0
    torch.testing.assert_close(unenhance(given, NATIVE, ENHANCED, 1.0)["images"], given["images"])
