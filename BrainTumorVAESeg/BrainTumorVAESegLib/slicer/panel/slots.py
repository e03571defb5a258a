"""What is chosen for a case: who fills the slots of the parameter node, and when one is left open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
import slicer
import vtk
from slicer.util import VTKObservationMixin

from ...core.modalities import MODALITIES, Modality
from ...core.volume import choose_reference
from ..nodes.assignment import Proposal, propose_nodes
from ..nodes.output import reference_of
from ..nodes.volumes import Nodes
from .chosen import chosen_nodes, parameter_name, present_nodes


class Slots(VTKObservationMixin):
    """The chosen volumes, segmentation and mask of the scene's parameter node.

    left: called with the parameter node and the new reference where another case was chosen.
    """

    def __init__(self, left: Callable[[Any, Any], None]) -> None:
        VTKObservationMixin.__init__(self)
        self._left = left
        self._parameters: Any = None
        self._proposal = Proposal()
        self._reference: Any = None
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.NodeAboutToBeRemovedEvent, self._on_node_about_to_be_removed)

    def bind(self, parameters: Any) -> None:
        """Follow a parameter node, or none where it is None."""
        self._parameters = parameters
        if parameters is not None:
            self._reference = None

    def close(self) -> None:
        """Let go of the scene and of the parameter node."""
        self._parameters = None
        self.removeObservers()

    @property
    def nodes(self) -> dict[Modality, Any]:
        """The chosen volume nodes by modality, None where none is chosen."""
        return chosen_nodes(self._parameters)

    def propose(self) -> None:
        """Choose the volumes by their names and series descriptions; what is ambiguous stays open."""
        self._proposal = propose_nodes(slicer.mrmlScene)
        self.choose(self._proposal.nodes)

    def choose(self, nodes: Nodes) -> None:
        """Choose these volumes and no others."""
        for modality in MODALITIES:
            setattr(self._parameters, parameter_name(modality), nodes.get(modality))

    def remarks(self) -> dict[Modality, str]:
        """Return by what each volume was recognized, as far as it is still chosen, and why none was."""
        nodes = self.nodes
        same = {m: r for m, r in self._proposal.reasons.items() if nodes.get(m) is self._proposal.nodes.get(m)}
        open_slots = {m: text for m, text in self._proposal.findings.items() if nodes.get(m) is None}
        return {**same, **open_slots}

    def follow_reference(self, busy: bool) -> None:
        """Choose a new segmentation where another case was chosen: a result is not to be written over another's."""
        present = present_nodes(self._parameters)
        reference = present.get(choose_reference(present))
        before, self._reference = self._reference, reference
        target = self._parameters.segmentation
        if before is not reference:
            self._left(self._parameters, reference)
        if None in (before, reference, target) or before is reference or busy:
            return
        if reference_of(target) not in (None, reference):
            self._parameters.segmentation = None

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_node_about_to_be_removed(self, caller: Any, event: Any, node: Any) -> None:
        """Leave a slot open whose node goes: its selector would go to the next one in silence."""
        if self._parameters is None or slicer.mrmlScene.IsClosing():
            return
        slots = [parameter_name(modality) for modality, chosen in self.nodes.items() if chosen is node]
        slots += [name for name in ("segmentation", "brain") if getattr(self._parameters, name) is node]
        if slots:
            qt.QTimer.singleShot(0, lambda: self._leave_open(slots))

    def _leave_open(self, slots: list[str]) -> None:
        if self._parameters is not None:
            for slot in slots:
                setattr(self._parameters, slot, None)
