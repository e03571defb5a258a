"""The files that a segmentation leaves: named and checked before the computing, written all or none after it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.disk.claims import claim
from ...core.disk.files import output_error, outputs, write_json
from ...core.disk.paths import require_output_path
from ...core.errors import OutputError

if TYPE_CHECKING:
    from ...core.segmentation import Segmentation
    from ...core.volume import Study
    from .options import Numbering


@dataclass(frozen=True)
class ResultFiles:
    """Where a case's results go; probabilities and montage only where they are wanted."""

    folder: Path
    name: str
    probabilities: bool = False
    montage: bool = False

    @property
    def names(self) -> dict[str, str]:
        """What -> the file's name in the folder."""
        files = {"labels": f"{self.name}_seg.nii.gz", "segmentation": f"{self.name}.seg.nrrd"}
        if self.probabilities:
            files["probabilities"] = f"{self.name}_probabilities.nii.gz"
        if self.montage:
            files["montage"] = f"{self.name}.png"
        return {**files, "summary": f"{self.name}.json"}

    @property
    def paths(self) -> dict[str, Path]:
        """What -> the file's path."""
        return {what: self.folder / name for what, name in self.names.items()}


def check_folder(folder: Path) -> None:
    """Raise OutputError unless files can be written to a folder, or it can be made; nothing is left there."""
    require_output_path(folder)
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise OutputError(f"{folder}: cannot be made, since {place} is a file; choose another folder.")
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise output_error(folder, error) from error


def check_results(files: ResultFiles, overwrite: bool) -> None:
    """Raise OutputError where results cannot be written, or exist and must not be replaced."""
    check_folder(files.folder)
    for path in files.paths.values():
        require_output_path(path)
    existing = [path for path in files.paths.values() if path.exists()]
    folders = [path for path in existing if path.is_dir()]
    if folders:
        raise OutputError(f"{folders[0]}: is a folder and is in the way; choose another folder or name.")
    if existing and not overwrite:
        raise OutputError(f"{existing[0]}: exists already; give --overwrite, or another folder or name.")


@contextmanager
def claimed_results(files: ResultFiles, overwrite: bool) -> Iterator[None]:
    """Hold the names of a case's results as this process's own while it computes and writes them.

    Raises OutputError where another process holds them, and as `check_results` does.
    """
    check_results(files, overwrite)
    with claim(files.folder, files.name):
        check_results(files, overwrite)  # once more: another process may just have finished
        yield


def write_results(
    files: ResultFiles,
    study: Study,
    segmentation: Segmentation,
    numbering: Numbering,
    title: str,
    summarize: Callable[[float], dict[str, Any]],
    write_more: Callable[[Path], dict[str, Any]] = lambda _: {},
) -> dict[str, Any]:
    """Write all of a case's results, or none, and return the summary.

    summarize takes the seconds that the writing took so far and returns the summary as plain JSON values. write_more
    takes the folder to write further files to, and returns what the summary tells of them. Raises OutputError.
    """
    from ...core.labels import LabelConvention
    from ...images.writing import write_label_map, write_probabilities, write_segmentation_nrrd

    start = time.perf_counter()
    with outputs(files.folder) as folder:
        names = files.names
        write_label_map(segmentation, folder / names["labels"], LabelConvention(numbering.value))
        write_segmentation_nrrd(segmentation, folder / names["segmentation"])
        if files.probabilities:
            write_probabilities(segmentation, folder / names["probabilities"])
        if files.montage:
            from ...reporting.montage import write_montage

            write_montage(study, segmentation, folder / names["montage"], title)
        more = write_more(folder)
        summary = {**summarize(time.perf_counter() - start), **more}
        write_json(folder / names["summary"], summary)
    return summary
