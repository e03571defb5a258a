"""The one table of tumor labels and regions, with every numbering in use.

| label | BraTS up to 2021 | BraTS 2023 and later | MSD Task01 | meaning |
|-------|------------------|----------------------|------------|---------|
| NCR   | 1 | 1 | 2 | necrotic and non-enhancing tumor core |
| ED    | 2 | 2 | 1 | peritumoral edema |
| ET    | 4 | 3 | 3 | enhancing tumor |

BraTS 2024 numbers as BraTS 2023 does, and calls the resection cavity of patients after an operation 4. It is no tumor
and in no region: read, it is background.

Inside the library labels are always those of BraTS 2023 (`LabelConvention.BRATS2023`): consecutive, 0 to 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from .errors import InputError


class LabelConvention(StrEnum):
    """A numbering of the three labels in files."""

    BRATS2021 = "brats2021"
    BRATS2023 = "brats2023"
    BRATS2024 = "brats2024"
    MSD = "msd"


CAVITY_VALUE = 4
"""The resection cavity in `LabelConvention.BRATS2024`."""


@dataclass(frozen=True)
class Code:
    """A coded concept: scheme (SCT is SNOMED CT, one that begins with 99 is private), value and meaning."""

    scheme: str
    value: str
    meaning: str


@dataclass(frozen=True)
class Label:
    """One disjoint tumor label.

    value: number inside the library. color: RGB in 0 to 1, customary for BraTS. category, type: terminology codes.
    """

    key: str
    name: str
    value: int
    values: dict[LabelConvention, int]
    color: tuple[float, float, float]
    category: Code
    type: Code


PRIVATE_SCHEME = "99BRATS"
"""DICOM's way to name concepts of one's own: SNOMED CT has no enhancing tumor, tumor core or whole tumor of BraTS."""
_ALTERED = Code("SCT", "49755003", "Morphologically Altered Structure")
_ENHANCING = Code(PRIVATE_SCHEME, "ET", "Enhancing tumor")
NCR = Label(
    "NCR", "Necrotic and non-enhancing core", 1,
    {LabelConvention.BRATS2021: 1, LabelConvention.BRATS2023: 1, LabelConvention.BRATS2024: 1, LabelConvention.MSD: 2},
    (0.86, 0.16, 0.16), _ALTERED, Code("SCT", "6574001", "Necrosis"),
)  # fmt: skip
ED = Label(
    "ED", "Edema", 2,
    {LabelConvention.BRATS2021: 2, LabelConvention.BRATS2023: 2, LabelConvention.BRATS2024: 2, LabelConvention.MSD: 1},
    (0.20, 0.70, 0.30), _ALTERED, Code("SCT", "79654002", "Edema"),
)  # fmt: skip
ET = Label(
    "ET", "Enhancing tumor", 3,
    {LabelConvention.BRATS2021: 4, LabelConvention.BRATS2023: 3, LabelConvention.BRATS2024: 3, LabelConvention.MSD: 3},
    (0.98, 0.82, 0.15), _ALTERED, _ENHANCING,
)  # fmt: skip
LABELS: tuple[Label, ...] = (NCR, ED, ET)
"""All labels, by rising value."""
LABEL_BY_KEY: dict[str, Label] = {label.key: label for label in LABELS}


@dataclass(frozen=True)
class Region:
    """A nested region of BraTS: the union of some labels.

    color: that of the label which alone is seen of the region where the inner ones are drawn over it.
    """

    key: str
    name: str
    labels: tuple[Label, ...]
    color: tuple[float, float, float]
    category: Code
    type: Code

    @property
    def values(self) -> tuple[int, ...]:
        """The library's label values whose union the region is."""
        return tuple(label.value for label in self.labels)


