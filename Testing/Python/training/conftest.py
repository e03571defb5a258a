"""Fixtures of the training's tests: tiny labelled cases, on disk as files and prepared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.settings import StageSettings
from BrainTumorVAESegLib.images.phantom import PhantomSettings, make_phantom
from BrainTumorVAESegLib.training.cases import CachedCase

NAMES = ("case1", "case2", "case3", "case4")


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """A data set of four cases of 32x32x32 voxels of 1 mm; never changed by a test."""
    folder = tmp_path_factory.mktemp("data")
    for seed, name in enumerate(NAMES):
        phantom = make_phantom(PhantomSettings(seed=seed, size=(32, 32, 32)))
        (folder / name).mkdir()
        for modality in phantom.study:
            image = sitk.GetImageFromArray(phantom.study[modality].array)
            sitk.WriteImage(image, str(folder / name / f"{name}-{modality.value.lower()}.nii.gz"))
        sitk.WriteImage(sitk.GetImageFromArray(phantom.labels), str(folder / name / f"{name}-seg.nii.gz"))
    return folder


@pytest.fixture
def make_case(tmp_path) -> Callable[..., CachedCase]:
    """Make a prepared case of given images (4, z, y, x) and labels (z, y, x)."""

    def make(name: str, images: np.ndarray, labels: np.ndarray) -> CachedCase:
        case = CachedCase(name, tmp_path / f"{name}.0.images.npy", tmp_path / f"{name}.0.labels.npy")
        np.save(case.images_file, images.astype(np.float16))
        np.save(case.labels_file, labels.astype(np.uint8))
        return case

    return make


@pytest.fixture
def tumor_cases(make_case) -> list[CachedCase]:
    """Three cases of 40x44x48 voxels: noise in a brain, a tumour of three shells off the middle."""
    cases = []
    for number in range(3):
        shape = (40, 44, 48)
        z, y, x = np.ogrid[tuple(slice(n) for n in shape)]
        distance = np.sqrt((z - 18) ** 2 + (y - 24) ** 2 / 1.5 + (x - 20 - 4 * number) ** 2)
        labels = np.select([distance < 5, distance < 8, distance < 11], [1, 3, 2], 0)
        images = np.random.default_rng(number).standard_normal((4, *shape))
        brain = (z - 20) ** 2 + (y - 22) ** 2 + (x - 24) ** 2 < 19**2
        cases.append(make_case(f"case{number}", images * brain, labels))
    return cases


@pytest.fixture(scope="session")
def tiny_stage() -> StageSettings:
    """A network that a test can train: 16x16x16 voxels, no dropout, so that a run can be repeated exactly."""
    return StageSettings(
        filters=8, groups=4, blocks_down=(1, 1, 1, 1), dropout=0.0, field=(16,) * 3, vae_crop=(16,) * 3, latent=4
    )
