"""What every object says of how it was made: program, package, series, and what it may be used for."""

from __future__ import annotations

from typing import Any

from highdicom import AlgorithmIdentificationSequence
from highdicom.sr import AlgorithmIdentification

from .. import __version__
from .answers import Algorithm
from .codes import NETWORK, concept, private_scheme
from .sources import Source
from .uids import make_uid

PROGRAM = "BrainTumorVAESeg"
USE = "Research use only, not a medical device"
_SERIES_STEP = 100
_LARGEST_NUMBER = 10_000_000


def describe_object(what: str, order: int, source: Source, algorithm: Algorithm, content: str) -> dict[str, Any]:
    """Return the arguments that highdicom's classes share.

    what: the object's name, such as `Tumor labels`. order: from 1, for its series' number, which goes on from the
    source's. content: tells what the object holds, besides sources, package and version, from what others do.
    """
    told = (what, *source.instances, algorithm.name, algorithm.version, algorithm.sha256, __version__, content)
    return {
        "series_instance_uid": make_uid("series", *told),
        "series_number": _SERIES_STEP * min(max(1, source.number), _LARGEST_NUMBER) + order,
        "sop_instance_uid": make_uid("instance", *told),
        "instance_number": 1,
        "manufacturer": PROGRAM,
        "manufacturer_model_name": algorithm.name[:64],
        "software_versions": [__version__, f"{algorithm.name} {algorithm.version}"[:64]],
        "device_serial_number": algorithm.sha256[:64] or "unknown",
        "series_description": f"{what} ({PROGRAM}, research use only)",
        "specific_character_set": "ISO_IR 192",
        "coding_schemes": [private_scheme()],
    }


def device_uid(algorithm: Algorithm) -> str:
    """Return the UID of the program with this package, as an observer."""
    return make_uid("device", PROGRAM, __version__, algorithm.name, algorithm.version, algorithm.sha256)


def algorithm_of_segments(algorithm: Algorithm) -> AlgorithmIdentificationSequence:
    """Return what a segment says of what made it."""
    return AlgorithmIdentificationSequence(
        algorithm.name[:64], concept(NETWORK), algorithm.version[:64], f"{PROGRAM} {__version__}",
        {"sha256": algorithm.sha256},
    )  # fmt: skip


def algorithm_of_measures(algorithm: Algorithm) -> AlgorithmIdentification:
    """Return what a measure says of what made it."""
    return AlgorithmIdentification(
        algorithm.name, algorithm.version, [f"sha256={algorithm.sha256}"], concept(NETWORK), f"{PROGRAM} {__version__}"
    )