WT = Region("WT", "Whole tumor", (NCR, ED, ET), ED.color, _ALTERED, Code(PRIVATE_SCHEME, "WT", "Whole tumor"))
TC = Region("TC", "Tumor core", (NCR, ET), NCR.color, _ALTERED, Code(PRIVATE_SCHEME, "TC", "Tumor core"))
ENHANCING = Region("ET", "Enhancing tumor", (ET,), ET.color, _ALTERED, _ENHANCING)
REGIONS: tuple[Region, ...] = (WT, TC, ENHANCING)
"""The nested regions, from the outside in: WT, TC, ET."""

WRITTEN: tuple[tuple[str, str, Label], ...] = (("ED", "WT", ED), ("NCR", "TC", NCR), ("ET", "ET", ET))
"""How channels become labels, the later one winning: by the label's own channel or the region's, which label."""
CHANNEL_SETS: tuple[tuple[str, ...], ...] = (("WT", "TC", "ET"), ("ED", "NCR", "ET"), ("TC", "WT", "ET"))
"""What the three output channels of a network may mean: ours, the public two-stage code's, MONAI's model zoo's."""


def convert_labels(labels: np.ndarray, source: LabelConvention, target: LabelConvention) -> np.ndarray:
    """Renumber a label map (any shape, integers or whole floats) from one convention to another, as uint8.

    A resection cavity becomes background. Raises InputError on a value that the source convention does not have.
    """
    result = np.zeros(labels.shape, np.uint8)
    known = labels == 0
    for label in LABELS:
        here = labels == label.values[source]
        result[here] = label.values[target]
        known |= here
    if source is LabelConvention.BRATS2024:
        known |= labels == CAVITY_VALUE
    if not known.all():
        strange = set(np.unique(labels[~known]).tolist())
        cavity = strange == {CAVITY_VALUE} and source is LabelConvention.BRATS2023
        raise InputError(
            f"The label map holds {some_values(strange)}, no label of the convention {source.value}; "
            + ("4 is the resection cavity in brats2024, enhancing tumor in brats2021." if cavity else "")
            + ("" if cavity else "give a label map of that convention.")
        )
    return result


def values_of(convention: LabelConvention) -> frozenset[int]:
    """Return the values, without 0, that a label map of a convention may hold."""
    values = {label.values[convention] for label in LABELS}
    return frozenset(values | ({CAVITY_VALUE} if convention is LabelConvention.BRATS2024 else set()))


def some_values(values: Iterable[float]) -> str:
    """Name the first few distinct values for a message."""
    distinct = [f"{value:g}" for value in sorted(set(values))[:6]]
    return ", ".join(distinct[:5]) + (" and more" if len(distinct) > 5 else "")


def regions_from_labels(labels: np.ndarray) -> np.ndarray:
    """Return the nested regions (3, ...) as bool, in the order WT, TC, ET, of a label map in the library's values."""
    return np.stack([_hold(labels, region.values) for region in REGIONS])


def labels_from_channels(channels: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Turn three binary channels (3, ...) into one label map (uint8, library's values).

    names says what the channels mean (one of `CHANNEL_SETS`). Labels are written from the outside in, the later one
    winning: ED (or WT), NCR (or TC), ET; this is also the public two-stage code's order.
    """
    result = np.zeros(channels.shape[1:], np.uint8)
    for own, region, label in WRITTEN:
        name = own if own in names else region
        result = np.where(channels[names.index(name)] > 0, np.uint8(label.value), result)
    return result


def channels_from_labels(labels: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return the binary channels (C, ...) as uint8 that the names ask for, of a label map in the library's values.

    A name is a label (`NCR`, `ED`, `ET`) or a region (`WT`, `TC`, `ET`).
    """
    by_region = {region.key: region.values for region in REGIONS}
    by_label = {label.key: (label.value,) for label in LABELS}
    members = {**by_label, **by_region}
    return np.stack([_hold(labels, members[name]) for name in names]).view(np.uint8)


def _hold(labels: np.ndarray, values: tuple[int, ...]) -> np.ndarray:
    """Say for each voxel whether it has one of a few values: faster than np.isin."""
    result = labels == values[0]
    for value in values[1:]:
        result |= labels == value
    return result
