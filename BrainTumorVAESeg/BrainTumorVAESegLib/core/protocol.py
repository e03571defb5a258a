"""What the panel in Slicer and its worker process say to each other; this text is the document of their protocol.

The panel starts `python -m BrainTumorVAESegLib.worker --folder FOLDER --idle SECONDS` and speaks with it over its
standard streams: requests go to its standard input, answers come from its standard output. A message is one line, a
JSON object in ASCII with the class's name under `type` beside the fields of the dataclasses below; unknown fields,
missing ones and those of a wrong kind make it malformed. What libraries print goes to standard error, which the panel
keeps as a log.

**Sequence.** The worker's first line is `Ready`, sent before anything heavy is imported. The panel compares the number
of the protocol and stops a worker of another one. Every request with an id is answered by exactly one line that carries
the id: the answer of its kind, or `Failed`. `Progress` lines come before it, about ten a second at most and one at each
change of stage. Requests are worked on one at a time, in order; those that come meanwhile wait.

=========  ===========  ============================================================================================
Request    Answer       What is done
=========  ===========  ============================================================================================
`Check`    `Checked`    the study's volumes are looked at; needs no torch
`Probe`    `Probed`     the device is tried with a small convolution, and free memory is read
`Segment`  `Segmented`  the labels are written to a file, whole or not at all
`Explain`  `Explained`  maps of the study segmented last are written to files; see `core.inspection`
`Measure`  `Measured`   labels, perhaps edited, are measured anew; needs no torch
`Report`   `Written`    a page on the study segmented last is written
`Export`   `Written`    DICOM SEG and SR of the study segmented last are written
`Release`  `Released`   the networks are forgotten and the GPU's memory is freed
`Warm`     none         work is coming: torch is imported beside the waiting, and the idle time begins anew
`Quit`     none         the worker ends, after what it is doing
=========  ===========  ============================================================================================

**Files.** Volumes and labels pass as `.npy` files, arrays (z, y, x), in a private folder that the panel makes: FOLDER.
Whoever writes a file puts it into its place whole; the panel removes it when it has its answer. Labels are uint8, the
library's values, on the grid of the reference volume. Paths may hold any character.

**Ends.** The worker ends with exit code 0 after `Quit`, after SECONDS without a message (FOLDER stays: it is the
panel's), and where its standard input ends, which says that the panel is gone: then at once, in the middle of a
computation as well, and it removes FOLDER. The panel cancels by killing the process and removing FOLDER. Any other exit
code is a crash: FOLDER stays, open requests have failed, and the next request starts a fresh worker.

**Failures.** A line that is no request is answered by `Failed`, with the id where one can be read, else null, and the
worker goes on. So it does after any error of a request, but for a GPU left unusable: then it answers `Failed` and ends
with exit code 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from . import errors
from .disk.guarded import LARGEST_TEXT, UnreadableError, parse_json
from .errors import BrainTumorVAESegError
from .findings import Finding
from .geometry import Geometry
from .inspection import Contribution, DoubtfulSlice, MapFile, StageChange
from .measures import Measures
from .modalities import Modality
from .preparation import AS_GIVEN, Needs, PreparationOptions, Prepared
from .text import shorten
from .verdict import Verdict
from .wire import WireError, from_wire, to_wire

PROTOCOL = 5
"""Number of this protocol; it changes with any message."""
LONGEST_LINE = LARGEST_TEXT
"""Bytes of a message."""


class ProtocolError(BrainTumorVAESegError):
    """A line is no message of this protocol. id: of the request that the line tried to be, where it can be read."""

    def __init__(self, message: str, id: int | None = None) -> None:
        super().__init__(message)
        self.id = id


class VersionError(ProtocolError):
    """The worker speaks another protocol: panel and worker are of different versions."""


class WorkerError(BrainTumorVAESegError):
    """The worker cannot be started, or ended in the middle of its work."""


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

    package: folder of the model package. labels: the `.npy` file to write. device, precision, memory (bytes) and force:
    see `inference.segmenting.Options`. preparation: what may be done to the volumes first. brain: the `.npy` file to
    write the brain mask to (uint8, on the reference's grid) where one was made, or "".
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


@dataclass(frozen=True)
class Explain:
    """Write maps of the study segmented last, which the worker keeps until the next `Segment` or `Release`.

    segmented: id of the `Segment` that is meant; where another one came since, or none, the answer is `Failed`.
    folder: for the files, each KEY.npy, made where it is missing. maps: keys and groups of `core.inspection`, all where
    empty. contributions: tell what each sequence contributed instead, and write no map; the networks run up to eight
    times for that.
    """

    segmented: int
    folder: str
    maps: tuple[str, ...] = ()
    id: int = 0
    contributions: bool = False


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
class Quit:
    """End."""


@dataclass(frozen=True)
class Ready:
    """The worker listens. version: of the library. pid: of the process that computes; a launcher may stand before."""

    version: str
    pid: int
    python: str
    protocol: int = PROTOCOL


@dataclass(frozen=True)
class Progress:
    """How far a request is.

    stage: `load the model`, or a step of the library (see `inference.segmenting`). fraction: of all the work, 0 to 1.
    """

    id: int
    stage: str
    fraction: float


@dataclass(frozen=True)
class Checked:
    """What was found, errors first, and what the study needs before it can be segmented."""

    id: int
    findings: tuple[Finding, ...]
    needs: Needs = field(default_factory=Needs)


@dataclass(frozen=True)
class Probed:
    """What there is to compute on.

    device: `cpu` or `cuda:N`, to which the wish leads. description: its name for people. free, total: bytes of its
    memory, None where they cannot be told. cuda: whether a CUDA GPU computes rightly; problem says why not. nvidia_gpu:
    whether there is an NVIDIA GPU, torch or not. cpu_build: whether torch is a build for the CPU alone. torch: its
    version, "" where it is not installed or cannot be imported (problem says which). wish_met: False where the device
    wished for does not work; device is then `cpu`.
    """

    id: int
    device: str
    description: str
    cuda: bool
    problem: str | None = None
    free: int | None = None
    total: int | None = None
    nvidia_gpu: bool = False
    cpu_build: bool = False
    torch: str = ""
    wish_met: bool = True


@dataclass(frozen=True)
class Segmented:
    """The labels are written.

    volumes_ml: milliliters by label and region. timings: seconds by step, `read`, `load` and `write` beside those of
    the library. regions: (start, size) on the prepared grid, each (z, y, x), of the parts that stage 2 refined. sha256:
    of the package. verdict: of the input check, None where the package brings nothing to judge by. intervals_ml: by
    region the bounds between which its volume probably lies, empty where they were not calibrated. prepared: what was
    done to the volumes first. brain: the file with the mask that was made, or "". measures: of the labels, None only
    in an answer that was made without measuring.
    """

    id: int
    labels: str
    volumes_ml: Mapping[str, float]
    tumor_found: bool
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    timings: Mapping[str, float]
    device: str
    regions: tuple[tuple[tuple[int, int, int], tuple[int, int, int]], ...]
    package: str
    package_version: str
    sha256: str = ""
    verdict: Verdict | None = None
    intervals_ml: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    prepared: Prepared = field(default_factory=Prepared)
    brain: str = ""
    measures: Measures | None = None


@dataclass(frozen=True)
class Explained:
    """The maps are written.

    maps: in the table's order. unavailable: key -> why a map that was asked for cannot be made, a sentence. doubtful:
    slices, the one with most uncertain border first. changes: by region what stage 2 won and lost, empty where it did
    not run. contributions: where these were asked for.
    """

    id: int
    segmented: int
    maps: tuple[MapFile, ...]
    unavailable: Mapping[str, str]
    doubtful: tuple[DoubtfulSlice, ...]
    changes: tuple[StageChange, ...]
    contributions: tuple[Contribution, ...] = ()


@dataclass(frozen=True)
class Measured:
    """What was measured."""

    id: int
    measures: Measures


@dataclass(frozen=True)
class Written:
    """Files are written. notes: what a person should know, a sentence each."""

    id: int
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Released:
    """The networks are forgotten."""

    id: int


@dataclass(frozen=True)
class Failed:
    """A request failed. kind: the error's class. message: for people. findings: of the check, where it stopped it."""

    id: int | None
    kind: str
    message: str
    exit_code: int = 1
    findings: tuple[Finding, ...] = field(default=())

    def error(self) -> BrainTumorVAESegError:
        """Return the failure as an error of the library, to be raised."""
        if self.kind == errors.CheckError.__name__:
            return errors.CheckError(self.message, self.findings)
        cls = {**vars(errors), **globals()}.get(self.kind)
        if isinstance(cls, type) and issubclass(cls, BrainTumorVAESegError):
            return cls(self.message)
        return BrainTumorVAESegError(self.message)


