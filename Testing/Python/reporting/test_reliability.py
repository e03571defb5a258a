"""The reliability diagram, written whole in the format that the file's name asks for."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.reporting.reliability import draw_reliability

CENTERS = (np.arange(10) + 0.5) / 10
SIDES = ((CENTERS, CENTERS**3, np.full(10, 7.0)), (CENTERS, CENTERS, np.zeros(10)))


def test_a_diagram_for_each_channel_is_drawn_though_bins_are_empty(tmp_path):
    draw_reliability({"WT": SIDES, "TC": SIDES}, tmp_path / "error.svg")
    text = (tmp_path / "error.svg").read_text()
    error = float(np.abs(CENTERS - CENTERS**3).mean())
    assert "<svg" in text and len(text) > 10_000
    assert f"before: {error:.3f}" in text


def test_a_format_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"choose \.png"):
        draw_reliability({"WT": SIDES}, tmp_path / "error.txt")
