"""A converted network's normalizations are exact where a map is mostly background, and add up short rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.inference.optimized.library import load_openvino, openvino_core
from BrainTumorVAESegLib.inference.optimized.normalizing import spread_sums
from torch.nn import functional as F

SIZE = (48, 64, 56)


@pytest.fixture
def background() -> np.ndarray:
    """A map (1, 16, D, H, W) that is nearly the same in nine voxels of ten, as around a brain."""
    x = np.full((1, 16, *SIZE), 0.3, np.float32)
    x[:, :, :5] += np.random.default_rng(0).standard_normal((1, 16, 5, *SIZE[1:]), dtype=np.float32)
    return x


def norm(size: tuple[int, ...]):
    """Return OpenVINO's model of a convolution of weight 1 and a group normalization, and its weights and biases."""
    load_openvino()
    import openvino
    import openvino.opset13 as op

    weight, bias = np.linspace(0.5, 2, 16, dtype=np.float32), np.linspace(-1, 1, 16, dtype=np.float32)
    x = op.parameter([1, 16, *size], np.float32)
    kernel = np.eye(16, dtype=np.float32).reshape(16, 16, 1, 1, 1)
    # Behind a convolution the map lies in blocks of channels, where each channel is one long sum.
    y = op.convolution(x, kernel, [1] * 3, [0] * 3, [0] * 3, [1] * 3)
    return openvino.Model([op.group_normalization(y, weight, bias, 8, 1e-5)], [x]), weight, bias


def answer(model, x: np.ndarray) -> np.ndarray:
    core = openvino_core()
    return core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(x)[0]


def test_background_costs_no_precision(background):
    model, weight, bias = norm(SIZE)
    assert spread_sums(model) == 1
    assert "GroupNormalization" not in {node.get_type_name() for node in model.get_ops()}
    parts = (torch.from_numpy(each).double() for each in (background, weight, bias))
    x, weight, bias = parts
    expected = F.group_norm(x, 8, weight, bias, 1e-5).numpy()
    assert np.abs(answer(model, background) - expected).max() < 2e-5


def test_it_holds_for_any_size(background):
    model, *_ = norm((-1, -1, -1))
    spread_sums(model)
    whole, *_ = norm(SIZE)
    np.testing.assert_allclose(answer(model, background), answer(whole, background), atol=5e-3)
    assert answer(model, background[..., :8]).shape == (1, 16, 48, 64, 8)


def test_a_network_without_normalization_stays(background):
    model, *_ = norm(SIZE)
    spread_sums(model)
    assert spread_sums(model) == 0
