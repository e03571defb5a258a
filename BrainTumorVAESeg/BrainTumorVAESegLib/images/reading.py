"""Image files to volumes and studies: NIfTI, NRRD and MetaImage, one by one or a case's folder."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.labels import LabelConvention, convert_labels, guess_convention
from ..core.modalities import IMAGE_SUFFIXES, MODALITIES, Modality, is_image_name, is_segmentation_name, recognise_files
from ..core.volume import Study, Volume
from .itk import geometry_of
from .metaimage import require_whole_metaimage
from .nifti import read_nifti_voxels, require_3d

_SUFFIXES = ", ".join(IMAGE_SUFFIXES)


def read_volume(path: Path) -> Volume:
    """Read one 3D image of numbers; its array may be read-only. Raises InputError, naming the file, for all else."""
    path = Path(path)
    _require_file(path)
    try:
        array, geometry = _read_nifti(path) if ".nii" in path.name.lower()[-7:] else _read_other(path)
    except RuntimeError as error:
        raise InputError(
            f"{path}: cannot be read as an image ({_reason(error)}); copy or export it again, as one of {_SUFFIXES}."
        ) from error
    if array.dtype.kind == "f" and array.dtype.itemsize > 4:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, which the check names
            array = array.astype(np.float32)
    return Volume(array, geometry, str(path))


def read_study(files: Mapping[Modality, Path], reference: Modality = Modality.T1CE, name: str = "") -> Study:
    """Read the volumes of one examination. Raises InputError where a modality is missing or a file is wrong."""
    missing = [str(m) for m in MODALITIES if m not in files]
    if missing:
        raise InputError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing; give T1, T1ce, T2 and FLAIR."
        )
    with ThreadPoolExecutor(len(MODALITIES)) as pool:
        volumes = pool.map(lambda modality: read_volume(files[modality]), MODALITIES)
        return Study(dict(zip(MODALITIES, volumes, strict=True)), reference, name)


def find_case_files(folder: Path) -> dict[Modality, Path]:
    """Find the image of each modality in a case's folder, by file name.

    Raises InputError where two files claim one modality or one modality has no file.
    """
    files = {file.name: file for file in _list_images(folder)}
    found: dict[Modality, Path] = {}
    for name, modality in recognise_files(files).items():
        if modality is None:
            continue
        if modality in found:
            both = f"{found[modality].name} and {name} both look like {modality}"
            raise InputError(f"{folder}: {both}; name the four files one by one.")
        found[modality] = files[name]
    missing = [str(m) for m in MODALITIES if m not in found]
    if missing:
        names = ", ".join(files) or "no image at all"
        raise InputError(
            f"{folder}: no file looks like {', '.join(missing)} (found: {names}); name the four files one by one."
        )
    return found


def find_segmentation_file(folder: Path) -> Path | None:
    """Find the ground truth in a case's folder by its name (`_seg`, `-seg`, `_segm`), or None.

    Where there are several, those of the brain or skull are left out; raises InputError where several remain.
    """
    found = [file for file in _list_images(folder) if is_segmentation_name(file.name)]
    if len(found) > 1:
        found = [file for file in found if not any(word in file.name.lower() for word in ("brain", "skull"))]
    if len(found) > 1:
        raise InputError(f"{folder}: {', '.join(f.name for f in found)} all look like a segmentation; keep one.")
    return found[0] if found else None


def read_case(folder: Path, reference: Modality = Modality.T1CE) -> Study:
    """Read the four volumes of a case's folder."""
    return read_study(find_case_files(folder), reference, Path(folder).resolve().name)


def read_label_map(path: Path, convention: LabelConvention | None = None) -> Volume:
    """Read a ground truth as a label map in the library's values (uint8); the convention is guessed where None."""
    volume = read_volume(path)
    try:
        source = convention or guess_convention(volume.array)
        labels = convert_labels(volume.array, source, LabelConvention.BRATS2023)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return Volume(labels, volume.geometry, volume.source)


def _read_nifti(path: Path) -> tuple[np.ndarray, Geometry]:
    array = read_nifti_voxels(path)
    geometry = _geometry(_open(path), path)
    if geometry.shape != array.shape:
        raise InputError(f"{path}: its NIfTI header contradicts itself about the size; export it again.")
    return array, geometry


def _read_other(path: Path) -> tuple[np.ndarray, Geometry]:
    if path.name.lower().endswith((".mha", ".mhd")):
        require_whole_metaimage(path)
    reader = _open(path)
    require_3d(reader.GetSize(), path)
    if reader.GetNumberOfComponents() != 1 or "complex" in sitk.GetPixelIDValueAsString(reader.GetPixelID()):
        raise InputError(f"{path}: holds colors, vectors or complex numbers; give an image of one number a voxel.")
    geometry = _geometry(reader, path)
    array = sitk.GetArrayFromImage(reader.Execute())
    return array.reshape(geometry.shape), geometry


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


def _list_images(folder: Path) -> list[Path]:
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder that holds a case's four images.")
    files = (file for file in folder.iterdir() if not file.name.startswith("."))
    return sorted(file for file in files if file.is_file() and is_image_name(file))


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
