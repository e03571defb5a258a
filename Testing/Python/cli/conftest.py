"""Fixtures of the command line's tests: tiny cases, tiny models whose answer is known, and a way to run a command."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from BrainTumorVAESegLib.cli.app import run
from BrainTumorVAESegLib.core.labels import LabelConvention
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.images.writing import write_label_map, write_volume
from BrainTumorVAESegLib.models import library
from BrainTumorVAESegLib.phantom.phantom import Phantom, PhantomSettings, make_phantom
from knownmodels import SPACING, write_model

SIZE = (28, 34, 26)


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line that begins with `error:`."""
        (line,) = [line for line in self.err.splitlines() if line.startswith("error:")]
        return line


Command = Callable[..., Outcome]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command line on some arguments."""

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def phantom() -> Phantom:
    """A phantom of coarse voxels: a brain of some thousand."""
    return make_phantom(PhantomSettings(size=SIZE, spacing=SPACING))


@pytest.fixture(scope="session")
def case(phantom: Phantom, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A labeled case's folder; no test changes it."""
    folder = tmp_path_factory.mktemp("data") / "PATIENT-1"
    write_case(phantom, folder)
    return folder


def write_case(phantom: Phantom, folder: Path) -> None:
    """Write a phantom as a case's folder, its truth in the numbers of BraTS 2021."""
    folder.mkdir(parents=True)
    for modality in phantom.study:
        write_volume(phantom.study[modality], folder / f"PATIENT-1_{modality.value.lower()}.nii.gz")
    truth = Segmentation(phantom.labels, phantom.study.reference_volume.geometry)
    write_label_map(truth, folder / "PATIENT-1_seg.nii.gz", LabelConvention.BRATS2021)


@pytest.fixture(scope="session")
def made_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two models: `all-edema` calls the whole brain edema, `nothing` finds no tumor; not to be changed."""
    folder = tmp_path_factory.mktemp("models")
    write_model(folder, "all-edema", (5.0, -5.0, -5.0))
    write_model(folder, "nothing", (-5.0, -5.0, -5.0))
    return folder


@pytest.fixture(autouse=True)
def shipped(made_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of shipped models, which holds the two; installed ones would lie in a folder of the test's own."""
    folder = tmp_path / "shipped"
    shutil.copytree(made_models, folder)
    monkeypatch.setattr(library, "shipped_folder", lambda: folder)
    monkeypatch.setenv(library.ENVIRONMENT_VARIABLE, str(tmp_path / "installed"))
    return folder


@pytest.fixture
def undemanding(shipped: Path) -> str:
    """The name of a model like `all-edema` that can do without T1ce and T2."""
    return write_model(shipped, "undemanding", (5.0, -5.0, -5.0), optional=("T1ce", "T2")).name


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for results, which does not exist yet."""
    return tmp_path / "results" / "today"


@pytest.fixture(scope="session")
def dicom_study(phantom, tmp_path_factory) -> Path:
    """The phantom as a scanner would write it, with a localizer beside it; no test changes it."""
    pytest.importorskip("pydicom", reason="the extra [dicom] is not installed")
    from dicomstudies import write_series, write_study

    folder = tmp_path_factory.mktemp("dicom") / "EXAM"
    write_study(phantom.study.volumes, folder)
    write_series(phantom.study[Modality.T1], folder, SeriesNumber=1, SeriesDescription="3-PL LOC")
    return folder
