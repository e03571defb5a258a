"""DICOM files to series and volumes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.images.dicom import DicomSeries, find_series, read_series, require_one_study

pytest.importorskip("pydicom", reason="the extra [dicom] is not installed")
import pydicom
from dicomstudies import edit, write_enhanced, write_series
from pydicom.uid import RLELossless

REAL = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "clinical" / "dicom"
COS, SIN = float(np.cos(0.3)), float(np.sin(0.3))
OBLIQUE = Geometry((10, 8, 12), (0.9, 1.1, 4.0), (-20.0, 5.0, 30.0), (1, 0, 0, 0, COS, -SIN, 0, SIN, COS))
TIMES = {"EchoTime": 100.0, "RepetitionTime": 4500.0}


@pytest.fixture
def volume() -> Volume:
    array = np.random.default_rng(0).uniform(0, 3000, OBLIQUE.shape).astype(np.float32)
    return Volume(array, OBLIQUE, "made")


@pytest.fixture
def files(volume: Volume, tmp_path: Path) -> Callable[[], list[Path]]:
    """Write the volume as a series and give its files by their slices."""

    def write(**tags: object) -> list[Path]:
        write_series(volume, tmp_path, SeriesNumber=5, SeriesDescription="AX T2/FSE", **TIMES, **tags)
        return sorted(tmp_path.glob("*.dcm"), key=lambda path: int(path.stem.split("_")[1]))

    return write


def only(folder: Path) -> DicomSeries:
    (series,) = find_series(folder)
    return series


def holds(read: Volume, volume: Volume) -> None:
    assert read.geometry.same_grid(volume.geometry, 1e-3)
    np.testing.assert_allclose(read.array, volume.array, atol=volume.array.max() / 4095)


@pytest.mark.parametrize("syntax", [None, RLELossless], ids=["plain", "RLE"])
def test_a_series_is_the_volume_that_was_written(volume: Volume, tmp_path: Path, syntax: str | None) -> None:
    write_series(volume, tmp_path / "deep" / "er", syntax, SeriesNumber=5, SeriesDescription="AX T2/FSE", **TIMES)
    series = only(tmp_path)
    holds(read_series(series), volume)
    assert read_series(series).source == series.label == "series 5 (AX T2 FSE)"
    assert series.said.modality is Modality.T2


def test_an_enhanced_file_is_the_volume_that_was_written(volume: Volume, tmp_path: Path) -> None:
    write_enhanced(volume, tmp_path / "IM0", SeriesNumber=5, SeriesDescription="tra", EchoPulseSequence="SPIN", **TIMES)
    series = only(tmp_path)
    holds(read_series(series), volume)
    assert series.said.modality is Modality.T2  # by its times, which lie in the groups of its frames


def test_slices_are_scaled_each_by_its_own_factor(volume: Volume, files, tmp_path: Path) -> None:
    first = files()[0]
    before = read_series(only(tmp_path)).array
    edit(first, RescaleSlope=float(pydicom.dcmread(first).RescaleSlope) * 2)
    after = read_series(only(tmp_path)).array
    np.testing.assert_allclose(after[0], 2 * before[0], rtol=1e-5)
    np.testing.assert_array_equal(after[1:], before[1:])


def test_what_is_no_image_beside_a_series_is_left_out(files, tmp_path: Path) -> None:
    files()
    (tmp_path / "notes.txt").write_text("x" * 500)
    (tmp_path / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    (tmp_path / ".hidden.dcm").write_bytes(b"\0" * 128 + b"DICM")
    assert len(only(tmp_path).files) == 12


def test_broken_and_private_tags_do_not_matter_where_they_are_not_needed(files, tmp_path: Path) -> None:
    for path in files(ProtocolName="brain"):
        data = pydicom.dcmread(path)
        data.private_block(0x0029, "SOMEONE", create=True).add_new(0x10, "OB", b"\0\1\2\3")
        data.save_as(path)
        path.write_bytes(path.read_bytes().replace(b"4500.0", b"45x0.0"))
    series = only(tmp_path)
    assert not series.fault
    assert series.first.tags.repetition_time is None
    assert series.said.modality is Modality.T2


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_images_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=f"{name}: (no such folder|holds no DICOM image); give the folder of one"):
        find_series(tmp_path / name)
    (tmp_path / "one.dcm").write_bytes(b"x")
    with pytest.raises(InputError, match=r"one\.dcm: is a file, no folder; give the folder of one"):
        find_series(tmp_path / "one.dcm")


def test_a_damaged_header_names_its_file(files, tmp_path: Path) -> None:
    first = files()[0]
    first.write_bytes(first.read_bytes()[:400])
    with pytest.raises(InputError, match=f"{first.name}: its DICOM header cannot be read"):
        find_series(tmp_path)


def test_several_patients_or_examinations_are_listed(volume: Volume, tmp_path: Path) -> None:
    write_series(volume, tmp_path / "a", SeriesNumber=1)
    write_series(volume, tmp_path / "b", SeriesNumber=2)
    require_one_study(tmp_path, find_series(tmp_path))
    write_series(volume, tmp_path / "c", StudyInstanceUID="1.2.3", StudyDate="20250101")
    with pytest.raises(
        InputError, match=r"holds 2 examinations of one patient \(.*20260102, 2 series.*20250101, 1 series"
    ):
        require_one_study(tmp_path, find_series(tmp_path))
    write_series(volume, tmp_path / "d", PatientID="P2")
    with pytest.raises(InputError, match=r"holds 2 patients .*patient P1, .*patient P2, .*; give the folder of one"):
        require_one_study(tmp_path, find_series(tmp_path))


def fault(folder: Path) -> str:
    """Why the one series of a folder is no volume; reading it says the same."""
    series = only(folder)
    assert series.fault
    with pytest.raises(InputError) as caught:
        read_series(series)
    assert str(caught.value) == f"{series.label}: {series.fault}."
    return series.fault


def test_a_missing_slice_is_counted(files, tmp_path: Path) -> None:
    files()[4].unlink()
    assert fault(tmp_path).startswith("1 slice is missing, the first gap after slice 4 of 11;")


def test_slices_that_are_there_twice_are_counted(files, tmp_path: Path) -> None:
    shutil.copy(files()[3], tmp_path / "again.dcm")
    assert fault(tmp_path).startswith("1 slice of 13 lies where another does")


def test_uneven_slices_are_named(files, tmp_path: Path) -> None:
    path = files()[5]
    position = np.array(pydicom.dcmread(path).ImagePositionPatient, float)
    edit(path, ImagePositionPatient=list(position + 1.2 * np.array([0, -SIN, COS])))
    assert fault(tmp_path).startswith("its slices are unevenly spaced (2.8 to 5.2 mm)")


def test_gantry_tilt_is_named(files, tmp_path: Path) -> None:
    for index, path in enumerate(files()):
        position = np.array(pydicom.dcmread(path).ImagePositionPatient, float)
        edit(path, ImagePositionPatient=list(position + np.array([index, 0, 0])))
    assert fault(tmp_path).startswith("its slices are shifted against each other (gantry tilt of 14 degrees)")


def test_slices_turned_against_each_other_are_a_localizers(files, tmp_path: Path) -> None:
    edit(files()[5], ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    assert "turned against each other, as a localizer's are" in fault(tmp_path)


def test_a_handful_of_slices_is_no_brain(files, tmp_path: Path) -> None:
    for path in files()[7:]:
        path.unlink()
    assert fault(tmp_path) == "it has only 7 slices, too few for a brain; choose another series"


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"ImagePositionPatient": None}, "do not say where in the patient they lie"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]}, "it is a mosaic"),
        ({"PhotometricInterpretation": "RGB"}, "it is in color"),
        ({"PixelSpacing": [2.0, 2.0]}, "different sizes or spacings"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "turned against each other"),
    ],
)
def test_a_slice_that_fits_no_volume_is_named(files, tmp_path: Path, tags: dict, said: str) -> None:
    edit(files()[0], **tags)
    assert said in fault(tmp_path)


def test_voxels_that_cannot_be_read_are_named_with_their_compression(files, tmp_path: Path) -> None:
    path = files()[2]
    data = pydicom.dcmread(path)
    data.compress(RLELossless)
    data.PixelData = data.PixelData[:40]
    data["PixelData"].is_undefined_length = True
    data.save_as(path)
    series = only(tmp_path)
    with pytest.raises(InputError, match=r"series 5 \(AX T2 FSE\): its voxels cannot be read .*; export it without"):
        read_series(series)


@pytest.mark.skipif(not REAL.is_dir(), reason="no real DICOM: ../shared/data, beside the repository, is absent")
class TestRealFiles:
    @pytest.mark.parametrize(
        ("folder", "said"),
        [
            ("failing/gantrytilting", "gantry tilt of 14 degrees"),
            ("failing/sliceincrement/001", "1 slice is missing, the first gap after slice 3 of 4"),
            ("failing/sliceincrement/002", "1 slice is missing, the first gap after slice 3 of 4"),
            ("failing/sliceorientation", "turned against each other"),
            ("failing/slicecount", "only 2 slices"),
            ("failing/notavolume", "3 slices of 4 lie where another does"),
            ("study_xa30/2001_AAHead_Scout", "turned against each other"),
            ("study_xa30/3001_AAHead_Scout", "turned against each other"),
        ],
    )
    def test_what_is_no_volume_is_named(self, folder: str, said: str) -> None:
        assert said in fault(REAL / folder)

    def test_an_oblique_series_is_a_volume_and_none_of_the_four(self) -> None:
        series = only(REAL / "ge_fse_pd_oblique")
        read = read_series(series)
        assert str(read.geometry) == "256x256x19 at 0.8594x0.8594x6.997 mm, LPS"
        assert read.array.max() > 100
        assert series.said.name == "other"

    @pytest.mark.parametrize("name", ["", "_RLE", "_big_endian", "_jpeg_2k_lossless", "_jpeg_ls_lossless"])
    def test_every_compression_of_an_enhanced_file_gives_the_same_voxels(self, tmp_path: Path, name: str) -> None:
        """The file says nothing of where its frames lie, which is put in its place."""
        plain, other = (self._placed(REAL / "syntaxes" / f"emri_small{each}.dcm", tmp_path) for each in ("", name))
        np.testing.assert_array_equal(plain, other)
        assert plain.shape == (10, 64, 64) and plain.max() > 0

    def _placed(self, source: Path, folder: Path) -> np.ndarray:
        from pydicom.dataset import Dataset
        from pydicom.sequence import Sequence

        def item(**tags: object) -> Sequence:
            data = Dataset()
            for name, value in tags.items():
                setattr(data, name, value)
            return Sequence([data])

        data = pydicom.dcmread(source)
        frames = []
        for index in range(10):
            frame = Dataset()
            frame.PlanePositionSequence = item(ImagePositionPatient=[0, 0, 3 * index])
            frame.PlaneOrientationSequence = item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
            frame.PixelMeasuresSequence = item(PixelSpacing=[3, 3])
            frames.append(frame)
        data.PerFrameFunctionalGroupsSequence = Sequence(frames)
        path = folder / source.stem / "IM0"
        path.parent.mkdir(exist_ok=True)
        data.save_as(path)
        return read_series(only(path.parent)).array
