from __future__ import annotations

import gzip
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.cases.reading import find_segmentation_file, read_case
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.labels import LabelConvention
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.images import reading
from BrainTumorVAESegLib.images.reading import read_label_map, read_volume

FORMATS = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")
VOXELS = np.random.default_rng(5).integers(-300, 4000, (12, 14, 16)).astype(np.int16)


def write(path: Path, array: np.ndarray = VOXELS, compress: bool = True, **options: bool) -> Path:
    """Write an array by ITK, as other programs do, on an oblique grid."""
    image = sitk.GetImageFromArray(array, **options)
    if image.GetDimension() == 3:
        image.SetSpacing((0.8, 1.5, 3.0))
        image.SetOrigin((-20.0, 31.5, 7.25))
        angle = np.radians(20)
        image.SetDirection((np.cos(angle), -np.sin(angle), 0, np.sin(angle), np.cos(angle), 0, 0, 0, 1))
    sitk.WriteImage(image, str(path), compress)
    return path


def assert_refused(path: Path, reason: str) -> None:
    """Hold that reading is refused in one line that begins with the file's name and ends with what to do."""
    with pytest.raises(InputError, match=reason) as caught:
        read_volume(path)
    message = str(caught.value)
    assert path.stem.split(".")[0] in message.split(": ")[0]
    assert "\n" not in message
    assert re.search(r"(; |\. )(copy|give|check|export)\b.*\.$", message)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32])
def test_every_format_and_type_reads_as_itk_reads_it(tmp_path, suffix, compress, dtype):
    path = write(tmp_path / f"a{suffix}", np.abs(VOXELS).astype(dtype), compress)
    volume, image = read_volume(path), sitk.ReadImage(str(path))
    assert volume.array.dtype == dtype
    np.testing.assert_array_equal(volume.array, sitk.GetArrayFromImage(image))
    assert volume.source == str(path)
    np.testing.assert_allclose(
        volume.geometry.index_to_physical @ [1, 2, 3, 1], [*image.TransformIndexToPhysicalPoint((1, 2, 3)), 1]
    )


