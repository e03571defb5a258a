"""The inputs' part: four selectors, and beside each what its volume is and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slicer.i18n import tr as _

from ...core.findings import FindingGroup, Severity, group_findings
from ...core.modalities import MODALITIES, Modality
from ..nodes.volumes import Nodes, facts, problem
from .checking import Checked
from .richtext import faint, finding_line, lines, marked


def problems(nodes: Nodes, optional: Sequence[Modality] = ()) -> dict[Modality, str]:
    """Return for each modality why its choice will not do: one plain sentence; those that will are left out.

    A missing volume counts only where the model cannot do without it.
    """
    found: dict[Modality, str] = {}
    for modality in MODALITIES:
        node = nodes.get(modality)
        if node is None:
            if modality not in optional:
                found[modality] = _("Choose the {modality} volume.").format(modality=modality)
            continue
        twins = [other for other in MODALITIES if other is not modality and nodes.get(other) is node]
        if twins:
            sentence = _("{name} is chosen for {modality} as well: give each its own volume.")
            found[modality] = sentence.format(name=node.GetName(), modality=twins[0])
        elif reason := problem(node):
            found[modality] = reason
    return found


class InputsPart:
    """What stands beside and below the selectors."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        self._labels = {modality: getattr(ui, f"{modality.value.lower()}Facts") for modality in MODALITIES}

    def show(
        self, nodes: Nodes, found: Mapping[Modality, str], checked: Checked, proposed: Mapping[Modality, str]
    ) -> None:
        """Show each volume's facts, what is wrong with it, and the findings of the check.

        A fault of one volume stands beside it; one that several have is told once, below them.
        found: problems by modality. proposed: how a volume was recognized, or why none was, by modality.
        """
        groups = group_findings(checked.findings)
        for modality, label in self._labels.items():
            own = [group for group in groups if group.modalities == (modality,)]
            text = lines(_lines(modality, nodes, found, own, proposed))
            label.text = text
            label.visible = bool(text)
        general = [finding_line(group) for group in groups if len(group.modalities) != 1]
        if checked.running:
            general.append(faint(_("Checking the volumes...")))
        if checked.failed:
            general.append(marked(Severity.WARNING, checked.failed))
        self._ui.findingsLabel.text = lines(general)
        self._ui.findingsLabel.visible = bool(general)
        self._ui.forceCheckBox.visible = checked.has_errors


def _lines(
    modality: Modality,
    nodes: Nodes,
    found: Mapping[Modality, str],
    findings: Sequence[FindingGroup],
    proposed: Mapping[Modality, str],
) -> list[str]:
    node = nodes.get(modality)
    parts: list[str] = []
    if node is None:
        if modality in proposed:
            parts.append(marked(Severity.WARNING, proposed[modality]))
        return parts
    if modality in found:
        return [marked(Severity.ERROR, found[modality])]
    line = str(facts(node))
    parts.append(faint(f"{line}; {proposed[modality]}" if modality in proposed else line))
    parts += [finding_line(group) for group in findings]
    return parts
