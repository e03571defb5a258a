"""Fixtures of the training's tests: tiny labelled cases, on disk as files and prepared."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.core.settings import StageSettings
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom
from BrainTumorVAESegLib.training import stages
from BrainTumorVAESegLib.training.data.cache import CachedCase
from BrainTumorVAESegLib.training.fit.fitting import Fit
from BrainTumorVAESegLib.training.fit.processes import Processes
from BrainTumorVAESegLib.training.recipe import read_recipe
from BrainTumorVAESegLib.training.run import Run, open_run
from BrainTumorVAESegLib.training.settings import Recipe
from smallbrains import no_brain_is_too_small  # noqa: F401  (a fixture)
from trainedruns import trained  # noqa: F401  (a fixture)

TINY_RECIPE = """
name: tiny
preset: small
folds: 2
masks_at: [0.5, 1.0]
workers: 0
precision: 32-true
networks:
  stage1: &net
    {filters: 8, groups: 4, blocks_down: [1, 1, 1, 1], field: [16, 16, 16], vae_crop: [16, 16, 16], latent: 4}
  stage2: *net
stage1: {steps: 4, final_steps: 2, learning_rate: 1.0e-3, jitter: 1}
stage2: {steps: 3, learning_rate: 1.0e-3, jitter: 2}
augmentation: {affine: 0.5, gamma: 0.3, noise: 0.3, smooth: 0.3}
"""
NAMES = ("case1", "case2", "case3", "case4")


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """A data set of four cases of 32x32x32 voxels of 1 mm; never changed by a test."""
    return _make_data(tmp_path_factory.mktemp("data"), NAMES, seed=0)


@pytest.fixture(scope="session")
def held_out_data(tmp_path_factory) -> Path:
    """Two cases more, of patients that are not in `data`."""
    return _make_data(tmp_path_factory.mktemp("held_out"), ("other1", "other2"), seed=50)


def _make_data(folder: Path, names: Sequence[str], seed: int) -> Path:
    for number, name in enumerate(names, start=seed):
        phantom = make_phantom(PhantomSettings(seed=number, size=(32, 32, 32)))
        (folder / name).mkdir()
        images = {modality.value.lower(): phantom.study[modality].array for modality in phantom.study}
        for part, array in {**images, "seg": phantom.labels}.items():
            sitk.WriteImage(sitk.GetImageFromArray(array), str(folder / name / f"{name}-{part}.nii.gz"))
    return folder


@pytest.fixture
def own_data(data, tmp_path) -> Path:
    """A copy of two cases of the data set, which a test may change."""
    for name in NAMES[:2]:
        shutil.copytree(data / name, tmp_path / "own_data" / name)
    return tmp_path / "own_data"


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
    """Three cases of 40x44x48 voxels: noise in a brain, a tumor of three shells off the middle."""
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


@pytest.fixture(scope="session")
def recipe(tmp_path_factory) -> Recipe:
    path = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
    path.write_text(TINY_RECIPE)
    return read_recipe(path)


@pytest.fixture(scope="session")
def processes() -> Processes:
    return Processes("32-true", "cpu")


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def open_tiny(recipe, data, tmp_path, told, processes) -> Callable[..., Run]:
    def open_tiny(recipe: Recipe = recipe, data: Path = data, folder: Path = tmp_path / "run") -> Run:
        return open_run(recipe, discover_cases(data), folder, processes, (), told.append)

    return open_tiny


@pytest.fixture
def run(open_tiny) -> Run:
    return open_tiny()


@pytest.fixture
def played(monkeypatch) -> list[Fit]:
    """In place of a training: note it and write an empty file for each of the weights."""
    noted: list[Fit] = []

    def fit_stage(fit: Fit, processes: Processes, watchers: object) -> list[Path]:
        noted.append(fit)
        fit.folder.mkdir(parents=True, exist_ok=True)
        for path in fit.kept.values():
            path.touch()
        return list(fit.kept.values())

    monkeypatch.setattr(stages, "fit_stage", fit_stage)
    return noted
