"""What the scene's parameter node holds, in the words of the parts that use it."""

from __future__ import annotations

from typing import Any

import slicer

from ...core.modalities import MODALITIES, Modality
from ..choices import Choices


def parameter_name(modality: Modality) -> str:
    """Return the name of the parameter that holds a modality's volume."""
    return modality.value.lower()


def chosen_nodes(parameters: Any) -> dict[Modality, Any]:
    """Return the chosen volume nodes by modality, None where none is chosen."""
    return {modality: getattr(parameters, parameter_name(modality)) for modality in MODALITIES}


def present_nodes(parameters: Any) -> dict[Modality, Any]:
    """Return the chosen volume nodes by modality, without those that are not chosen."""
    return {modality: node for modality, node in chosen_nodes(parameters).items() if node is not None}


def other_choices(parameters: Any) -> Choices:
    """Return what is chosen beside the volumes."""
    p = parameters
    return Choices(p.model, p.device, p.style, p.force, p.show3d, p.opacity, p.preparation, p.brain, p.engine)


def state_of(parameters: Any) -> tuple[object, ...]:
    """Return what a sentence on a segmentation that has ended holds of: what is chosen, and what the scene has."""
    count = slicer.mrmlScene.GetNumberOfNodesByClass
    chosen = (*chosen_nodes(parameters).values(), parameters.segmentation)
    return (*chosen, count("vtkMRMLVolumeNode"), count("vtkMRMLSegmentationNode"))
