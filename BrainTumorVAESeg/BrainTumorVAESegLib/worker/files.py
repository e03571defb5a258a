"""The files that a message names: a study's volumes and labels read, and labels written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.disk.files import replacing
from ..core.disk.guarded import guarded, open_regular
from ..core.errors import InputError, OutputError
from ..core.geometry import Geometry
from ..core.labels import LABELS
from ..core.preparation import GIVEN
from ..core.requests import StudyFiles, VolumeFile
from ..core.volume import Study, Volume

if TYPE_CHECKING:
    from ..inference.segmenting import Result


def read_study(files: StudyFiles) -> Study:
    """Read a study's volumes, and its brain mask where one was given.

    Raises InputError naming the volume where its file cannot be read or does not fit.
    """
    volumes = {modality: _read_volume(file) for modality, file in files.volumes.items()}
    study = Study(volumes, files.reference, files.name)
    if files.brain is None:
        return study
    from ..preparation.masking import with_mask

    return with_mask(study, _read_volume(files.brain))


def _read_volume(file: VolumeFile) -> Volume:
    """Read a volume. Raises InputError naming it where its file cannot be read or does not fit its grid."""
    name = file.source or Path(file.file).name
    return Volume(_read_array(file.file, file.geometry, name), file.geometry, name)


def read_labels(path: str, geometry: Geometry) -> np.ndarray:
    """Read labels (z, y, x; uint8) on a grid. Raises InputError where they cannot be read or are none of ours."""
    labels = _read_array(path, geometry, "segmentation")
    if labels.dtype != np.uint8 or labels.max(initial=0) > max(label.value for label in LABELS):
        raise InputError("The segmentation holds values that are no labels; segment again.")
    return labels


def _read_array(file: str, geometry: Geometry, name: str) -> np.ndarray:
    with guarded(lambda reason: InputError(f"{name}: its file cannot be read ({reason}); try again.")):
        try:
            open_regular(Path(file)).close()
        except FileNotFoundError as error:
            raise InputError(f"{name}: its file is gone; try again.") from error
        # Mapped first: a header may promise more than there is, for which no memory is taken.
        mapped = np.load(file, mmap_mode="r", allow_pickle=False)
        if not isinstance(mapped, np.ndarray) or mapped.dtype.kind not in "biuf":
            raise InputError(f"{name}: its file holds no single array of numbers; try again.")
        if mapped.shape != geometry.shape:
            raise InputError(f"{name}: array {mapped.shape} does not fit its grid {geometry.shape}.")
        # Into memory, not mapped: an open map would keep the panel from removing the file on Windows.
        return np.array(mapped)


def write_labels(labels: np.ndarray, path: str) -> None:
    """Write labels (z, y, x; uint8), whole or not at all. Raises OutputError, for a full disk say."""
    write_array(labels.astype(np.uint8, copy=False), Path(path), "segmentation")


def write_brain(result: Result, path: str) -> str:
    """Write the brain mask that was made (z, y, x; uint8), on the reference's grid, and return its file, or ""."""
    study, made = result.study, result.prepared.mask
    if not path or study is None or study.brain is None or made == GIVEN:
        return ""
    from ..preparation.masking import brain_of

    write_array(brain_of(study).view(np.uint8), Path(path), "brain mask")
    return path


def write_array(array: np.ndarray, path: Path, name: str) -> None:
    """Write an array, whole or not at all. name: what messages call it. Raises OutputError, for a full disk say."""
    try:
        with replacing(path) as part, part.open("wb") as stream:
            np.lib.format.write_array(stream, np.ascontiguousarray(array), allow_pickle=False)
    except OutputError as error:
        # The path is the panel's affair; a person needs to know which disk.
        reason = str(error).removeprefix(f"{path}: ")
        raise OutputError(f"The {name} in the folder for temporary files {reason}") from error