@pytest.mark.parametrize("suffix", [".NII.GZ", ".Nii.Gz", ".Nrrd", ".MHA"])
def test_an_ending_may_be_in_capitals(tmp_path, suffix):
    path = write(tmp_path / f"a{suffix.lower()}").rename(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(read_volume(path).array, VOXELS)


def test_a_name_may_hold_any_letters_and_blanks(tmp_path):
    path = write(tmp_path / "plain.nii.gz").rename(tmp_path / "Müller 患者 t1.nii.gz")
    np.testing.assert_array_equal(read_volume(path).array, VOXELS)


def test_doubles_become_floats(tmp_path):
    assert read_volume(write(tmp_path / "a.nii.gz", VOXELS / 3)).array.dtype == np.float32


def edit(path: Path, offset: int, layout: str, *values: float) -> Path:
    """Change an uncompressed NIfTI file's header."""
    data = bytearray(path.read_bytes())
    struct.pack_into(layout, data, offset, *values)
    path.write_bytes(data)
    return path


def test_a_scaled_nifti_file_reads_as_itk_reads_it(tmp_path):
    path = edit(write(tmp_path / "a.nii"), 112, "<2f", 0.5, -20)
    np.testing.assert_allclose(read_volume(path).array, sitk.GetArrayFromImage(sitk.ReadImage(str(path))))
    np.testing.assert_allclose(read_volume(path).array, VOXELS * 0.5 - 20)


def test_a_big_endian_nifti_file_is_read(tmp_path):
    data = write(tmp_path / "a.nii").read_bytes()
    header = bytearray(352)
    for layout, offset in (("i", 0), ("8h", 40), ("2h", 70), ("8f", 76), ("3f", 108), ("2h", 252), ("18f", 256)):
        struct.pack_into(f">{layout}", header, offset, *struct.unpack_from(f"<{layout}", data, offset))
    header[344:348], header[123] = data[344:348], data[123]
    path = tmp_path / "big.nii"
    path.write_bytes(bytes(header) + VOXELS.astype(">i2").tobytes())
    volume = read_volume(path)
    np.testing.assert_array_equal(volume.array, VOXELS)
    assert volume.array.dtype.isnative
    assert volume.geometry.same_grid(read_volume(tmp_path / "a.nii").geometry)


def test_a_gzip_file_of_several_parts_is_read_whole(tmp_path):
    data = write(tmp_path / "a.nii").read_bytes()
    path = tmp_path / "parts.nii.gz"
    path.write_bytes(gzip.compress(data[:1000]) + gzip.compress(data[1000:]))
    np.testing.assert_array_equal(read_volume(path).array, VOXELS)


def test_a_compressed_file_without_the_ending_of_one_is_read(tmp_path):
    path = write(tmp_path / "a.nii.gz").rename(tmp_path / "a.nii")
    np.testing.assert_array_equal(read_volume(path).array, VOXELS)
    path = write(tmp_path / "b.nii").rename(tmp_path / "b.nii.gz")
    np.testing.assert_array_equal(read_volume(path).array, VOXELS)


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
def test_a_fourth_dimension_of_one_frame_is_dropped(tmp_path, suffix):
    path = write(tmp_path / f"a{suffix}", VOXELS[None], isVector=False)
    np.testing.assert_array_equal(read_volume(path).array, VOXELS)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_missing_file_is_named(tmp_path, suffix):
    assert_refused(tmp_path / f"gone{suffix}", "no such file; check the path")


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_empty_file_is_named(tmp_path, suffix):
    path = tmp_path / f"empty{suffix}"
    path.write_bytes(b"")
    assert_refused(path, r"is empty \(0 bytes\)")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "content", [np.random.default_rng(1).bytes(5000), b"a report, not an image\n" * 99, b"\x1f\x8b" + bytes(90), b"N"]
)
def test_a_file_of_something_else_is_named(tmp_path, suffix, content, capfd):
    path = tmp_path / f"garbage{suffix}"
    path.write_bytes(content)
    assert_refused(path, "is no NIfTI-1 image|is damaged or truncated|is no NRRD image|is no whole MetaImage")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("share", [0.001, 0.03, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_names_itself(tmp_path, suffix, compress, share, capfd):
    path = write(tmp_path / f"cut{suffix}", compress=compress)
    data = max(tmp_path.iterdir(), key=lambda file: file.stat().st_size)
    data.write_bytes(data.read_bytes()[: int(data.stat().st_size * share)])
    assert_refused(path, "truncated|is no NIfTI-1 image|cannot be read as an image|is no whole MetaImage|is empty")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("lost", [1, 4, 8, 9])
def test_a_gzip_file_that_lacks_its_last_bytes_names_itself(tmp_path, lost):
    path = write(tmp_path / "cut.nii.gz")
    path.write_bytes(path.read_bytes()[:-lost])
    assert_refused(path, "is damaged or truncated")


def test_an_uncompressed_nifti_file_that_lacks_its_last_voxel_names_itself(tmp_path):
    path = write(tmp_path / "cut.nii")
    path.write_bytes(path.read_bytes()[:-1])
    assert_refused(path, r"is truncated \(5727 of 5728 bytes\)")


def test_a_flipped_bit_in_a_gzip_file_is_noticed(tmp_path):
    path = write(tmp_path / "damaged.nii.gz")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert_refused(path, "is damaged or truncated")


@pytest.mark.parametrize("suffix", [".nhdr", ".mhd"])
def test_a_header_whose_data_file_is_missing_names_itself(tmp_path, suffix):
    path = write(tmp_path / f"alone{suffix}")
    max(tmp_path.iterdir(), key=lambda file: file.stat().st_size).unlink()
    assert_refused(path, "missing|cannot be read as an image")


@pytest.mark.parametrize("name", ["notes.txt", "scan.dcm", "picture.png", "noending"])
def test_a_file_of_another_kind_is_refused_by_its_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"x" * 100)
    assert_refused(tmp_path / name, "is not an image that can be read; give one of .nii.gz")


def test_a_folder_is_no_image(tmp_path):
    (tmp_path / "a.nii.gz").mkdir()
    assert_refused(tmp_path / "a.nii.gz", "is a folder")


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("shape", [(12, 14), (1, 12, 14), (12, 1, 14)])
def test_a_slice_is_no_volume(tmp_path, suffix, shape):
    assert_refused(write(tmp_path / f"flat{suffix}", np.ones(shape, np.int16)), "is not a 3D volume")


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
def test_several_frames_are_refused_with_their_number(tmp_path, suffix):
    path = write(tmp_path / f"series{suffix}", np.stack([VOXELS] * 3), isVector=False)
    assert_refused(path, r"holds several volumes \(16x14x12x3\); give a file that holds one 3D volume\.$")
    with pytest.raises(InputError) as labels:
        read_label_map(path)
    assert "modality" not in str(labels.value)


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize(("dtype", "components"), [(np.uint8, 3), (np.float32, 3), (np.float32, 2)])
def test_colors_and_vectors_are_refused(tmp_path, suffix, dtype, components):
    path = write(tmp_path / f"colors{suffix}", np.ones((12, 14, 16, components), dtype), isVector=True)
    assert_refused(path, "holds colors, vectors or complex numbers|holds several volumes")


def test_complex_numbers_are_refused(tmp_path):
    path = write(tmp_path / "complex.nii.gz", VOXELS.astype(np.complex64))
    assert_refused(path, "complex numbers")


@pytest.mark.parametrize(
    ("offset", "layout", "values"),
    [(40, "<h", (12,)), (42, "<h", (-3,)), (108, "<f", (float("nan"),)), (108, "<f", (-1.0,)), (46, "<h", (9000,))],
)
def test_a_damaged_nifti_header_names_its_file(tmp_path, offset, layout, values):
    assert_refused(edit(write(tmp_path / "damaged.nii"), offset, layout, *values), "damaged|truncated|colors")


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_a_label_map_is_read_in_the_librarys_values(tmp_path, dtype):
    labels = np.zeros(VOXELS.shape, dtype)
    labels.flat[:3] = (1, 2, 4)
    volume = read_label_map(write(tmp_path / "a_seg.nii.gz", labels))
    assert volume.array.dtype == np.uint8
    assert volume.array.flat[:4].tolist() == [1, 2, 3, 0]
    labels.flat[:3] = (2, 1, 3)
    assert read_label_map(write(tmp_path / "b_seg.nii.gz", labels), LabelConvention.MSD).array.flat[:3].tolist() == [
        1,
        2,
        3,
    ]


@pytest.mark.parametrize(
    ("slope", "stored"),
    [(256 / 255, (1, 2, 4)), (4 / 255, (64, 128, 255)), (2.0, (0.5, 1, 2)), (0.01, (100, 200, 400))],
)
def test_labels_that_a_headers_factor_made_are_the_whole_numbers_they_are_close_to(tmp_path, slope, stored):
    labels = np.zeros(VOXELS.shape, np.float32)
    labels.flat[:3] = stored
    path = edit(write(tmp_path / "a_seg.nii", labels), 112, "<2f", slope, 0)
    assert read_label_map(path).array.flat[:4].tolist() == [1, 2, 3, 0]


def test_labels_far_from_whole_numbers_are_refused_whatever_factor_made_them(tmp_path):
    labels = np.zeros(VOXELS.shape, np.uint8)
    labels.flat[:3] = (1, 2, 4)
    with pytest.raises(InputError, match=r"a_seg\.nii: .*1\.25, 2\.5, 5"):
        read_label_map(edit(write(tmp_path / "a_seg.nii", labels), 112, "<2f", 1.25, 0))


def test_an_image_that_takes_too_much_memory_names_its_file(tmp_path, monkeypatch):
    def no_memory(*_: object) -> None:
        raise MemoryError

    path = write(tmp_path / "a.nii.gz")
    monkeypatch.setattr(reading, "read_nifti", no_memory)
    for read in (read_volume, read_label_map):
        with pytest.raises(InputError, match=r"a\.nii\.gz: is too large for the memory that is left"):
            read(path)


def test_an_image_given_as_a_label_map_names_its_file(tmp_path):
    with pytest.raises(InputError, match=r"a_seg\.nii\.gz: The label map holds"):
        read_label_map(write(tmp_path / "a_seg.nii.gz"))


CASES: tuple[tuple[str, str, str], ...] = (
    ("cases/BraTS2021_00006", "LPS", "int16"),
    ("cases/BraTS-SSA-00074-000", "RAS", "float32"),
    ("train/UPENN-GBM-00055_11", "LPS", "uint8"),
    ("native/TCGA-DU-7294", "LAS", "int16"),
)


@pytest.mark.parametrize(("case", "codes", "dtype"), CASES)
def test_real_cases_are_read_as_itk_reads_them(data_folder: Path, case: str, codes: str, dtype: str) -> None:
    study = read_case(data_folder / case)
    for modality in MODALITIES:
        image = sitk.ReadImage(study[modality].source)
        assert study[modality].geometry.axis_codes == codes
        assert study[modality].array.dtype == dtype
        np.testing.assert_array_equal(study[modality].array, sitk.GetArrayViewFromImage(image))
        expected = Geometry(image.GetSize(), image.GetSpacing(), image.GetOrigin(), image.GetDirection())
        assert study[modality].geometry == expected


def test_the_labels_of_both_conventions_come_out_alike(data_folder: Path) -> None:
    for case in ("BraTS2021_00006", "BraTS-SSA-00074-000"):
        path = find_segmentation_file(data_folder / "cases" / case)
        assert path is not None
        assert np.unique(read_label_map(path).array).tolist() == [0, 1, 2, 3]
