"""A case as it is found, before anything of it is read: its images' files, or a folder with its DICOM series."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import InputError
from ..core.modalities import Modality
from ..core.steps import Steps, result_of
from ..core.text import printable, shorten
from ..core.volume import Study
from ..images.imagefile import ImageFile, ImageSource
from .dicom_choice import SeriesChoice, choose_series
from .naming import is_file_name
from .reading import read_study


@dataclass(frozen=True)
class FoundCase:
    """A case's name and where its images are; it can be handed to another process that sees the same paths.

    images: by modality. dicom: a folder of DICOM files in their place, of which study (StudyInstanceUID) counts; "" for
    the only one. Raises InputError for a name that no file can have.
    """

    name: str
    images: Mapping[Modality, ImageSource] = field(default_factory=dict)
    dicom: Path | None = None
    study: str = ""

    def __post_init__(self) -> None:
        if not is_file_name(self.name):
            raise InputError(
                f"{shorten(self.name)!r} cannot be a case's name, since files are called after it; use letters, digits,"
                " dashes and dots."
            )

    @property
    def place(self) -> str:
        """Where the case lies, for people."""
        return printable(self.dicom if self.dicom is not None else self.paths[0].parent)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files of its images, each once; none of a DICOM folder."""
        return tuple(dict.fromkeys(ImageFile.of(source).path for source in self.images.values()))

    def choose_series(self, optional: Collection[Modality] = ()) -> SeriesChoice:
        """Return which series of the DICOM folder are its images. Raises InputError."""
        return result_of(self.choosing_series(optional))

    def choosing_series(self, optional: Collection[Modality] = ()) -> Steps[SeriesChoice]:
        """Do the same in short steps, one for each file's header."""
        from ..images.dicom import finding_series, require_one_study

        assert self.dicom is not None
        found = yield from finding_series(self.dicom)
        series = [each for each in found if self.study in ("", each.first.study)]
        require_one_study(self.dicom, series)
        return choose_series(series, optional=lambda: optional, where=self.place)

    def read(self, reference: Modality | None = None, optional: Collection[Modality] = ()) -> Study:
        """Read the images of a case that is no DICOM folder; see `read_study`."""
        return read_study(self.images, reference, self.name, optional)
