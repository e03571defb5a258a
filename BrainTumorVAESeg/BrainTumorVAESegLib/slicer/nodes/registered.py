"""What preparing did to the volumes, in the scene: a linear transform node for each that was registered, and a mask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from ...core.modalities import MODALITIES, Modality
from ...core.preparation import GIVEN, Alignment, Outcome, Prepared
from ...core.transform import Transform
from .brainmask import MASK_ROLE, write_mask
from .hierarchy import place_beside
from .labelmaps import as_matrix

_TRANSFORM_ROLE = "BrainTumorVAESeg.transform."
"""The segmentation node's reference to a volume's transform, followed by the modality."""
_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def transforms_of(segmentation: Any) -> dict[Modality, Any]:
    """Return the transform nodes of a segmentation's registered volumes by modality."""
    if segmentation is None:
        return {}
    found = {modality: segmentation.GetNodeReference(f"{_TRANSFORM_ROLE}{modality}") for modality in MODALITIES}
    return {modality: node for modality, node in found.items() if node is not None}


def write_prepared(
    segmentation: Any, reference: Any, volumes: Mapping[Modality, Any], prepared: Prepared, brain: Any
) -> None:
    """Write what was done to the volumes of a segmentation beside it.

    brain: the mask that was made (z, y, x), on the reference's grid, the node of one that was given, or None. The
    volumes stay where they are; `show_registered` puts them where their transforms say.
    """
    for modality, alignment in prepared.alignments.items():
        if alignment.transform is not None:
            _write_transform(segmentation, reference, volumes[modality], modality, alignment.transform)
    if isinstance(brain, np.ndarray):
        brain = write_mask(brain, reference)
    if brain is not None:
        segmentation.SetNodeReferenceID(MASK_ROLE, brain.GetID())


def show_registered(segmentation: Any, volumes: Mapping[Modality, Any], shown: bool) -> None:
    """Put volumes under their transforms, or take them out; one that lies under another transform stays there."""
    for modality, transform in transforms_of(segmentation).items():
        volume = volumes.get(modality)
        if volume is None:
            continue
        parent = volume.GetTransformNodeID()
        if shown and parent is None:
            volume.SetAndObserveTransformNodeID(transform.GetID())
        elif not shown and parent == transform.GetID():
            volume.SetAndObserveTransformNodeID(None)


def describe_prepared(prepared: Prepared) -> list[str]:
    """Return what was done to the volumes, a sentence each."""
    said = [_describe(modality, alignment) for modality, alignment in prepared.alignments.items()]
    if prepared.mask:
        maker = _("the mask that was given") if prepared.mask == GIVEN else prepared.mask
        text = _("Brain of {ml} ml by {maker}.")
        said.append(text.format(ml=f"{prepared.brain_ml:.0f}", maker=maker))
    return [sentence for sentence in said if sentence]


def _describe(modality: Modality, alignment: Alignment) -> str:
    if alignment.outcome is Outcome.KEPT:
        return _("{modality} could not be registered and stays where it is.").format(modality=modality)
    if alignment.outcome is Outcome.ALIGNED:
        return ""
    text = _("{modality} was registered (moved {mm} mm, turned {degrees} degrees).")
    moved, turned = f"{alignment.moved_mm:.1f}", f"{alignment.turned_degrees:.1f}"
    return text.format(modality=modality, mm=moved, degrees=turned)


def _write_transform(segmentation: Any, reference: Any, volume: Any, modality: Modality, transform: Transform) -> None:
    """Write a volume's transform: from where the volume lies to where it lies on the reference (RAS, mm)."""
    role = f"{_TRANSFORM_ROLE}{modality}"
    node = segmentation.GetNodeReference(role)
    if node is None:
        name = _("{name} to {reference}").format(name=volume.GetName(), reference=reference.GetName())
        node = slicer.mrmlScene.AddNewNodeByClass(
            "vtkMRMLLinearTransformNode", slicer.mrmlScene.GenerateUniqueName(name)
        )
        segmentation.SetNodeReferenceID(role, node.GetID())
    # The library's takes points of the reference to the volume; a node takes the volume to its parent.
    node.SetMatrixTransformToParent(as_matrix(_RAS_TO_LPS @ np.linalg.inv(transform.array) @ _RAS_TO_LPS))
    place_beside(node, reference)
