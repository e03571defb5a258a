"""A case's result as DICOM objects: where they go, which series they refer to, and their writing beside the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ...core.disk.claims import claim
from ...core.disk.paths import require_output_path
from .dependencies import require
from .results import check_folder

if TYPE_CHECKING:
    from ...core.modalities import Modality
    from ...core.volume import Study
    from ...dicom_out.sources import Source
    from ...images.dicom import DicomSeries
    from ...inference.segmenting import Result
    from ...measures.results import Measures
    from .screen import Screen


@dataclass(frozen=True)
class DicomFiles:
    """What of DICOM is wanted: nothing where there is no folder. reference: a folder with the source series."""

    folder: Path | None
    name: str
    reference: Path | None = None
    labelmap: bool = False

    def __bool__(self) -> bool:
        return self.folder is not None

    def check(self, of_series: bool) -> None:
        """Raise typer.BadParameter where options do not go together, OutputError where the folder cannot be written.

        of_series: whether the images are DICOM series themselves. DependencyError says what is not installed.
        """
        if self.folder is None:
            if self.reference is not None or self.labelmap:
                option = "--dicom-reference" if self.reference is not None else "--dicom-labelmap"
                raise typer.BadParameter(f"{option} belongs to --dicom-out; give a folder for the DICOM objects.")
            return
        if of_series and self.reference is not None:
            raise typer.BadParameter("--dicom names the series already; leave out --dicom-reference.")
        if not of_series and self.reference is None:
            raise typer.BadParameter(
                "--dicom-out refers to the DICOM series that the images came from, which these files do not name; "
                "give the study by --dicom FOLDER, or the series with the result's grid by --dicom-reference FOLDER."
            )
        require("pydicom", "highdicom")
        check_folder(self.folder)
        for name in _names(self.name).values():
            require_output_path(self.folder / name)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the objects' names as this process's own. Raises OutputError where another one holds them."""
        if self.folder is None:
            yield
            return
        with claim(self.folder, f"{self.name}.dicom"):
            yield

    def open_source(self, study: Study, series: Mapping[Modality, DicomSeries], overwrite: bool) -> Source | None:
        """Return what the objects refer to, None where none are wanted; series: the images', where they are DICOM.

        Raises InputError where no object can refer to it, OutputError where the folder holds another examination's
        files, or the objects exist.
        """
        if self.folder is None:
            return None
        from ...dicom_out.sources import find_source, open_source, source_of
        from ...dicom_out.writing import require_folder

        if self.reference is not None:
            source = open_source(find_source(self.reference, study.reference_volume.geometry, study.reference))
        else:
            source = source_of(series, study.reference)
        require_folder(self.folder, self.name, source, overwrite)
        return source

    def write(self, source: Source | None, result: Result, measures: Measures, screen: Screen) -> dict[str, Any]:
        """Write the objects, all or none, and return what the summary tells of them. Raises InputError, OutputError."""
        if self.folder is None or source is None:
            return {}
        from ...dicom_out.answers import Algorithm, Answer
        from ...dicom_out.writing import make_objects, save_objects

        screen.step("DICOM segmentations and report")
        package = result.package
        algorithm = Algorithm(package.name, package.version, package.sha256)
        objects = make_objects(Answer(result.segmentation, measures, algorithm), source, self.labelmap)
        paths = save_objects(objects, self.folder, self.name)
        notes = list(source.notes)
        if result.segmentation.is_empty:
            notes.append("No tumor, so no DICOM segmentation: the report alone was written.")
        return {"dicom": {"files": {kind: path.name for kind, path in paths.items()}, "notes": notes}}


def show_dicom(screen: Screen, files: DicomFiles, summary: Mapping[str, Any]) -> list[Path]:
    """Print what is to be said of the objects, and return their paths."""
    if files.folder is None:
        return []
    for note in summary["dicom"]["notes"]:
        screen.item("note", note)
    return [files.folder / name for name in summary["dicom"]["files"].values()]


def _names(name: str) -> dict[str, str]:
    from ...dicom_out.writing import file_names

    return file_names(name)
