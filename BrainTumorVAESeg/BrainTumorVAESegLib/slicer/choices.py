"""What a person chooses beside the volumes: where and by what to compute, and which segments are made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from slicer.i18n import tr as _

from ..core.preparation import UNTOUCHED, PreparationOptions


class Device(Enum):
    """Where to compute; the values are the library's words for it."""

    AUTO = "auto"
    GPU = "cuda"
    CPU = "cpu"

    def label(self) -> str:
        """Return the text of the choice in the panel."""
        return {
            Device.AUTO: _("Automatic"),
            Device.GPU: _("NVIDIA GPU"),
            Device.CPU: _("Processor"),
        }[self]


class Engine(Enum):
    """What runs the networks, and in how many bits: the library's words for both."""

    TORCH = "torch auto"
    TORCH_BF16 = "torch bf16"
    OPENVINO = "openvino auto"
    OPENVINO_BF16 = "openvino bf16"

    def label(self) -> str:
        """Return the text of the choice in the panel."""
        return {
            Engine.TORCH: _("PyTorch"),
            Engine.TORCH_BF16: _("PyTorch, bf16"),
            Engine.OPENVINO: _("OpenVINO"),
            Engine.OPENVINO_BF16: _("OpenVINO, bf16"),
        }[self]

    @property
    def name_of_library(self) -> str:
        """What runs the networks, as the library calls it."""
        return self.value.partition(" ")[0]

    @property
    def precision(self) -> str:
        """In how many bits, as the library calls it."""
        return self.value.partition(" ")[2]


class Preparation(Enum):
    """Whether volumes are registered, their skulls removed and their shading taken away, where they need it."""

    AUTO = "auto"
    OFF = "off"

    def label(self) -> str:
        """Return the text of the choice in the panel."""
        return {
            Preparation.AUTO: _("Automatic"),
            Preparation.OFF: _("Off: as they are"),
        }[self]

    @property
    def options(self) -> PreparationOptions:
        """The library's words for it."""
        return PreparationOptions() if self is Preparation.AUTO else UNTOUCHED


class Style(Enum):
    """Which segments are made: labels that do not overlap, or the nested regions of BraTS."""

    DISJOINT = "disjoint"
    NESTED = "nested"

    def label(self) -> str:
        """Return the text of the choice in the panel."""
        return {
            Style.DISJOINT: _("Separate: core, edema, enhancing tumor"),
            Style.NESTED: _("Nested: whole tumor, core, enhancing tumor"),
        }[self]


@dataclass(frozen=True)
class Choices:
    """How to segment and to show the answer.

    model: a package's name, "" for the default one. force: go on in spite of findings that are errors. opacity: of the
    segments' filling in slice views, 0 to 1. preparation: what may be done to the volumes first. brain: a mask of the
    brain, a vtkMRMLSegmentationNode or vtkMRMLLabelMapVolumeNode, None where it is made or not needed. engine: what
    runs the networks.
    """

    model: str = ""
    device: Device = Device.AUTO
    style: Style = Style.DISJOINT
    force: bool = False
    show_3d: bool = False
    opacity: float = 0.25
    preparation: Preparation = Preparation.AUTO
    brain: Any = None
    engine: Engine = Engine.TORCH


DEFAULT = Choices()
"""What holds where nobody chose."""
