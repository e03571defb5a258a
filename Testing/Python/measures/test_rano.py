"""What RANO 2.0 calls measurable, and which lesions are summed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from BrainTumorVAESegLib.measures.rano import choose_targets, is_measurable, sum_of_products
from BrainTumorVAESegLib.measures.results import Diameters, Lesion

NOWHERE = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


def diameters(longest: float, perpendicular: float) -> Diameters:
    return Diameters(longest, perpendicular, longest * perpendicular, 0, NOWHERE, NOWHERE)


@pytest.mark.parametrize(
    ("longest", "perpendicular", "slices", "thickness", "measurable"),
    [
        (10, 10, 2, 1, True),
        (40, 9.9, 9, 1, False),
        (9.9, 9.9, 9, 1, False),
        (20, 20, 1, 5, False),
        (13, 13, 2, 5, True),
        (13, 13, 2, 7, False),
        (14, 14, 2, 7, True),
    ],
)
def test_a_lesion_is_measurable_from_10_mm_and_two_slices_on(
    longest: float, perpendicular: float, slices: int, thickness: float, measurable: bool
) -> None:
    assert is_measurable(diameters(longest, perpendicular), slices, thickness) is measurable


def test_the_three_measurable_lesions_with_the_largest_products_are_summed() -> None:
    sizes = [(12, 12, True), (30, 20, True), (90, 9, False), (15, 10, True), (20, 10, True)]
    lesions = [
        replace(
            Lesion(0, 1.0, (0.0, 0.0, 0.0), 5, diameters(0, 0), 0.0, False, False, None, None),
            number=number,
            diameters=diameters(longest, across),
            measurable=measurable,
        )
        for number, (longest, across, measurable) in enumerate(sizes, start=1)
    ]
    chosen = choose_targets(lesions)
    assert [lesion.number for lesion in chosen if lesion.target] == [2, 4, 5]
    assert sum_of_products(chosen) == 600 + 150 + 200
    assert sum_of_products(choose_targets([])) == 0
