"""Linear maps along the axes: what they leave alone, and that they do what other code does slowly."""

from __future__ import annotations

import pytest
import torch
from BrainTumorVAESegLib.training.data.axis_maps import along, gaussian_map, slice_map, spline_map
from scipy.ndimage import gaussian_filter


def test_each_map_works_on_its_own_axis():
    x = torch.rand(2, 3, 4, 5)
    assert torch.equal(along(x, [None, None, None]), x)
    result = along(x, [torch.ones(1, 3), None, torch.ones(1, 5)])
    assert result.shape == (2, 1, 4, 1)
    torch.testing.assert_close(result, x.sum((1, 3), keepdim=True))


def test_the_blur_is_a_gaussians():
    x = torch.rand(1, 30, 30, 30)
    mine = along(x, [gaussian_map(30, sigma) for sigma in (0.8, 1.2, 2.0)])[0, 10:20, 10:20, 10:20]
    other = gaussian_filter(x[0].numpy(), (0.8, 1.2, 2.0))[10:20, 10:20, 10:20]
    torch.testing.assert_close(mine, torch.from_numpy(other), atol=2e-2, rtol=0)


@pytest.mark.parametrize("thickness", [1.0, 2.5, 4.0, 100.0])
def test_slices_keep_what_is_flat_and_average_the_rest(thickness):
    one = slice_map(24, thickness)
    torch.testing.assert_close(one.sum(1), torch.ones(24))
    wave = torch.arange(24) % 2 * 2.0 - 1
    assert float((one @ wave).abs().max()) < (0.5 if thickness > 1 else 1.1)
    assert torch.equal(one, torch.eye(24)) == (thickness == 1.0)


def test_a_slice_is_the_mean_of_its_voxels_at_its_center():
    values = torch.arange(12.0) ** 2
    result = slice_map(12, 3.0) @ values
    torch.testing.assert_close(result[[1, 4, 7, 10]], values.reshape(4, 3).mean(1))


def test_splines_are_smooth_and_keep_what_is_the_same_everywhere():
    one = spline_map(65, 16.0)
    torch.testing.assert_close(one.sum(1), torch.ones(65))
    assert float(one.min()) >= 0
    line = one @ torch.arange(one.shape[1], dtype=torch.float32)
    torch.testing.assert_close(line.diff(), torch.full((64,), 1 / 16), atol=1e-4, rtol=0)
    assert float((one @ torch.rand(one.shape[1])).diff().diff().abs().max()) < 0.02
