"""Errors that a person can act on: each says what is wrong, which file or volume, and what to do.

Every class carries the exit code with which the command line ends; `EXIT_CODES` is the table that the help shows.
"""

from __future__ import annotations

from .findings import Finding


class BrainTumorVAESegError(Exception):
    """Base of all errors that this library raises on purpose; the message is one plain line for a person."""

    exit_code = 1


class InputError(BrainTumorVAESegError):
    """A file or folder is not what it should be: missing, truncated, no image, 2D, 4D, of no known modality."""

    exit_code = 3


class CheckError(BrainTumorVAESegError):
    """The images can be read but must not be segmented as they are (see `core.findings`), unless that is forced.

    findings: all that the check found, also notes and warnings; none where something else was in the way.
    """

    exit_code = 4

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class PackageError(BrainTumorVAESegError):
    """A model package is missing, damaged, tampered with, or does not fit this version."""

    exit_code = 5


class DeviceError(BrainTumorVAESegError):
    """The device asked for is absent or does not work, or the memory is too small."""

    exit_code = 6


class OutputError(BrainTumorVAESegError):
    """An output cannot be written; nothing partial is left behind."""

    exit_code = 7


class TrainingError(BrainTumorVAESegError):
    """A training cannot start or go on: the data set, the recipe or the run folder is at fault."""

    exit_code = 8


class DependencyError(BrainTumorVAESegError):
    """An optional package is needed for this and is not installed."""

    exit_code = 9


class ClusterError(BrainTumorVAESegError):
    """A scheduler cannot be reached, was lost, or it or its workers are of another version."""

    exit_code = 10


class Cancelled(BrainTumorVAESegError):  # noqa: N818 - no error, but the person's wish
    """The person cancelled the work; nothing was written."""

    exit_code = 130


UNREAD_EXIT_CODE = 141
"""Whoever read the output has gone (`| head`), which is no error, but not all was shown either.

Programs of Unix, git among them, are ended by SIGPIPE then, which shells call 141; scripts with `pipefail` know that
number. The signal itself would end a work in the middle, without a chance to clean up, and typer's and rich's own 1
means something else here.
"""

EXIT_CODES: dict[int, str] = {
    0: "done",
    1: "an error inside the program",
    2: "the command line could not be understood",
    InputError.exit_code: "an input file is missing, unreadable or not what it should be",
    CheckError.exit_code: "the check found an error in the images (see --force)",
    PackageError.exit_code: "a model package is missing, damaged or does not fit",
    DeviceError.exit_code: "the device does not work or has too little memory",
    OutputError.exit_code: "an output cannot be written",
    TrainingError.exit_code: "a training cannot start or go on",
    DependencyError.exit_code: "an optional package is not installed",
    ClusterError.exit_code: "a cluster's scheduler cannot be reached, or does not fit",
    Cancelled.exit_code: "cancelled",
    UNREAD_EXIT_CODE: "whoever read the output has gone (head, say); nothing is wrong",
}
"""Exit code of the command line -> what it means."""


class ProtocolError(BrainTumorVAESegError):
    """A line is no message of this protocol. id: of the request that the line tried to be, where it can be read."""

    def __init__(self, message: str, id: int | None = None) -> None:
        super().__init__(message)
        self.id = id


class VersionError(ProtocolError):
    """The worker speaks another protocol: panel and worker are of different versions."""


class WorkerError(BrainTumorVAESegError):
    """The worker cannot be started, or ended in the middle of its work."""
