"""What the panel asks of its worker process; how it does is told in `protocol`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .geometry import Geometry
from .modalities import Modality
from .preparation import AS_GIVEN, PreparationOptions


@dataclass(frozen=True)
class VolumeFile:
    """A volume of a study: its array's `.npy` file, its grid, and what messages call it (a node's name)."""

    file: str
    geometry: Geometry
    source: str = ""


@dataclass(frozen=True)
class StudyFiles:
    """A study by the files of its volumes; see `core.volume.Study`.

    brain: a mask of the brain, other than 0 within it, on the reference's grid, where a person gave one.
    """

    volumes: Mapping[Modality, VolumeFile]
    reference: Modality = Modality.T1CE
    name: str = ""
    brain: VolumeFile | None = None


@dataclass(frozen=True)
class Check:
    """Find what is wrong with a study, and what it needs.

    optional: modalities that the model can do without. preparation: what will be done before it is segmented; faults
    that it will mend are notes.
    """

    study: StudyFiles
    optional: tuple[Modality, ...] = ()
    id: int = 0
    preparation: PreparationOptions = AS_GIVEN


@dataclass(frozen=True)
class Probe:
    """Say whether and where there is something to compute on. device: `auto`, `cpu`, `cuda` or `cuda:N`."""

    device: str = "auto"
    id: int = 0


@dataclass(frozen=True)
class Segment:
    """Segment a study.

    package: folder of the model package. labels: the `.npy` file to write. device, precision, memory (bytes), force and
    engine: see `inference.segmenting.Options`; a package that was not converted for its engine yet is converted first.
    preparation: what may be done to the volumes first. brain: the `.npy` file to write the brain mask to (uint8, on the
    reference's grid) where one was made, or "".
    """

    study: StudyFiles
    package: str
    labels: str
    device: str = "auto"
    precision: str = "auto"
    memory: int | None = None
    force: bool = False
    id: int = 0
    preparation: PreparationOptions = AS_GIVEN
    brain: str = ""
    engine: str = "torch"


@dataclass(frozen=True)
class Explain:
    """Write maps of the study segmented last, which the worker keeps until the next `Segment` or `Release`.

    segmented: id of the `Segment` that is meant; where another one came since, or none, the answer is `Failed`.
    folder: for the files, each KEY.npy, made where it is missing. maps: keys and groups of `core.inspection`, all where
    empty. contributions: tell what each sequence contributed instead, and write no map; the networks run up to eight
    times for that. mirror: so many answers to mirrored images are to be there first, 2 to `MOST_MIRRORINGS`, for the
    map of their disagreement and the volumes' intervals; they are kept. 0 asks for none. What that takes is told by
    every `Explained`.
    """

    segmented: int
    folder: str
    maps: tuple[str, ...] = ()
    id: int = 0
    contributions: bool = False
    mirror: int = 0


@dataclass(frozen=True)
class Measure:
    """Measure labels, as after they were edited.

    study: the reference alone is needed, on whose grid they lie, and which tells where brain is where no mask does.
    labels: the `.npy` file to read.
    """

    study: StudyFiles
    labels: str
    id: int = 0


@dataclass(frozen=True)
class Report:
    """Write a report of the study segmented last; see `Explain` on `segmented`.

    labels: the `.npy` file with its labels as they are by now. file: the page, `.html`. language: `en` or `zh`.
    identify: whether it tells names.
    """

    segmented: int
    labels: str
    file: str
    language: str = "en"
    identify: bool = False
    id: int = 0


@dataclass(frozen=True)
class Export:
    """Write the study segmented last as DICOM objects; see `Explain` on `segmented`.

    labels: as in `Report`. series: the DICOM files of each volume that came from some, the reference among them.
    folder, name: where the objects go, and what their files' names begin with; those that are there are replaced.
    """

    segmented: int
    labels: str
    series: Mapping[Modality, tuple[str, ...]]
    folder: str
    name: str
    id: int = 0


@dataclass(frozen=True)
class Release:
    """Forget the networks and free the GPU's memory."""

    id: int = 0


@dataclass(frozen=True)
class Warm:
    """Work is coming: import torch beside the waiting, and begin the idle time anew."""


@dataclass(frozen=True)
class Stop:
    """Stop an `Explain` that runs or waits; its answer is `Failed`, as cancelled, and what is kept stays."""

    request: int


@dataclass(frozen=True)
class Quit:
    """End."""
