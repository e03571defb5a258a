"""What a package knows of shading: kept in a file of its own, held against the manifest, absent in older packages."""

from __future__ import annotations

import pytest
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.models.package import ModelPackage
from BrainTumorVAESegLib.models.shading import SHADING_FILE, read_shading
from BrainTumorVAESegLib.preparation.shading import TERMS, ShadingModel
from BrainTumorVAESegLib.trust.calibrating import with_calibration
from BrainTumorVAESegLib.trust.calibration import Calibration, read_calibration

SIZE = len(MODALITIES) * TERMS
MODEL = ShadingModel(
    tuple(0.01 * n for n in range(SIZE)), tuple(float(n % (SIZE + 1) == 0) for n in range(SIZE * SIZE))
)
CALIBRATION = Calibration(5, {}, 1.0, 1.6, shading=MODEL)


@pytest.fixture
def calibrated(written: ModelPackage, tmp_path) -> ModelPackage:
    return with_calibration(written, CALIBRATION, tmp_path / "calibrated")


def test_it_is_read_back_and_belongs_to_the_calibration(calibrated: ModelPackage) -> None:
    read = read_shading(calibrated)
    assert read is not None and read.mean == pytest.approx(MODEL.mean) and read.covariance == MODEL.covariance
    calibration = read_calibration(calibrated)
    assert calibration is not None and calibration.shading == read
    assert b"covariance" not in (calibrated.folder / "configs/trust.json").read_bytes(), "it is stored once"


def test_a_package_without_it_knows_nothing(written: ModelPackage) -> None:
    assert read_shading(written) is None


def test_a_file_that_was_changed_is_refused(calibrated: ModelPackage) -> None:
    file = calibrated.folder / SHADING_FILE
    file.write_bytes(file.read_bytes().replace(b"0.01", b"0.02", 1))
    with pytest.raises(PackageError, match=r"configs/shading\.json was changed after the package was written"):
        read_shading(calibrated)
