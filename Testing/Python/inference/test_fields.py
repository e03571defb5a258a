"""What each stage sees: boxes, the first stage's field, and the way to the coarser grid and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.boxes import Box, cut
from BrainTumorVAESegLib.core.labels import CHANNEL_SETS, labels_from_channels
from BrainTumorVAESegLib.core.settings import StageSettings
from BrainTumorVAESegLib.inference.fields import coarsen, first_field, label_channels, refine, second_input


def numbered(shape: tuple[int, int, int]) -> np.ndarray:
    """Every voxel another number above 0."""
    return np.arange(1, np.prod(shape) + 1, dtype=np.int32).reshape(shape)


@pytest.mark.parametrize("start", [(2, 3, 1), (-2, 0, 4), (5, -3, -1), (-4, -4, -4), (-9, 2, 2), (2, 30, 2), (6, 7, 8)])
def test_a_box_is_cut_with_zeros_where_it_reaches_beyond(start):
    whole, size = numbered((6, 7, 8)), (5, 4, 6)
    found = cut(whole, Box.at(start, size))
    padded = np.pad(whole, 40)
    z, y, x = (slice(40 + a, 40 + a + n) for a, n in zip(start, size, strict=True))
    np.testing.assert_array_equal(found, padded[z, y, x])


def test_channels_are_cut_alike():
    whole = np.stack([numbered((6, 7, 8)), 1000 + numbered((6, 7, 8))])
    box = Box.at((-1, 2, 3), (4, 8, 8))
    np.testing.assert_array_equal(cut(whole, box), np.stack([cut(whole[0], box), cut(whole[1], box)]))


@pytest.mark.parametrize("downsample", [1, 2])
@pytest.mark.parametrize("shape", [(30, 41, 16), (17, 96, 5), (64, 64, 64)])
@pytest.mark.parametrize("field", [None, (16, 24, 48)])
def test_the_first_field_holds_all_is_centred_and_fits_the_network(shape, downsample, field):
    box = first_field(shape, StageSettings(downsample=downsample, field=field))
    for start, size, length, least in zip(box.start, box.size, shape, field or (8, 8, 8), strict=True):
        assert size % (8 * downsample) == 0 and size >= max(length, least * downsample)
        assert size < max(length + 8 * downsample, least * downsample + 1), "no larger than it must be"
        before, after = -start, size - length + start
        assert before >= 0 and before in (after, after - 1)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_ramp_keeps_its_place_on_the_way_to_the_coarser_grid_and_back(axis):
    shape = [1 if a != axis else -1 for a in range(3)]
    ramp = torch.arange(32.0).reshape(shape).expand(32, 32, 32)[None, None]
    coarse = coarsen(ramp, 2)
    assert coarse.shape == (1, 1, 16, 16, 16)
    # Interpolation holds the outermost half of a coarse voxel; all others must be where they were.
    inside = (slice(None), slice(None), *[slice(1, -1)] * 3)
    torch.testing.assert_close(refine(coarse, 2)[inside], ramp[inside], rtol=0, atol=1e-4)


def test_a_factor_of_1_changes_nothing():
    x = torch.randn(1, 2, 4, 4, 4)
    assert coarsen(x, 1) is x and refine(x, 1) is x


def test_the_second_stage_reads_the_masks_before_the_images():
    labels = torch.tensor([[[0, 1], [2, 3]]], dtype=torch.uint8)
    images = torch.full((4, 1, 2, 2), 5, dtype=torch.float16)
    x = second_input(labels, images, Box.at((0, 0, 0), (2, 2, 2)))
    assert x.shape == (1, 7, 2, 2, 2) and x.dtype == torch.float32
    # Masks are ED, NCR, ET; what lies beyond the grid is 0.
    assert x[0, :, 0, 0, 1].tolist() == [0, 1, 0, 5, 5, 5, 5]
    assert x[0, :, 0, 1, 0].tolist() == [1, 0, 0, 5, 5, 5, 5]
    assert x[0, :, 0, 1, 1].tolist() == [0, 0, 1, 5, 5, 5, 5]
    assert not x[:, :, 1].any()


@pytest.mark.parametrize("names", CHANNEL_SETS)
def test_channels_become_the_same_labels_as_arrays_do(names):
    channels = np.random.default_rng(0).random((3, 6, 7, 8)) < 0.5
    found = label_channels(torch.from_numpy(channels), names)
    assert found.dtype == torch.uint8
    np.testing.assert_array_equal(found.numpy(), labels_from_channels(channels, names))
