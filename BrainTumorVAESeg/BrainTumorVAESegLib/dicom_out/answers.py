"""What is to be told in DICOM objects: the segmentation, its measures, and what made it."""

from __future__ import annotations

from dataclasses import dataclass

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
    """A segmentation on its own grid, what was measured of it, and what made it."""

    segmentation: Segmentation
    measures: Measures
    algorithm: Algorithm
