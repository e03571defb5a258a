"""The check of the chosen volumes by the worker: begun once the choices rest, forgotten with its volumes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import qt

from ...core.findings import Finding, Severity
from ...core.modalities import Modality
from ...core.preparation import Needs
from ..choices import Choices, Preparation
from ..nodes.brainmask import mask_stamp
from ..nodes.volumes import Nodes, stamp
from ..segmenting import Segmenting

_SETTLED_MS = 250
"""How long choices must rest before the volumes are checked."""


@dataclass(frozen=True)
class Checked:
    """What is known of the chosen volumes' content.

    findings: of a check that has ended. running: one is under way or soon to come. failed: why there could be none.
    needs: what the volumes need before they can be segmented.
    """

    findings: Sequence[Finding] = ()
    running: bool = False
    failed: str = ""
    needs: Needs = field(default_factory=Needs)

    @property
    def has_errors(self) -> bool:
        """Whether a finding forbids to segment, unless forced."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


class VolumeCheck:
    """Knows what the worker found in the chosen volumes; changed is called when that is something new."""

    def __init__(self, segmenting: Segmenting, changed: Callable[[], None]) -> None:
        self.checked = Checked()
        self._segmenting, self._changed = segmenting, changed
        self._stamps: tuple[object, ...] = ()
        self._volumes: tuple[object, ...] = ()
        self._nodes: Nodes = {}
        self._optional: Sequence[Modality] = ()
        self._preparation, self._brain = Preparation.AUTO, None
        self._asked = False
        self._settled = qt.QTimer()
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLED_MS)
        self._settled.connect("timeout()", self._ask)
        segmenting.cancelled.connect(self._on_cancelled)

    def follow(
        self, nodes: Nodes, usable: bool, optional: Sequence[Modality], preparation: Preparation, brain: Any
    ) -> bool:
        """Take over what is chosen; return whether other volumes were chosen before.

        usable: whether they may be checked. optional: modalities that may be absent. preparation, brain: how they will
        be prepared, and the node of their brain mask or None.
        """
        self._nodes, self._optional, self._preparation, self._brain = dict(nodes), optional, preparation, brain
        volumes = tuple((m, stamp(node)) for m, node in nodes.items() if node is not None) if usable else ()
        stamps = (*volumes, preparation, mask_stamp(brain)) if volumes else ()
        others = volumes != self._volumes and bool(self._volumes)
        self._volumes = volumes
        if stamps != self._stamps:
            self._stamps, self._asked = stamps, False
            self.checked = Checked(running=bool(stamps))
        if self.checked.running and not self._asked and not self._settled.active:
            self._settled.start()
        return others

    def note(self, findings: Sequence[Finding]) -> None:
        """Take over what a segmentation's own check found."""
        self.checked = Checked(findings, needs=self.checked.needs)

    def close(self) -> None:
        """Begin no check any more."""
        self._settled.stop()
        self._segmenting.cancelled.disconnect(self._on_cancelled)
        self._stamps = ()

    def _on_cancelled(self) -> None:
        """A check that was among the jobs is made again, once something is shown anew."""
        self._asked = False

    def _ask(self) -> None:
        stamps = self._stamps
        if not stamps or not self.checked.running or self._asked or self._segmenting.busy:
            return
        self._asked = True

        def take(checked: Checked) -> None:
            if stamps == self._stamps:
                self.checked, self._asked = checked, False
                self._changed()

        self._segmenting.check(
            self._nodes,
            self._optional,
            lambda told: take(Checked(told.findings, needs=told.needs)),
            lambda error: take(Checked(failed=str(error))),
            Choices(preparation=self._preparation, brain=self._brain),
        )
