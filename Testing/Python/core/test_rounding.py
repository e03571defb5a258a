"""Numbers are written as a reader would."""

from __future__ import annotations

import json
import math

import pytest
from BrainTumorVAESegLib.core.rounding import as_written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (27.693000000000001, 27.693),
        (3 * 0.1, 0.3),
        (178.99999999999997, 179.0),
        (53.36665625650534, 53.3667),
        (-73.74951531601396, -73.7495),
        (2190.7692307692305, 2190.769),
        (1234567.8912345, 1234567.891),
        (0.3173636844891477, 0.317364),
        (1.23456789e-7, 1.23457e-7),
        (1.4e-14, 0.0),
        (0.0, 0.0),
        (9.99999999, 10.0),
        (1e300, 1e300),
    ],
)
def test_a_fraction_is_told_to_what_matters(value, written) -> None:
    assert as_written(value) == written
    assert as_written(written) == written


def test_no_zero_is_below_zero() -> None:
    assert str(as_written(-1e-15)) == "0.0"


def test_what_is_no_fraction_stays_as_it_is() -> None:
    values = {"a": [1, True, None, "0.30000000000000004"], "b": {"c": (3 * 0.1, 10**20)}}
    assert json.dumps(as_written(values)) == json.dumps({**values, "b": {"c": [0.3, 10**20]}})
    assert math.isinf(as_written(math.inf))
