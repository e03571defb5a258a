"""Which numbering a label map follows: told by its values, by what is known of it, and by what it is held against.

| values | may be |
|---|---|
| 1, 2 | any |
| 1, 2, 3 | BraTS 2023, BraTS 2024, MSD |
| 1, 2, 4 | BraTS up to 2021; BraTS 2024 without enhancing tumor, 4 being the resection cavity |
| 1, 2, 3, 4 | BraTS 2024 |

A cavity taken for enhancing tumor, or MSD's edema for necrosis, gives wrong scores without a word; so values alone
decide only where nothing else does.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np

from .errors import InputError
from .labels import CAVITY_VALUE, LabelConvention, some_values, values_of

_BY_VALUES = (LabelConvention.BRATS2023, LabelConvention.BRATS2021, LabelConvention.BRATS2024)
"""What values alone may mean, the likeliest first; MSD is never taken by them."""
_ENOUGH = 64
"""So many values are those of no label map, but of an image."""


@dataclass(frozen=True)
class Evidence:
    """What tells the numbering of one label map.

    values: those that it holds, without 0. said: by a person, who speaks of this label map alone. known: by the data
    set's own table, by the name of its case, or by the program that wrote it.
    """

    values: Set[float]
    said: LabelConvention | None = None
    known: LabelConvention | None = None


def present_values(labels: np.ndarray) -> frozenset[float]:
    """Return the values of a label map (any shape) other than 0, the lowest of them where they are those of none."""
    found = np.flatnonzero(np.bincount(labels.ravel())) if labels.dtype == np.uint8 else np.unique(labels)
    return frozenset(float(value) for value in found[:_ENOUGH] if value != 0)


def decide_numbering(mine: Evidence, other: Evidence | None = None) -> LabelConvention:
    """Return the numbering of a label map.

    other: of the label map that it is held against. What was said goes first, then what is known, where BraTS 2023
    means that of 2024 if both 3 and 4 occur. Else the values decide; where they leave it open whether 4 is a cavity, or
    1 edema, the other label map does if its own numbering is sure. Raises InputError on values of no numbering.
    """
    told = mine.said or mine.known
    if told is not None:
        both = told is LabelConvention.BRATS2023 and mine.values >= {3, CAVITY_VALUE}
        return LabelConvention.BRATS2024 if both else told
    possible = [each for each in LabelConvention if mine.values <= values_of(each)]
    if not possible:
        raise InputError(
            f"The label map holds {some_values(mine.values)}; BraTS label maps hold 0, 1, 2 and either 3 or 4, or"
            " those and a resection cavity."
        )
    beside = _sure(other) if other is not None else None
    if beside in possible and (beside is not LabelConvention.BRATS2024 or CAVITY_VALUE in mine.values):
        return beside
    return next(each for each in _BY_VALUES if each in possible)


def _sure(other: Evidence) -> LabelConvention | None:
    """Return a numbering that binds what it is held against: one whose values mean something else elsewhere.

    That a person says of one label map that it is MSD's says nothing of the other; a cavity was there in both.
    """
    if LabelConvention.BRATS2024 in (other.said, other.known) or other.values >= {3, CAVITY_VALUE}:
        return LabelConvention.BRATS2024
    return LabelConvention.MSD if other.known is LabelConvention.MSD and other.said is None else None
