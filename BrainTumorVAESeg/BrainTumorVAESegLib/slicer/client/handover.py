"""Volumes into the folder that panel and worker share, in pieces that never hold up the event loop, and labels back.

Arrays and grids alone; `volumes` reads nodes. A generator here is one job: take a step of it in each turn of the loop.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
from slicer.i18n import tr as _

from ...core.disk.files import make_folder, output_error, replacing
from ...core.errors import InputError, OutputError
from ...core.geometry import Geometry
from ...core.modalities import Modality
from ...core.requests import StudyFiles, VolumeFile
from ...core.volume import Study

PIECE_BYTES = 4 << 20
"""Bytes written in one step: a few milliseconds."""


class Exchange:
    """A private folder for the files of panel and worker; nobody else may read it.

    parent: the folder in which it is made. Raises OutputError.
    """

    def __init__(self, parent: Path) -> None:
        make_folder(Path(parent))
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="BrainTumorVAESeg-", dir=parent))
        except OSError as error:
            raise output_error(Path(parent), error) from error
        self._count = 0

    def new_path(self, name: str) -> Path:
        """Return a path that no other file has had, so that a new file never meets one that is still being read."""
        self._count += 1
        return self.folder / f"{self._count}-{name}.npy"

    def forget(self, *files: Path | str | StudyFiles) -> None:
        """Remove files that are no longer needed; one that is not there, or is still being read, is passed over."""
        for item in files:
            paths = [volume.file for volume in item.volumes.values()] if isinstance(item, StudyFiles) else [item]
            for path in map(Path, paths):
                try:
                    path.unlink(missing_ok=True)
                except OSError:
                    continue

    def clear(self) -> None:
        """Remove all files and keep the folder."""
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    self.forget(path)

    def remove(self) -> None:
        """Remove the folder with all that is in it; nothing happens where it is gone already."""
        shutil.rmtree(self.folder, ignore_errors=True)


def pieces(array: np.ndarray, path: Path, piece: int = PIECE_BYTES) -> Iterator[float]:
    """Write an array (z, y, x) as a `.npy` file, a piece a step; yield the share that is written, 0 to 1.

    The file appears whole at the end or not at all, also where the generator is closed early. Raises OutputError, for a
    full disk say, and InputError for an array that is not of numbers.
    """
    if array.dtype.kind not in "biuf":
        raise InputError(_("{name}: its voxels are no numbers; convert the volume.").format(name=path.stem))
    header = {
        "descr": np.lib.format.dtype_to_descr(array.dtype),
        "fortran_order": False,
        "shape": array.shape,
    }
    with replacing(path) as part, part.open("wb", buffering=0) as stream:
        np.lib.format.write_array_header_1_0(stream, header)
        for slab, share in _slabs(array, piece):
            _write(stream, slab)
            yield share


def _slabs(array: np.ndarray, piece: int) -> Iterator[tuple[np.ndarray, float]]:
    """Give an array in slabs of about so many bytes, and the share that is given with each."""
    rows = array.reshape(-1, array.shape[-1]) if array.flags.c_contiguous else None
    source = array if rows is None else rows
    step = max(1, piece // max(1, source[:1].nbytes))
    for first in range(0, len(source), step):
        yield np.ascontiguousarray(source[first : first + step]), min(1.0, (first + step) / len(source))


def _write(stream: object, slab: np.ndarray) -> None:
    """Write all of a slab; an unbuffered file may take a part of it at a time."""
    rest = slab.reshape(-1).view(np.uint8).data
    while rest:
        rest = rest[stream.write(rest) :]  # type: ignore[attr-defined]


def hand_over(study: Study, exchange: Exchange) -> Generator[float, None, StudyFiles]:
    """Write a study's volumes into the folder, a piece a step; yield the share done, and return the message's part.

    Nothing of it stays where writing fails or the generator is closed early. Raises OutputError, InputError.
    """
    total = sum(study[modality].array.nbytes for modality in study)
    done, files = 0, {modality: exchange.new_path(modality.value) for modality in study}
    try:
        for modality in study:
            size = study[modality].array.nbytes
            for share in pieces(study[modality].array, files[modality]):
                yield (done + share * size) / total if total else 1.0
            done += size
    except BaseException:
        exchange.forget(*files.values())
        raise
    return StudyFiles({m: _volume_file(study, m, path) for m, path in files.items()}, study.reference, study.name)


def _volume_file(study: Study, modality: Modality, path: Path) -> VolumeFile:
    return VolumeFile(str(path), study[modality].geometry, study[modality].source)


def read_labels(path: Path | str, geometry: Geometry) -> np.ndarray:
    """Read the labels that the worker wrote, (z, y, x), uint8. Raises OutputError where they are not on the grid."""
    try:
        labels = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise OutputError(
            _("The worker's labels cannot be read ({error}); segment again.").format(error=error)
        ) from error
    if labels.shape != geometry.shape or labels.dtype != np.uint8:
        raise OutputError(_("The worker's labels are not on the grid of the reference volume; segment again."))
    return labels
