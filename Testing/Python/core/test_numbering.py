"""One function decides a numbering: by values alone, by what is known, and by the label map that it is held against."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.labels import LabelConvention
from BrainTumorVAESegLib.core.numbering import Evidence, decide_numbering, present_values

BRATS2021, BRATS2023 = LabelConvention.BRATS2021, LabelConvention.BRATS2023
BRATS2024, MSD = LabelConvention.BRATS2024, LabelConvention.MSD


def holds(*values: float, said: LabelConvention | None = None, known: LabelConvention | None = None) -> Evidence:
    return Evidence(frozenset(values), said, known)


@pytest.mark.parametrize(
    ("values", "convention"),
    [
        ((1, 2, 4), BRATS2021),
        ((1, 2, 3), BRATS2023),
        ((1, 2), BRATS2023),
        ((), BRATS2023),
        ((4,), BRATS2021),
        ((1, 2, 3, 4), BRATS2024),
        ((3, 4), BRATS2024),
    ],
)
def test_values_alone_tell_the_enhancing_tumor_and_a_cavity_beside_it(values, convention):
    assert decide_numbering(holds(*values)) is convention


@pytest.mark.parametrize("values", [(1, 7), (1.5,), (np.nan,), (-1, 2), (5,)])
def test_other_values_are_those_of_no_numbering(values):
    with pytest.raises(InputError, match="BraTS label maps hold"):
        decide_numbering(holds(*values))


@pytest.mark.parametrize("convention", list(LabelConvention))
def test_what_is_said_or_known_goes_before_the_values(convention):
    assert decide_numbering(holds(1, 2, said=convention)) is convention
    assert decide_numbering(holds(1, 2, known=convention)) is convention
    assert decide_numbering(holds(1, 2, said=convention, known=BRATS2021)) is convention


def test_of_brats_2023_and_later_4_beside_3_is_the_cavity():
    assert decide_numbering(holds(1, 2, 3, 4, known=BRATS2023)) is BRATS2024
    assert decide_numbering(holds(1, 2, 4, known=BRATS2023)) is BRATS2023, "which has no 4, and says so"


@pytest.mark.parametrize(
    "other", [holds(2, 3, 4), holds(1, 2, known=BRATS2024), holds(1, said=BRATS2024), holds(3, 4, known=BRATS2023)]
)
def test_where_the_other_label_map_has_a_cavity_4_is_one(other):
    assert decide_numbering(holds(1, 2, 4), other) is BRATS2024
    assert decide_numbering(holds(1, 2, 4, known=BRATS2021), other) is BRATS2021


@pytest.mark.parametrize("other", [holds(1, 2, 3), holds(1, 2, 4), holds(1, 2, known=BRATS2023), holds()])
def test_where_the_other_label_map_knows_no_cavity_4_is_enhancing_tumor(other):
    assert decide_numbering(holds(1, 2, 4), other) is BRATS2021


def test_msd_binds_the_other_label_map_where_the_data_set_says_so_and_the_values_allow_it():
    assert decide_numbering(holds(1, 2, 3), holds(1, 2, 3, known=MSD)) is MSD
    assert decide_numbering(holds(1, 2, 4), holds(1, 2, 3, known=MSD)) is BRATS2021
    assert decide_numbering(holds(1, 2, 3, known=BRATS2023), holds(1, 2, 3, known=MSD)) is BRATS2023
    assert decide_numbering(holds(1, 2, 3), holds(1, 2, 3, said=MSD)) is BRATS2023, "a person speaks of one side alone"


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_the_values_that_are_there_are_told_without_0(dtype):
    assert present_values(np.array([[0, 3, 1], [1, 0, 4]], dtype)) == {1, 3, 4}
    assert present_values(np.zeros((2, 2), dtype)) == frozenset()


def test_an_image_is_no_label_map_however_many_values_it_holds():
    with pytest.raises(InputError, match="holds 1, 2, 3, 4, 5 and more"):
        decide_numbering(Evidence(present_values(np.arange(100_000))))
