"""What measuring a segmentation gives: plain data, lengths in millimeters, points in LPS millimeters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Point = tuple[float, float, float]
"""A place in the patient, LPS millimeters."""
MOST_LESIONS = 50
"""Lesions of a region that are measured; of smaller ones only number and volume are told."""


@dataclass(frozen=True)
class Diameters:
    """The longest diameter of a lesion in one slice, and its longest perpendicular there.

    product: of both, mm2. slice: index of the slice, from 0 on the array's axis `Measures.slice_axis`. ends,
    perpendicular_ends: where the two lines begin and end.
    """

    longest_mm: float
    perpendicular_mm: float
    product_mm2: float
    slice: int
    ends: tuple[Point, Point]
    perpendicular_ends: tuple[Point, Point]


@dataclass(frozen=True)
class Side:
    """On which side of the brain's plane of symmetry most of something lies, `left` or `right` of the patient.

    left_share: of its volume, 0 to 1. across_mm: how far it reaches beyond the plane on the other side, 0 where it
    does not.
    """

    side: str
    left_share: float
    across_mm: float


@dataclass(frozen=True)
class Lesion:
    """One connected part of a region.

    number: from 1, the largest. slices: how many it is seen in. diameter_3d_mm: between its outermost points.
    measurable, target: see `rano`. nearest_mm: from its voxels' centers to those of the nearest other lesion that was
    measured, None where there is no other. side: None where no plane of symmetry was found.
    """

    number: int
    volume_ml: float
    center: Point
    slices: int
    diameters: Diameters
    diameter_3d_mm: float
    measurable: bool
    target: bool
    nearest_mm: float | None
    side: Side | None


@dataclass(frozen=True)
class Burden:
    """The lesions of one region, from the largest.

    sum_of_products_mm2: over the target lesions, 0 where there is none. others: how many smaller lesions are not
    among them, since only the largest `MOST_LESIONS` are measured, and others_ml their volume.
    """

    region: str
    lesions: tuple[Lesion, ...]
    sum_of_products_mm2: float
    others: int = 0
    others_ml: float = 0.0

    def __post_init__(self) -> None:
        if len(self.lesions) > MOST_LESIONS:
            raise ValueError(f"{len(self.lesions)} lesions of {self.region}, not {MOST_LESIONS} at most")


@dataclass(frozen=True)
class Measures:
    """All measures of a segmentation.

    volumes_ml: by label and region. enhancing: lesions of ET. whole: those of WT. necrotic_share, enhancing_share: of
    the tumor core's volume, None where there is none. side: of the whole tumor. slice_axis: axis of the array
    (z, y, x) along which the slices that are nearest to axial are stacked; tilt_degrees: by how much they are tilted
    against the patient's axial plane.
    """

    volumes_ml: Mapping[str, float]
    enhancing: Burden
    whole: Burden
    necrotic_share: float | None
    enhancing_share: float | None
    side: Side | None
    slice_axis: int
    tilt_degrees: float
