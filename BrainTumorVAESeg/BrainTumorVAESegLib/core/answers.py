"""What the worker process answers to the panel; how it does is told in `protocol`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import errors
from .errors import BrainTumorVAESegError
from .findings import Finding
from .inspection import Contribution, Cost, DoubtfulSlice, MapFile, StageChange
from .measures import Measures
from .preparation import Needs, Prepared
from .verdict import Verdict

PROTOCOL = 8
"""Number of this protocol; it changes with any message."""


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
    not run. contributions: where these were asked for. costs: what `mirror` and `contributions` would take.
    intervals_ml: by region, as wide as mirrored images make them, empty where they were not answered or nothing is
    calibrated.
    """

    id: int
    segmented: int
    maps: tuple[MapFile, ...]
    unavailable: Mapping[str, str]
    doubtful: tuple[DoubtfulSlice, ...]
    changes: tuple[StageChange, ...]
    contributions: tuple[Contribution, ...] = ()
    costs: Mapping[str, Cost] = field(default_factory=dict)
    intervals_ml: Mapping[str, tuple[float, float]] = field(default_factory=dict)


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
        cls = vars(errors).get(self.kind)
        if isinstance(cls, type) and issubclass(cls, BrainTumorVAESegError):
            return cls(self.message)
        return BrainTumorVAESegError(self.message)
