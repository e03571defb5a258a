"""What is chosen and told by words of the preparation of clinical scans; apart, since the help needs no numpy."""

from __future__ import annotations

from enum import StrEnum


class Register(StrEnum):
    """Whether volumes are registered to the reference: rigidly where they need it, affinely, or not at all."""

    AUTO = "auto"
    AFFINE = "affine"
    OFF = "off"


class Strip(StrEnum):
    """How the skull is removed where there is one: by HD-BET, by SynthStrip's command, or not at all."""

    AUTO = "auto"
    SYNTHSTRIP = "synthstrip"
    OFF = "off"


class Outcome(StrEnum):
    """What came of a registration: the volume lay in place, was moved, or stays since nothing fitted better."""

    ALIGNED = "aligned"
    REGISTERED = "registered"
    KEPT = "kept"
