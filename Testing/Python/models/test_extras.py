"""Further files of a package, whose numbers are computed with again."""

from __future__ import annotations

from BrainTumorVAESegLib.models.extras import extra_json


def test_numbers_keep_six_digits_however_small_or_large_they_are():
    values = {"b": [1.23456789e-14, {"c": 1234.56789}], "a": 7}
    assert extra_json(values) == b'{"a":7,"b":[1.23457e-14,{"c":1234.57}]}'
