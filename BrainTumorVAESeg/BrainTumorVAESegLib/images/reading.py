"""Image files to volumes: NIfTI, NRRD and MetaImage."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.labels import LabelConvention, convert_labels, guess_convention
from ..core.modalities import IMAGE_SUFFIXES, is_image_name
from ..core.volume import Volume
from .imagefile import ImageFile, ImageSource
from .itk import geometry_of
from .metaimage import require_whole_metaimage
from .nifti import read_nifti_frames, require_3d

_SUFFIXES = ", ".join(IMAGE_SUFFIXES)


def read_volume(source: ImageSource) -> Volume:
    """Read one 3D image of numbers; its array may be read-only. Raises InputError, naming the file, for all else."""
    return read_volumes([source])[0]


def read_volumes(sources: Sequence[ImageSource]) -> list[Volume]:
    """Read several 3D images side by side, a file that holds several of them once. Raises as `read_volume`."""
    files = [ImageFile.of(source) for source in sources]
    of_path: dict[Path, list[ImageFile]] = {}
    for file in dict.fromkeys(files):
        of_path.setdefault(file.path, []).append(file)
    with ThreadPoolExecutor(len(of_path) or 1) as pool:
        read = {file: volume for part in pool.map(_read_file, of_path.values()) for file, volume in part.items()}
    return [read[file] for file in files]


def _read_file(files: Sequence[ImageFile]) -> dict[ImageFile, Volume]:
    """Read images that lie in one file."""
    path = files[0].path
    _require_file(path)
    try:
        nifti = ".nii" in path.name.lower()[-7:]
        arrays, geometry = _read_nifti(path, files) if nifti else _read_other(path, files)
    except RuntimeError as error:
        raise InputError(
            f"{path}: cannot be read as an image ({_reason(error)}); copy or export it again, as one of {_SUFFIXES}."
        ) from error
    return {
        file: Volume(_in_single_precision(array), geometry, str(file))
        for file, array in zip(files, arrays, strict=True)
    }


def _in_single_precision(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind == "f" and array.dtype.itemsize > 4:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, which the check names
            return array.astype(np.float32)
    return array


def read_label_map(path: Path, convention: LabelConvention | None = None) -> Volume:
    """Read a ground truth as a label map in the library's values (uint8); the convention is guessed where None."""
    volume = read_volume(path)
    try:
        source = convention or guess_convention(volume.array)
        labels = convert_labels(volume.array, source, LabelConvention.BRATS2023)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return Volume(labels, volume.geometry, volume.source)


def _read_nifti(path: Path, files: Sequence[ImageFile]) -> tuple[list[np.ndarray], Geometry]:
    arrays = read_nifti_frames(path, [file.frame for file in files])
    geometry = _geometry(_open(path), path)
    if geometry.shape != arrays[0].shape:
        raise InputError(f"{path}: its NIfTI header contradicts itself about the size; export it again.")
    return arrays, geometry


def _read_other(path: Path, files: Sequence[ImageFile]) -> tuple[list[np.ndarray], Geometry]:
    if any(file.frame is not None for file in files):
        raise InputError(f"{path}: single frames are read from NIfTI files alone; convert it to .nii.gz.")
    if path.name.lower().endswith((".mha", ".mhd")):
        require_whole_metaimage(path)
    reader = _open(path)
    require_3d(reader.GetSize(), path)
    if reader.GetNumberOfComponents() != 1 or "complex" in sitk.GetPixelIDValueAsString(reader.GetPixelID()):
        raise InputError(f"{path}: holds colors, vectors or complex numbers; give an image of one number a voxel.")
    geometry = _geometry(reader, path)
    array = sitk.GetArrayFromImage(reader.Execute())
    return [array.reshape(geometry.shape)] * len(files), geometry


def _open(path: Path) -> sitk.ImageFileReader:
    """Return a reader that has read the file's header."""
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.ReadImageInformation()
    return reader


def _geometry(reader: sitk.ImageFileReader, path: Path) -> Geometry:
    try:
        return geometry_of(reader)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise InputError(f"{path}: is a folder; give an image file ({_SUFFIXES}).")
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path.")
    if not is_image_name(path):
        raise InputError(f"{path}: is not an image that can be read; give one of {_SUFFIXES}.")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: is empty (0 bytes); copy or export it again.")


def _reason(error: RuntimeError) -> str:
    """Return the telling line of an ITK error."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    last = lines[-1] if lines else "unknown reason"
    if "Unable to determine ImageIO" in last:
        return "its contents are of no known format"
    return last.split("): ", 1)[-1].rstrip(".")
