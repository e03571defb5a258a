"""Amounts as people read them."""

from __future__ import annotations

import pytest
from BrainTumorVAESegLib.core.amounts import format_volume


@pytest.mark.parametrize(
    ("milliliters", "text"),
    [
        (0.0, "0.0"), (0.004, "0.004"), (0.0049, "0.005"), (0.005, "0.01"), (0.095, "0.10"), (0.3, "0.30"),
        (0.994, "0.99"), (0.999, "1.0"), (1.0, "1.0"), (19.44, "19.4"), (1234.56, "1234.6"),
    ],
)  # fmt: skip
def test_a_small_volume_does_not_become_nothing_and_a_large_one_claims_no_more_than_is_known(
    milliliters: float, text: str
) -> None:
    assert format_volume(milliliters) == text
