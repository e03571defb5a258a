"""A case's result as DICOM objects: where they go, which series they refer to, and their writing beside the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ...core.disk.claims import claim
from ...core.disk.files import outputs
from ...core.disk.paths import require_output_path
from .dependencies import require
from .results import check_folder

if TYPE_CHECKING:
    from ...core.modalities import Modality
    from ...core.volume import Study
    from ...dicom_out.sources import Source
    from ...images.dicom import DicomSeries
    from ...inference.segmenting import Result
    from .screen import Screen


@dataclass(frozen=True)
class DicomFiles:
    """What of DICOM is wanted: nothing where there is no folder. reference: a folder with the source series."""

    folder: Path | None
    name: str
    reference: Path | None = None
    labelmap: bool = False
    overwrite: bool = False

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

    def open_source(self, study: Study, series: Mapping[Modality, DicomSeries]) -> Source | None:
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
        require_folder(self.folder, self.name, source, self.overwrite)
        return source

    @contextmanager
    def staged(self) -> Iterator[Path | None]:
        """Give an empty folder for the objects, which are moved into theirs at the end, all or none; None for none.

        What is done within comes first: where it fails, no object appears. Raises OutputError.
        """
        if self.folder is None:
            yield None
            return
        with outputs(self.folder) as place:
            yield place
            written = [path.name for path in place.iterdir()]
        from ...dicom_out.writing import remove_stale

        remove_stale(self.folder, self.name, [kind for kind, name in _names(self.name).items() if name in written])

    def write(
        self,
        place: Path | None,
        source: Source | None,
        study: Study,
        result: Result,
        intervals_ml: Mapping[str, tuple[float, float]],
        screen: Screen,
    ) -> dict[str, Any]:
        """Write the objects to a place (see `staged`) and return what the summary tells of them. Raises InputError."""
        if place is None or source is None:
            return {}
        from ...cohort.summary import measure_result
        from ...dicom_out.answers import Algorithm, Answer
        from ...dicom_out.writing import make_objects, save_objects

        screen.step("DICOM segmentations and report")
        package, found = result.package, result.segmentation
        algorithm = Algorithm(package.name, package.version, package.sha256)
        objects = make_objects(
            Answer(found, measure_result(study, found), algorithm, intervals_ml), source, self.labelmap
        )
        save_objects(objects, place, self.name)
        notes = list(source.notes)
        if found.is_empty:
            notes.append("No tumor, so no DICOM segmentation: the report alone was written.")
        return {"dicom": {"files": {kind: _names(self.name)[kind] for kind in objects}, "notes": notes}}

    def show(self, screen: Screen, summary: Mapping[str, Any]) -> list[Path]:
        """Print what is to be said of the objects, and return their paths."""
        if self.folder is None:
            return []
        for note in summary["dicom"]["notes"]:
            screen.item("note", note)
        return [self.folder / name for name in summary["dicom"]["files"].values()]


def _names(name: str) -> dict[str, str]:
    from ...dicom_out.writing import file_names

    return file_names(name)
