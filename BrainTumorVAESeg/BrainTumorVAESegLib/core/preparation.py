"""What is done to clinical scans before the networks see them: what was asked for, what is needed, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .choices import Outcome, Register, Shading, Strip
from .modalities import Modality
from .transform import Transform


@dataclass(frozen=True)
class PreparationOptions:
    """What may be done to a study before it is segmented; what it does not need is left out in any case."""

    register: Register = Register.AUTO
    strip: Strip = Strip.AUTO
    shading: Shading = Shading.AUTO

    @property
    def looks(self) -> bool:
        """Whether volumes are looked at for what they need before they are segmented."""
        return self.register is not Register.OFF or self.strip is not Strip.OFF


GIVEN = "given"
"""Who made a brain mask that came with the study."""
AS_GIVEN = PreparationOptions(Register.OFF, Strip.OFF)
"""Volumes are taken to lie in place and to be stripped: images that show a skull are an error."""
UNTOUCHED = PreparationOptions(Register.OFF, Strip.OFF, Shading.OFF)
"""The same, and their shading stays."""


@dataclass(frozen=True)
class Needs:
    """What a study needs by its images alone: volumes that are not known to lie in place, and volumes with a skull."""

    register: tuple[Modality, ...] = ()
    strip: tuple[Modality, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.register or self.strip)


@dataclass(frozen=True)
class Alignment:
    """A volume's registration to the reference.

    before, after: mutual information in nats (Mattes), larger is better. moved_mm: mean distance that the brain's
    points were moved by. turned_degrees: the angle between them. transform: None where the volume stays.
    """

    outcome: Outcome
    before: float
    after: float
    moved_mm: float = 0.0
    turned_degrees: float = 0.0
    transform: Transform | None = None


@dataclass(frozen=True)
class Prepared:
    """What was done to a study.

    alignments: by the modalities that were looked at. mask: who made the brain mask (`given`, `HD-BET`, `SynthStrip`,
    `T1ce` for a reference that came stripped), empty where there is none. brain_ml: its volume. unshaded: the volumes
    that strong shading was taken from. shading: whether shading was to be taken away, by a package that knows of it.
    evened: the volumes that shading was taken from, weak or strong; None where a former version did not tell.
    """

    alignments: Mapping[Modality, Alignment] = field(default_factory=dict)
    mask: str = ""
    brain_ml: float = 0.0
    unshaded: tuple[Modality, ...] = ()
    shading: Shading = Shading.OFF
    evened: tuple[Modality, ...] | None = None

    @property
    def changed(self) -> bool:
        """Whether the study is another one than before."""
        moved = any(each.transform is not None for each in self.alignments.values())
        return moved or bool(self.mask)


MASK_STAGE, REGISTER_STAGE = "brain mask", "register"
"""Names of the steps in progress; the second is followed by a space and the modality: `register T2`."""
