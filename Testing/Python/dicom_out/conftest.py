"""Fixtures of the DICOM objects' tests: an oblique series of a tumor with two lesions, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.measures.measuring import measure

pytest.importorskip("highdicom", reason="the extra [dicom] is not installed")
from BrainTumorVAESegLib.dicom_out.answers import Algorithm, Answer
from BrainTumorVAESegLib.dicom_out.sources import Source, open_source
from BrainTumorVAESegLib.images.dicom import find_series
from dicomstudies import write_series

COS, SIN = float(np.cos(0.3)), float(np.sin(0.3))
OBLIQUE = Geometry((19, 17, 14), (0.9, 1.1, 4.0), (-20.0, 5.0, 30.0), (1, 0, 0, 0, COS, -SIN, 0, SIN, COS))
"""19 x 17 voxels a slice, no multiple of 8: with one bit a voxel, slices begin within a byte."""
T1CE = {"SeriesNumber": 7, "SeriesDescription": "AX T1 POST GAD", "EchoTime": 10.0, "RepetitionTime": 500.0}
ALGORITHM = Algorithm("known", "1.2.0", "ab" * 32)


def tumor(geometry: Geometry) -> np.ndarray:
    """Labels (z, y, x) of three shells, and of a second lesion of four voxels at the border."""
    z, y, x = (place - size // 2 for place, size in zip(np.indices(geometry.shape), geometry.shape, strict=True))
    distance = np.sqrt((x * 0.9) ** 2 + (y * 1.1) ** 2 + (z * 4.0) ** 2)
    labels = np.zeros(geometry.shape, np.uint8)
    for value, radius in ((2, 9.5), (3, 7.5), (1, 4.5)):
        labels[distance < radius] = value
    labels[-2, :2, :2] = 3
    return labels


def answer_of(labels: np.ndarray, geometry: Geometry) -> Answer:
    segmentation = Segmentation(labels, geometry)
    return Answer(segmentation, measure(segmentation), ALGORITHM)


@pytest.fixture
def volume() -> Volume:
    array = np.random.default_rng(0).uniform(0, 3000, OBLIQUE.shape).astype(np.float32)
    return Volume(array, OBLIQUE, "made")


@pytest.fixture
def answer() -> Answer:
    return answer_of(tumor(OBLIQUE), OBLIQUE)


@pytest.fixture
def make_source(volume: Volume, tmp_path: Path) -> Callable[..., Source]:
    """Write the volume as a series, with other tags where they are given, and open it."""

    def make(**tags: object) -> Source:
        write_series(volume, tmp_path / "study", **{**T1CE, **tags})
        (series,) = find_series(tmp_path / "study")
        return open_source(series)

    return make


@pytest.fixture
def source(make_source: Callable[..., Source]) -> Source:
    return make_source()
