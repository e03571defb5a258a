"""Fixtures of all rooms: the folder of real images, and a small patient made by formulas, seen on any grid."""

from __future__ import annotations

import resource
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.labels import ED, ET, NCR
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.privacy import forbid_reports
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.images.writing import write_volume
from hypothesis import HealthCheck, settings

forbid_reports()  # tests import what reports its use themselves, and what sends it has threads and processes of its own

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # a machine that is busy is no fault of a test's

REPOSITORY = Path(__file__).resolve().parents[2]
WriteStudy = Callable[..., dict[Modality, Path]]


class Patient:
    """A brain of 1.5 liters with a tumor, as functions of the place in the patient (LPS, mm), so of no grid.

    Nothing in it is symmetric: an image turned, mirrored or shifted is another one.
    """

    half_axes = np.array([67.0, 84.0, 64.0])
    tumor = np.array([24.0, -14.0, 18.0])
    radii = ((NCR, 9.0), (ET, 14.0), (ED, 22.0))
    change = MappingProxyType(
        {
            Modality.T1: (0, -150, 20, 40),
            Modality.T1CE: (0, -180, 20, 350),
            Modality.T2: (0, 180, 200, 60),
            Modality.FLAIR: (0, 90, 260, 120),
        }
    )

    def places(self, geometry: Geometry) -> np.ndarray:
        """Return the places of a grid's voxels, (3, z, y, x)."""
        nx, ny, nz = geometry.size
        z, y, x = np.meshgrid(np.arange(nz), np.arange(ny), np.arange(nx), indexing="ij")
        index = np.stack([x, y, z]).reshape(3, -1)
        matrix = geometry.index_to_physical
        return (matrix[:3, :3] @ index + matrix[:3, 3:]).reshape(3, *geometry.shape)

    def brain(self, geometry: Geometry) -> np.ndarray:
        """Return which voxels are brain, (z, y, x)."""
        return ((self.places(geometry) / self.half_axes[:, None, None, None]) ** 2).sum(axis=0) < 1

    def volume(self, modality: Modality, geometry: Geometry) -> Volume:
        """Return the patient as a modality shows him on a grid: int16, 0 outside the brain."""
        x, y, z = self.places(geometry)
        n = MODALITIES.index(modality)
        values = 600 + x + 0.7 * y - 0.5 * z
        values += 90 * np.sin(x / (17 + 2 * n) + n)
        values += 70 * np.cos(y / (23 - 3 * n) - n) * np.sin(z / (19 + 3 * n) + 2 * n)
        values += np.array(self.change[modality])[self.labels(geometry)]
        return Volume(np.where(self.brain(geometry), values, 0).astype(np.int16), geometry, f"{modality}.nii.gz")

    def labels(self, geometry: Geometry) -> np.ndarray:
        """Return the tumor's labels on a grid: three shells, uint8, the library's values."""
        distance = np.linalg.norm(self.places(geometry) - self.tumor[:, None, None, None], axis=0)
        result = np.zeros(geometry.shape, np.uint8)
        for label, radius in reversed(self.radii):
            result[distance < radius] = label.value
        return result

    def study(self, grids: Geometry | Mapping[Modality, Geometry], reference: Modality = Modality.T1CE) -> Study:
        """Return the patient's four volumes, all on one grid or each on its own."""
        by_modality = {m: grids for m in MODALITIES} if isinstance(grids, Geometry) else grids
        return Study({m: self.volume(m, grid) for m, grid in by_modality.items()}, reference, "patient")


def centered(
    size: tuple[int, int, int], spacing: tuple[float, float, float], direction: np.ndarray | None = None
) -> Geometry:
    """Return a grid around the patient's center, its axes the columns of direction."""
    matrix = np.eye(3) if direction is None else direction
    x, y, z = -matrix @ ((np.array(size) - 1) * np.array(spacing) / 2)
    return Geometry(size, spacing, (float(x), float(y), float(z)), tuple(float(value) for value in matrix.ravel()))


@pytest.fixture(scope="session")
def patient() -> Patient:
    return Patient()


@pytest.fixture(scope="session")
def make_grid() -> Callable[..., Geometry]:
    """A function from size, spacing and direction to a grid around the patient's center."""
    return centered


@pytest.fixture(scope="session")
def small_grid() -> Geometry:
    """A grid of 2.5 mm on which a test is quick and a brain is as large as a brain."""
    return centered((68, 80, 64), (2.5, 2.5, 2.5))


@pytest.fixture(scope="session")
def small_study(patient: Patient, small_grid: Geometry) -> Study:
    """Four aligned volumes of the patient at 2.5 mm, in which a check finds nothing; not to be changed."""
    return patient.study(small_grid)


@pytest.fixture
def write_study(tmp_path: Path) -> WriteStudy:
    """Write a study as a case's folder (`case_t1.nii.gz` and so on) and return its files by modality."""

    def write(study: Study, folder: Path | None = None, suffix: str = ".nii.gz") -> dict[Modality, Path]:
        place = folder or tmp_path / "case"
        place.mkdir(parents=True, exist_ok=True)
        files = {m: place / f"case_{m.value.lower()}{suffix}" for m in study}
        for modality, path in files.items():
            write_volume(study[modality], path)
        return files

    return write


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real images beside the repository; a test that asks for it is skipped where it is absent."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not (folder / "cases").is_dir():
        pytest.skip(f"the real images are not there (../shared/data beside {REPOSITORY.name})")
    return folder


@pytest.fixture
def full_disk() -> Callable[[], AbstractContextManager[None]]:
    """Return what to wrap around a writing: no file may grow beyond 500 bytes there, as if the disk were full.

    It must not span the whole test: pytest's own output may go to a file.
    """

    @contextmanager
    def limited() -> Iterator[None]:
        before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, handler)

    return limited


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Say how a process of pytest-xdist ended that was lost: xdist does not, and a signal is no exit."""
    if error:
        try:
            code = node.gateway._io.popen.wait(10)
        except subprocess.TimeoutExpired:
            how = "it still runs"
        else:
            how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"it ended with exit code {code}"
        node.config.get_terminal_writer().line(f"[{node.gateway.id}] {how}")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """One thread for tiny networks and images: several would mostly wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
