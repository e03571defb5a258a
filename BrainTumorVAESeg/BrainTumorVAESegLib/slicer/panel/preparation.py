"""The Preparation line: what the four volumes need before they can be segmented, and what will be done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from ...core.findings import Severity
from ...core.preparation import Needs
from ...core.volume import choose_reference
from ..choices import Preparation
from ..nodes.output import reference_of
from ..nodes.registered import show_registered, transforms_of
from ..nodes.volumes import Nodes
from ..setup.extractor import Extractor
from .installing import InstallButton
from .richtext import faint, lines, marked


class PreparationPart:
    """Shows what is needed, offers to install what removes the skull, and shows the volumes registered.

    release, changed: as of `InstallButton`.
    """

    def __init__(self, ui: Any, release: Callable[[], None], changed: Callable[[], None]) -> None:
        self._ui = ui
        self._extractor = Extractor()
        self._button = InstallButton(ui.installBrainButton, self._extractor, release, changed)

    def problem(self, parameters: Any, nodes: Nodes, needs: Needs) -> str | None:
        """Return why the volumes cannot be prepared, in a sentence, or None."""
        if self._lacks_extractor(parameters, nodes, needs):
            return _("The skull has to be removed first: install HD-BET, or choose a brain mask.")
        return None

    def show(self, parameters: Any, nodes: Nodes, needs: Needs, busy: bool) -> None:
        """Show what the chosen volumes need. needs: as the check found. busy: whether a segmentation runs."""
        lacks = self._lacks_extractor(parameters, nodes, needs)
        said = _needed(parameters, needs)
        if lacks:
            text = _("HD-BET, which removes the skull, is not installed.")
            said.append(marked(Severity.WARNING, self._button.failed or text))
        label = self._ui.preparationLabel
        label.text = lines(said)
        label.visible = bool(said)
        self._button.show(lacks, busy)

    def apply(self, parameters: Any, nodes: Nodes) -> None:
        """Show the volumes registered, or as they are, as is chosen."""
        transforms = transforms_of(parameters.segmentation)
        self._ui.showRegisteredCheckBox.visible = bool(transforms)
        if transforms:
            show_registered(parameters.segmentation, nodes, parameters.showRegistered)

    def leave_other_head(self, parameters: Any, reference: Any) -> None:
        """Choose no mask where the chosen one was made on another volume than the reference, which may be None."""
        mask = parameters.brain
        if mask is not None and reference is not None and mask.IsA("vtkMRMLSegmentationNode"):
            made_on = reference_of(mask)
            if made_on is not None and made_on is not reference:
                parameters.brain = None

    def _lacks_extractor(self, parameters: Any, nodes: Nodes, needs: Needs) -> bool:
        """Say whether HD-BET is needed and not there; it is needed where the reference itself shows a skull."""
        present = [modality for modality, node in nodes.items() if node is not None]
        wanted = parameters.preparation is Preparation.AUTO and parameters.brain is None and bool(present)
        return wanted and choose_reference(present) in needs.strip and not self._extractor.usable


def _needed(parameters: Any, needs: Needs) -> list[str]:
    """Return what volumes need, and what is done about it."""
    if not needs:
        return []
    off = parameters.preparation is Preparation.OFF
    said = []
    if needs.register:
        names = ", ".join(needs.register)
        text = _("{names} may lie elsewhere and are not registered.") if off else _("To be registered: {names}.")
        said.append(text.format(names=names))
    if needs.strip and parameters.brain is not None:
        said.append(_("The brain is where {mask} says.").format(mask=parameters.brain.GetName()))
    elif needs.strip:
        names = ", ".join(needs.strip)
        text = _("{names} show a skull, which is not removed.") if off else _("The skull will be removed: {names}.")
        said.append(text.format(names=names))
    return [marked(Severity.WARNING, sentence) if off else faint(sentence) for sentence in said]
