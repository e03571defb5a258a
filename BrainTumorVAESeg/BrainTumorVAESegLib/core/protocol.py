"""What the panel in Slicer and its worker process say to each other; this text is the document of their protocol.

The panel starts `python -m BrainTumorVAESegLib.worker --folder FOLDER --idle SECONDS` and speaks with it over its
standard streams: requests go to its standard input, answers come from its standard output. A message is one line, a
JSON object in ASCII with the class's name under `type` beside the fields of the dataclasses of `requests` and
`answers`; unknown fields, missing ones and those of a wrong kind make it malformed. What libraries print goes to
standard error, which the panel keeps as a log.

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
`Stop`     none         an `Explain` is stopped, also while it is worked on, and answered by `Failed`
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
from typing import Any, TypeAlias

from .answers import (
    PROTOCOL,
    Checked,
    Explained,
    Failed,
    Measured,
    Probed,
    Progress,
    Ready,
    Released,
    Segmented,
    Written,
)
from .disk.guarded import LARGEST_TEXT, UnreadableError, parse_json
from .errors import ProtocolError, VersionError
from .requests import (
    Check,
    Explain,
    Export,
    Measure,
    Probe,
    Quit,
    Release,
    Report,
    Segment,
    Stop,
    Warm,
)
from .text import shorten
from .wire import WireError, from_wire, to_wire

LONGEST_LINE = LARGEST_TEXT
"""Bytes of a message."""


Request: TypeAlias = Check | Probe | Segment | Explain | Measure | Report | Export | Release
"""A message to the worker that is answered."""
Answer: TypeAlias = Checked | Probed | Segmented | Explained | Measured | Written | Released
"""A message of the worker that ends a request, but for Failed."""
Message: TypeAlias = Request | Warm | Stop | Quit | Ready | Progress | Answer | Failed

_REQUESTS = (Check, Probe, Segment, Explain, Measure, Report, Export, Release, Warm, Stop, Quit)
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
