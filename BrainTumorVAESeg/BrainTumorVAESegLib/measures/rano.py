"""Which lesions are measurable and which are targets, after RANO 2.0.

Wen et al. 2023, doi 10.1200/JCO.23.01059, which goes on from RANO of 2010 (Wen et al., doi 10.1200/JCO.2009.26.3541).
Taken from there is this much: lesions are measured in two dimensions on axial slices, by the longest diameter and the
longest perpendicular to it; a lesion is measurable from 10 mm on in both where it is seen in at least two slices; the
largest measurable ones are the targets, and the burden is the sum of their products, enhancing disease apart from
non-enhancing. RANO 2.0 takes up to three targets where one of these is judged, up to two of each where both are; RANO
of 2010 took two to five. Up to three are summed here, of either. That a lesion must measure twice the slices' thickness
where they are thicker than 5 mm is RANO's of 2010; slices' distance, gaps included, is taken for their thickness.

What takes a reader is not taken: whether margins are clear, whether a lesion is treated, what is cyst or cavity,
whether a lesion can be measured again at the next visit. No response is told: that compares two examinations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .results import Diameters, Lesion

LEAST_MM = 10.0
"""Both diameters of a measurable lesion."""
LEAST_SLICES = 2
MOST_TARGETS = 3


def is_measurable(diameters: Diameters, slices: int, thickness_mm: float) -> bool:
    """Say whether a lesion seen in so many slices, of such a thickness, is measurable."""
    least = max(LEAST_MM, 2 * thickness_mm)
    return slices >= LEAST_SLICES and min(diameters.longest_mm, diameters.perpendicular_mm) >= least - 1e-6


def choose_targets(lesions: Sequence[Lesion]) -> tuple[Lesion, ...]:
    """Mark the measurable lesions with the largest products as targets, up to `MOST_TARGETS`; the order stays."""
    measurable = [lesion for lesion in lesions if lesion.measurable]
    ordered = sorted(measurable, key=lambda lesion: -lesion.diameters.product_mm2)
    chosen = {lesion.number for lesion in ordered[:MOST_TARGETS]}
    return tuple(replace(lesion, target=lesion.number in chosen) for lesion in lesions)


def sum_of_products(lesions: Sequence[Lesion]) -> float:
    """Return the sum of the target lesions' products, mm2."""
    return sum((lesion.diameters.product_mm2 for lesion in lesions if lesion.target), 0.0)
