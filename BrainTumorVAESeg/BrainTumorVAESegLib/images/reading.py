"""Image files to volumes: NIfTI, NRRD and MetaImage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from ..core.errors import InputError
from ..core.labelmap import LabelMap
from ..core.labels import CAVITY_VALUE, LabelConvention, convert_labels
from ..core.numbering import Evidence, decide_numbering, present_values
from ..core.threads import thread_pool
from ..core.volume import Volume
from .decoded import Decoded
from .imagefile import ImageFile, ImageSource
from .metaimage import read_metaimage
from .nifti import read_nifti
from .nrrd import read_nrrd
from .nrrd_header import read_nrrd_header
from .opening import require_image_file
from .slicer_segmentation import is_slicer_segmentation, read_segments

_T = TypeVar("_T")
_CLOSE = 0.05
"""How far a label may lie from a whole number where a factor of eight bits, such as 1.0039, made it."""


def read_volume(source: ImageSource) -> Volume:
    """Read one 3D image of numbers; its array may be read-only. Raises InputError, naming the file, for all else."""
    return read_volumes([source])[0]


def read_volumes(sources: Sequence[ImageSource]) -> list[Volume]:
    """Read several 3D images side by side, a file that holds several of them once. Raises as `read_volume`."""
    files = [ImageFile.of(source) for source in sources]
    of_path: dict[Path, list[ImageFile]] = {}
    for file in dict.fromkeys(files):
        of_path.setdefault(file.path, []).append(file)
    with thread_pool(len(of_path)) as pool:
        read = {file: volume for part in pool.map(_read_file, of_path.values()) for file, volume in part.items()}
    return [read[file] for file in files]


def _read_file(files: Sequence[ImageFile]) -> dict[ImageFile, Volume]:
    """Read images that lie in one file."""
    decoded = _decode(files[0].path, [file.frame for file in files])
    return {
        file: Volume(_in_single_precision(array), decoded.geometry, str(file), decoded.notes)
        for file, array in zip(files, decoded.arrays, strict=True)
    }


def _decode(path: Path, frames: Sequence[int | None]) -> Decoded:
    """Read frames of a file by the format that its name tells."""
    require_image_file(path)
    return _in_memory(path, lambda: _read_format(path, frames))


def _read_format(path: Path, frames: Sequence[int | None]) -> Decoded:
    name = path.name.lower()
    if name.endswith((".nii", ".nii.gz")):
        return read_nifti(path, frames)
    if any(frame is not None for frame in frames):
        raise InputError(f"{path}: single frames are read from NIfTI files alone; convert it to .nii.gz.")
    decoded = read_metaimage(path) if name.endswith((".mha", ".mhd")) else read_nrrd(path)
    return replace(decoded, arrays=decoded.arrays * len(frames))


def _in_memory(path: Path, read: Callable[[], _T]) -> _T:
    """Read a file; where the memory does not suffice, raise InputError."""
    try:
        return read()
    except MemoryError as error:
        raise InputError(f"{path}: is too large for the memory that is left; close other programs.") from error


def _in_single_precision(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind == "f" and array.dtype.itemsize > 4:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, which the check names
            return array.astype(np.float32)
    return array


@dataclass(frozen=True)
class RawLabels:
    """A label map as its file holds it, its numbers not yet understood.

    volume: a LabelMap where it is Slicer's, whose segments have names, in the library's values already. values: the
    numbers that it holds, without 0; none where segments have names.
    """

    volume: Volume
    values: frozenset[float] = frozenset()

    def numbered(self, convention: LabelConvention) -> LabelMap:
        """Return the label map in the library's values. Raises InputError, naming the file, where it is another one."""
        volume = self.volume
        if isinstance(volume, LabelMap):
            return volume
        try:
            labels = convert_labels(volume.array, convention, LabelConvention.BRATS2023)
        except InputError as error:
            raise InputError(f"{volume.source}: {error}") from error
        cavity = np.count_nonzero(volume.array == CAVITY_VALUE) if convention is LabelConvention.BRATS2024 else 0
        ml = cavity * volume.geometry.voxel_volume
        return LabelMap(labels, volume.geometry, volume.source, volume.notes, convention, ml)


def read_raw_labels(path: Path) -> RawLabels:
    """Read a label map's numbers, or by their names the segments of Slicer's segmentation.

    Values that are close to whole numbers all of them, as a header's factor makes them, are rounded. Raises InputError.
    """
    path = Path(path)
    require_image_file(path)
    if path.name.lower().endswith((".nrrd", ".nhdr")) and is_slicer_segmentation(header := read_nrrd_header(path)):
        return RawLabels(_in_memory(path, lambda: read_segments(header)))
    volume = read_volume(path)
    array = _whole_numbers(volume.array)
    return RawLabels(replace(volume, array=array), present_values(array))


def read_label_map(path: Path, convention: LabelConvention | None = None) -> LabelMap:
    """Read a ground truth as a label map in the library's values (uint8); see `read_raw_labels`.

    convention: what is known of its numbering; where None the values decide (see `core.numbering`).
    """
    raw = read_raw_labels(path)
    try:
        decided = decide_numbering(Evidence(raw.values, known=convention))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return raw.numbered(decided)


def _whole_numbers(array: np.ndarray) -> np.ndarray:
    """Return values as the whole numbers that they are close to, or as they are where some is close to none."""
    if array.dtype.kind != "f":
        return array
    rounded: np.ndarray = np.rint(array)
    with np.errstate(invalid="ignore"):
        return rounded if np.abs(rounded - array).max() <= _CLOSE else array
