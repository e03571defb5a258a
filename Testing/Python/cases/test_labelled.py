"""What a case's name tells."""

from __future__ import annotations

import pytest
from BrainTumorVAESegLib.cases.labelled import data_set_of


@pytest.mark.parametrize(
    ("name", "data_set"),
    [
        ("BraTS2021_00006", "BraTS2021"),
        ("BraTS-SSA-00074-000", "BraTS-SSA"),
        ("UPENN-GBM-00055_11", "UPENN-GBM"),
        ("BraTS20_Training_001", "BraTS20"),
        ("BRATS_001", "BRATS"),
        ("somebody", "somebody"),
        ("007", "007"),
    ],
)
def test_the_data_set_is_what_stands_before_the_first_number(name, data_set):
    assert data_set_of(name) == data_set
