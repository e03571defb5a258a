"""Fixtures of the evaluation's tests: masks of blobs and boxes, and a labelled study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.volume import Study, Volume
from scipy import ndimage
from smallbrains import no_brain_is_too_small  # noqa: F401  (a fixture)

MakeBlobs = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.fixture(scope="session")
def make_blobs() -> MakeBlobs:
    """Return two masks of irregular blobs that overlap in part, of several parts each; another pair for each seed."""

    def make(seed: int, shape: tuple[int, int, int] = (26, 34, 30)) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng(seed)
        common, own = (ndimage.gaussian_filter(random.normal(size=shape), 2.5) for _ in range(2))
        other = 0.8 * common + 0.6 * own
        return common > 1.5 * common.std(), other > 1.5 * other.std()

    return make


@pytest.fixture(scope="session")
def make_boxes() -> Callable[..., np.ndarray]:
    """Return a mask (bool) of boxes, each as (start, size) in voxels (z, y, x)."""

    def make(shape: tuple[int, int, int], *boxes: tuple[tuple[int, int, int], tuple[int, int, int]]) -> np.ndarray:
        mask = np.zeros(shape, bool)
        for start, size in boxes:
            mask[tuple(slice(a, a + n) for a, n in zip(start, size, strict=True))] = True
        return mask

    return make


@pytest.fixture(scope="module")
def truth(patient, small_grid: Geometry) -> Volume:
    """The truth of `small_study`."""
    return Volume(patient.labels(small_grid), small_grid)


@pytest.fixture(scope="module")
def uneven(small_study: Study) -> Study:
    """A study with voxels below 0, and others that are 0 in one volume and brain in another; not to be changed."""
    array = small_study[Modality.T1].array.copy()
    brain = np.flatnonzero(array)
    array.flat[brain[::7]] = 0
    array.flat[brain[1::7]] -= 700
    volumes = {**small_study.volumes, Modality.T1: replace(small_study[Modality.T1], array=array)}
    return replace(small_study, volumes=volumes)


@pytest.fixture(scope="session")
def brain_of() -> Callable[[Study], np.ndarray]:
    """Return the union of the voxels of a study on one grid that are not 0, (z, y, x)."""
    return lambda study: np.any([study[modality].array != 0 for modality in study], axis=0)
