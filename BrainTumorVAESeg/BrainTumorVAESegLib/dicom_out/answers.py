"""What is to be told in DICOM objects: the segmentation, its measures, and what made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..core.segmentation import Segmentation
from ..measures.results import Measures


@dataclass(frozen=True)
class Algorithm:
    """A model package: its name, version and SHA-256."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Answer:
    """A segmentation on its own grid, what was measured of it, and what made it.

    intervals_ml: by region, between which milliliters its true volume probably lies (see `core.verdict`); empty where
    the package tells none, or the segmentation was edited since.
    """

    segmentation: Segmentation
    measures: Measures
    algorithm: Algorithm
    intervals_ml: Mapping[str, tuple[float, float]] = field(default_factory=dict)
