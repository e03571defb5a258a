"""Image files to volumes and studies: NIfTI, NRRD and MetaImage, one by one or a case's folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.labels import LabelConvention, convert_labels, guess_convention
from ..core.modalities import IMAGE_SUFFIXES, MODALITIES, Modality, is_image_name, is_segmentation_name, recognise_files
from ..core.volume import Study, Volume, choose_reference, require_modalities
from .imagefile import ImageFile, ImageSource
from .itk import geometry_of, orient
from .labelled import LabelledCase
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


def read_study(
    files: Mapping[Modality, ImageSource],
    reference: Modality | None = None,
    name: str = "",
    optional: Collection[Modality] = (),
) -> Study:
    """Read the volumes of one examination.

    reference: see `core.volume.choose_reference` where None. optional: modalities that may be absent. Raises InputError
    where another one is missing, or a file is wrong.
    """
    require_modalities(files, optional)
    present = [modality for modality in MODALITIES if modality in files]
    volumes = read_volumes([files[modality] for modality in present])
    return Study(dict(zip(present, volumes, strict=True)), reference or choose_reference(present), name)


def find_case_files(folder: Path, optional: Collection[Modality] = ()) -> dict[Modality, Path]:
    """Find the image of each modality in a case's folder, by file name.

    optional: modalities that may be absent. Raises InputError where two files claim one modality, another one has no
    file, or none has.
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
    missing = [str(m) for m in MODALITIES if m not in found and not (found and m in optional)]
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


def read_case(folder: Path, reference: Modality | None = None, optional: Collection[Modality] = ()) -> Study:
    """Read the volumes of a case's folder; see `read_study`."""
    return read_study(find_case_files(folder, optional), reference, Path(folder).resolve().name, optional)


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


def read_labelled(case: LabelledCase, convention: LabelConvention | None = None) -> tuple[Study, Volume]:
    """Read a labelled case's study, and its truth on the reference volume's grid.

    convention: of the truth's labels; the case's own, or guessed, where None. Raises InputError as `read_study` and
    `read_label_map`, and where the truth lies on another grid than the reference volume.
    """
    study = read_study(case.images, name=case.name)
    truth = in_place(read_label_map(case.segmentation, convention or case.convention), study.reference_volume.geometry)
    if truth is None:
        raise InputError(
            f"{case.segmentation}: lies on another grid than {study.reference}; give one on the same grid."
        )
    return study, truth


def in_place(volume: Volume, grid: Geometry) -> Volume | None:
    """Return a volume along the axes of a grid, or None where its voxels are not that grid's."""
    if volume.geometry.same_grid(grid):
        return volume
    turned, own = orient(volume.array, volume.geometry, grid.axis_codes)
    return Volume(np.ascontiguousarray(turned), grid, volume.source) if own.same_grid(grid) else None