Request: TypeAlias = Check | Probe | Segment | Explain | Measure | Report | Export | Release
"""A message to the worker that is answered."""
Answer: TypeAlias = Checked | Probed | Segmented | Explained | Measured | Written | Released
"""A message of the worker that ends a request, but for Failed."""
Message: TypeAlias = Request | Warm | Quit | Ready | Progress | Answer | Failed

_REQUESTS = (Check, Probe, Segment, Explain, Measure, Report, Export, Release, Warm, Quit)
_KINDS = (*_REQUESTS, Ready, Progress, Checked, Probed, Segmented, Explained, Measured, Written, Released, Failed)
_CLASSES: dict[str, type[Any]] = {cls.__name__: cls for cls in _KINDS}


def encode(message: Message) -> bytes:
    """Return a message as its line, ended by a line feed. Raises ProtocolError for a number that is not finite."""
    values = {"type": type(message).__name__, **to_wire(message)}
    try:
        return json.dumps(values, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
    except (TypeError, ValueError) as error:
        raise ProtocolError(f"A {type(message).__name__} cannot be sent ({error}).") from error


def decode(line: bytes | str) -> Message:
    """Return the message of a line. Raises VersionError for the Ready of another protocol, ProtocolError otherwise."""
    try:
        values = parse_json(line)
    except UnreadableError as error:
        raise ProtocolError(f"A line is no JSON ({error}); it was passed over.") from error
    if not isinstance(values, dict):
        raise ProtocolError("A line is no JSON object; it was passed over.")
    id = values.get("id") if type(values.get("id")) is int else None
    name = values.pop("type", None)
    if name == Ready.__name__ and values.get("protocol") != PROTOCOL:
        raise VersionError(
            f"The worker speaks protocol {shorten(values.get('protocol'))}, this version {PROTOCOL}; restart Slicer."
        )
    cls = _CLASSES.get(name) if isinstance(name, str) else None
    if cls is None:
        raise ProtocolError(f"The message {shorten(repr(name))} is not known; it was passed over.", id)
    try:
        message: Message = from_wire(cls, values, cls.__name__)
    except WireError as error:
        raise ProtocolError(f"{error}; it was passed over.", id) from error
    return message
