"""What a case's name tells."""

from __future__ import annotations

import pytest
from BrainTumorVAESegLib.cases.labelled import convention_of, data_set_of, patient_of


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


@pytest.mark.parametrize(
    ("name", "convention"),
    [
        ("BraTS-GLI-00005-000", "brats2023"),
        ("BraTS-GLI-02060-100", "brats2024"),
        ("BRATS_457", "msd"),
        ("BraTS2021_00006", None),
        ("somebody", None),
    ],
)
def test_a_name_tells_the_numbering_of_its_data_set(name, convention):
    assert convention_of(name) == convention


def test_the_visits_of_a_patient_of_bids_are_one_patients():
    assert patient_of("sub-01_ses-1") == patient_of("sub-01_ses-2") == "sub-01"
