"""A gate's coefficients on the prepared grid."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.networks.blocks import double
from BrainTumorVAESegLib.trust.attention import attention_map


def test_one_box_shows_what_the_gate_multiplies_with():
    weights = torch.rand(1, 1, 4, 4, 4)
    found = attention_map([weights], [Box.at((2, 3, 4), (8, 8, 8))], (12, 12, 12))
    expected = double(weights, align_corners=False)[0, 0].numpy()
    np.testing.assert_allclose(found[2:10, 3:11, 4:12], expected, rtol=1e-5)
    assert found[:2].max() == 0


def test_what_lies_beyond_the_grid_is_left_out():
    found = attention_map([torch.full((1, 1, 4, 4, 4), 0.25)], [Box.at((-4, 0, 2), (8, 8, 8))], (8, 8, 8))
    assert found[:4, :, 2:].min() == pytest.approx(0.25) and found[4:].max() == 0


def test_where_boxes_overlap_the_answer_lies_between_theirs():
    weights = [torch.full((1, 1, 4, 4, 4), value) for value in (0.2, 0.6)]
    found = attention_map(weights, [Box.at((0, 0, start), (8, 8, 8)) for start in (0, 4)], (8, 8, 12))
    assert found[0, 0, 0] == pytest.approx(0.2) and found[0, 0, 11] == pytest.approx(0.6)
    assert found[4, 4, 5] == pytest.approx(0.4, abs=0.1) and np.all(np.diff(found[4, 4]) > -1e-6)
