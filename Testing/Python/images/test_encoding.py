from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.images.encoding import encode_metaimage, encode_nifti, encode_nrrd
from BrainTumorVAESegLib.images.itk import geometry_of

Encoder = Callable[[np.ndarray, Geometry], bytes]
ENCODERS: dict[str, Encoder] = {
    ".nii": lambda array, geometry: encode_nifti(array, geometry, compress=False),
    ".nii.gz": encode_nifti,
    ".nrrd": encode_nrrd,
    ".mha": encode_metaimage,
}
VOXELS = np.random.default_rng(0).integers(0, 127, (7, 6, 5))


def turned(seed: int) -> Geometry:
    """Return an oblique grid, left-handed where the seed is odd."""
    rng = np.random.default_rng(seed)
    direction = np.linalg.qr(rng.normal(size=(3, 3)))[0] * (-1) ** seed
    dx, dy, dz = rng.uniform(0.3, 6, 3)
    x, y, z = rng.uniform(-200, 200, 3)
    return Geometry((5, 6, 7), (dx, dy, dz), (x, y, z), tuple(float(value) for value in direction.ravel()))


def read(data: bytes, path: Path) -> sitk.Image:
    path.write_bytes(data)
    return sitk.ReadImage(str(path))


@pytest.mark.parametrize("suffix", ENCODERS)
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "f4", "f8", ">i2", ">f4"])
def test_itk_reads_every_type_as_it_was(tmp_path, suffix, dtype):
    image = read(ENCODERS[suffix](VOXELS.astype(dtype), turned(1)), tmp_path / f"a{suffix}")
    array = sitk.GetArrayFromImage(image)
    assert array.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_array_equal(array, VOXELS)


@pytest.mark.parametrize("suffix", ENCODERS)
@pytest.mark.parametrize(("dtype", "becomes"), [(bool, np.uint8), (np.float16, np.float32)])
def test_types_that_no_format_has_become_the_next_one(tmp_path, suffix, dtype, becomes):
    array = sitk.GetArrayFromImage(read(ENCODERS[suffix](VOXELS.astype(dtype), turned(1)), tmp_path / f"a{suffix}"))
    assert array.dtype == becomes
    np.testing.assert_array_equal(array, VOXELS.astype(dtype))


@pytest.mark.parametrize("suffix", ENCODERS)
@pytest.mark.parametrize("seed", range(12))
def test_itk_finds_every_voxel_in_its_place(tmp_path, suffix, seed):
    geometry = turned(seed)
    image = read(ENCODERS[suffix](VOXELS.astype(np.uint8), geometry), tmp_path / f"a{suffix}")
    assert geometry_of(image).same_grid(geometry, 1e-4)


@pytest.mark.parametrize("kept", [252, 254], ids=["quaternion", "matrix"])
@pytest.mark.parametrize("seed", [*range(12), -1])
def test_each_of_niftis_two_transforms_alone_places_the_voxels(tmp_path, kept, seed):
    half_turn = Geometry((5, 6, 7), (1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (-1.0, 0, 0, 0, -1.0, 0, 0, 0, 1.0))
    geometry = half_turn if seed < 0 else turned(seed)
    data = bytearray(encode_nifti(VOXELS.astype(np.uint8), geometry, compress=False))
    other = 506 - kept
    data[other : other + 2] = bytes(2)
    assert geometry_of(read(bytes(data), tmp_path / "a.nii")).same_grid(geometry, 1e-4)


def test_left_and_right_handed_grids_were_both_tried():
    determinants = [np.linalg.det(np.reshape(turned(seed).direction, (3, 3))) for seed in range(12)]
    assert min(determinants) < 0 < max(determinants)


@pytest.mark.parametrize("suffix", [".nii.gz", ".nrrd"])
def test_several_volumes_are_a_fourth_dimension(tmp_path, suffix):
    volumes = np.random.default_rng(1).random((3, 7, 6, 5)).astype(np.float32)
    image = read(ENCODERS[suffix](volumes, turned(2)), tmp_path / f"a{suffix}")
    array = sitk.GetArrayFromImage(image)
    # ITK takes a list of values in NRRD for the parts of a vector.
    np.testing.assert_array_equal(np.moveaxis(array, -1, 0) if suffix == ".nrrd" else array, volumes)
    assert geometry_of(image).same_grid(turned(2), 1e-4)


def test_nrrd_keeps_further_values(tmp_path):
    path = tmp_path / "a.nrrd"
    image = read(encode_nrrd(VOXELS.astype(np.uint8), turned(1), {"Segment0_Name": "Edema: x|y"}), path)
    assert image.GetMetaData("Segment0_Name") == "Edema: x|y"


def test_niftis_description_is_kept_and_cut_to_its_field(tmp_path):
    image = read(
        encode_nifti(VOXELS.astype(np.uint8), turned(1), True, "probabilities WT,TC,ET" + "x" * 99),
        tmp_path / "a.nii.gz",
    )
    assert image.GetMetaData("descrip").startswith("probabilities WT,TC,ET")


def test_the_same_image_makes_the_same_bytes():
    for encode in ENCODERS.values():
        assert encode(VOXELS.astype(np.int16), turned(3)) == encode(VOXELS.astype(np.int16), turned(3))


def test_views_are_written_in_their_own_order(tmp_path):
    view = VOXELS.astype(np.int16).transpose(2, 1, 0)[::-1]
    geometry = Geometry((7, 6, 5), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    for suffix, encode in ENCODERS.items():
        np.testing.assert_array_equal(
            sitk.GetArrayFromImage(read(encode(view, geometry), tmp_path / f"a{suffix}")), view
        )
