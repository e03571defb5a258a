"""The Inspect section: one map over the images at a time, the doubtful slices, and what a threshold would change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import qt
import slicer
from slicer.i18n import tr as _

from ...core.answers import Explained
from ...core.errors import BrainTumorVAESegError
from ...core.findings import Severity
from ...core.inspection import CONTRIBUTIONS, INFORMATION, MIRROR, PROBABILITY, UNCERTAINTY, MapFile
from ...core.modalities import Modality
from ..inspecting import drop_map, read_map
from ..nodes.output import reference_of, write_intervals
from ..nodes.overlays import OverlayViews, key_of, overlay_of, remove_overlay, write_map
from ..nodes.volumes import geometry, problem
from ..outcome import Outcome
from ..segmenting import Segmenting
from .changes import ChangesPart
from .contributions import ContributionsPart
from .doubtful import DoubtfulPart
from .further import FurtherPart, waits_text
from .legend import color_bar, range_text
from .mapchoice import MapChoicePart
from .richtext import faint, marked
from .thresholding import ThresholdPart

_AWAKE_MS = 60_000
"""How often the worker is told that it is still needed, while a person looks: it keeps what maps are made from."""


class InspectPart:
    """Shows what the chosen result was made of, while the section is open; leaving it gives the views back.

    measured: called after the table of volumes may have changed.
    """

    def __init__(self, ui: Any, segmenting: Segmenting, measured: Callable[[], None]) -> None:
        self._ui, self._segmenting, self._measured = ui, segmenting, measured
        self._parameters: Any = None
        self._nodes: Mapping[Modality, Any] = {}
        self._shown = ""
        self._of: Outcome | None = None
        self._told: Explained | None = None
        self._asked: set[str] = set()
        self._why_not: dict[str, str] = {}
        self._views = OverlayViews()
        self._choice, self._doubtful, self._changes = MapChoicePart(ui), DoubtfulPart(ui), ChangesPart(ui)
        self._threshold = ThresholdPart(ui, self._want_probability, measured, self._on_failed)
        self._contributions = ContributionsPart(ui)
        self._further = {
            what: FurtherPart(ui, widgets, segmenting, what, told, self._on_failed)
            for what, widgets, told in (
                (MIRROR, (ui.mirrorButton, ui.mirrorCostLabel), self._on_mirrored),
                (CONTRIBUTIONS, (ui.contributionsButton, ui.contributionsCostLabel), self._on_contributions),
            )
        }
        self._awake = qt.QTimer()
        self._awake.setInterval(_AWAKE_MS)
        self._awake.connect("timeout()", segmenting.client.start)
        ui.inspectCollapsibleButton.connect("contentsCollapsed(bool)", self._on_collapsed)
        segmenting.cancelled.connect(self._on_cancelled)
        segmenting.further_changed.connect(self._on_further_changed)

    # --- what the panel tells -----------------------------------------------------------------------------------------
    def follow(self, parameters: Any, nodes: Mapping[Modality, Any]) -> None:
        """Show it as it is now: the result, the map and the opacity that are chosen. nodes: the chosen volumes."""
        self._parameters, self._nodes = parameters, nodes
        outcome = self._outcome()
        if outcome is not self._of:
            self._forget()
            self._of = outcome
            for part in self._further.values():
                part.take(outcome)
        self._choice.show(parameters)
        if not self._open:
            self._leave_views()
            return
        usable = outcome is not None and not self._segmenting.busy
        self._threshold.take(outcome.segmentation if outcome is not None else None, self._reference())
        self._threshold.allow(usable)
        for part in self._further.values():
            part.allow(usable)
        if usable and self._told is None:
            self._ask(UNCERTAINTY if not parameters.overlay else parameters.overlay)
        self._show_map()
        self._say()
        if usable and not self._awake.active:
            self._awake.start()

    def leave(self) -> None:
        """Give the views back and give up what is not kept: another module is opened, or the scene is closed."""
        self._threshold.allow(False)
        self._leave_views()

    def close(self) -> None:
        """Let go of everything."""
        self.leave()
        self._threshold.take(None, None)
        for part in self._further.values():
            part.close()
        self._segmenting.cancelled.disconnect(self._on_cancelled)
        self._segmenting.further_changed.disconnect(self._on_further_changed)

    # --- what is looked at --------------------------------------------------------------------------------------------
    @property
    def _open(self) -> bool:
        return not self._ui.inspectCollapsibleButton.collapsed

    def _outcome(self) -> Outcome | None:
        """Return the last result, where it is the chosen one and all that it belongs to is there."""
        outcome, chosen = self._segmenting.last, self._parameters.segmentation
        if outcome is None or chosen is None or outcome.segmentation is not chosen or self._reference() is None:
            return None
        return outcome

    def _reference(self) -> Any:
        segmentation = self._parameters.segmentation if self._parameters is not None else None
        reference = reference_of(segmentation) if segmentation is not None else None
        return reference if reference is not None and problem(reference) is None else None

    def _forget(self) -> None:
        """Another result, or none: what was shown of the former one is not true of it."""
        before, self._shown = self._of, ""
        self._of, self._told = None, None
        self._asked.clear()
        self._why_not.clear()
        self._doubtful.take(())
        self._changes.show(())
        self._contributions.show(())
        self._threshold.take(None, None)
        if before is not None:
            self._leave_views()
            if before.segmentation.GetScene() is not None:
                remove_overlay(before.segmentation)

    def _leave_views(self) -> None:
        self._views.restore()
        self._awake.stop()

    # --- asking the worker --------------------------------------------------------------------------------------------
    def _ask(self, key: str, then: Callable[[MapFile], None] | None = None) -> None:
        """Ask for a map, unless that was asked already; then: what to do with it, by default to show it."""
        outcome = self._of
        if outcome is None or key in self._asked or key in self._why_not or self._segmenting.busy:
            return
        self._asked.add(key)
        try:
            self._segmenting.explain(
                outcome,
                [key],
                lambda told: self._on_explained(outcome, key, told, then or self._take_map),
                lambda error: self._on_explain_failed(outcome, key, error),
            )
        except BrainTumorVAESegError as error:
            self._on_explain_failed(outcome, key, error)

    def _on_explained(self, outcome: Outcome, key: str, told: Explained, then: Callable[[MapFile], None]) -> None:
        if outcome is not self._of or self._parameters is None:
            for made in told.maps:
                drop_map(made)
            return
        self._asked.discard(key)
        if self._told is None:
            self._doubtful.take(told.doubtful)
            self._changes.show(told.changes)
        self._told = told
        self._state_costs(told)
        self._why_not.update(told.unavailable)
        for made in told.maps:
            try:
                then(made)
            except BrainTumorVAESegError as error:
                self._on_failed(error)
        self._say()

    def _on_explain_failed(self, outcome: Outcome, key: str, error: Exception) -> None:
        if outcome is self._of:
            self._asked.discard(key)
            self._why_not[key] = str(error)
            self._say()

    def _on_mirrored(self, told: Explained) -> None:
        """Show the map that was waited for, and what it does to the intervals."""
        assert self._of is not None
        self._why_not.pop(INFORMATION, None)
        if told.intervals_ml:
            write_intervals(self._of.segmentation, told.intervals_ml)
        self._asked.add(INFORMATION)  # it is here: choosing it asks for nothing
        self._parameters.overlay = INFORMATION
        self._on_explained(self._of, INFORMATION, told, self._take_map)
        self._measured()

    def _on_contributions(self, told: Explained) -> None:
        self._contributions.show(told.contributions)
        self._state_costs(told)

    def _state_costs(self, told: Explained) -> None:
        """Say what further questions take now: nothing where their answers are kept."""
        for what, part in self._further.items():
            part.state(told.costs.get(what))

    def _take_map(self, made: MapFile) -> None:
        """Put a map into the scene, where it is still the chosen one, and show it."""
        segmentation, reference = self._parameters.segmentation, self._reference()
        if made.key != self._parameters.overlay or segmentation is None or reference is None:
            drop_map(made)
            return
        write_map(segmentation, made, read_map(made, geometry(reference)), reference)
        if self._open:
            self._show_map()

    def _want_probability(self, region: str, then: Callable[[np.ndarray], None]) -> None:
        """Get a region's probability for the threshold; a map of it that is shown has it already."""
        key, reference = f"{PROBABILITY}-{region}", self._reference()
        overlay = overlay_of(self._parameters.segmentation)
        if key in self._why_not:
            self._say(self._why_not[key])
        elif key_of(overlay) == key:
            then(slicer.util.arrayFromVolume(overlay))
        elif reference is not None:
            self._ask(key, lambda made: then(read_map(made, geometry(reference))))
            self._say()

    def _on_cancelled(self) -> None:
        """What was asked for was stopped with all else; it is asked for again when it is wanted again."""
        self._asked.clear()

    def _on_further_changed(self) -> None:
        """What waited behind such a question does so no longer, or does from now on."""
        self._say()

    def _on_failed(self, error: Exception) -> None:
        self._say(str(error))

    # --- showing ------------------------------------------------------------------------------------------------------
    def _show_map(self) -> None:
        """Show the chosen map over the views, which is made where it is not there."""
        overlay = overlay_of(self._parameters.segmentation)
        if overlay is None and self._shown and self._shown == self._parameters.overlay:
            self._parameters.overlay = ""  # somebody took it out of the scene
        key, here = self._parameters.overlay, key_of(overlay)
        if key and here == key:
            wanted = self._parameters.behind or key.partition("-")[2]  # a sequence's own map lies over that sequence
            behind = {modality.value: node for modality, node in self._nodes.items()}.get(wanted)
            self._views.show(self._parameters.segmentation, self._parameters.overlayOpacity, behind)
        else:
            self._views.restore()
            if key:
                self._ask(key)
        self._shown = here if here == key else ""
        self._show_legend(key, overlay if self._shown else None)

    def _show_legend(self, key: str, overlay: Any) -> None:
        display = overlay.GetDisplayNode() if overlay is not None else None
        self._ui.legendBarLabel.visible = self._ui.legendLabel.visible = display is not None
        if display is not None:
            self._ui.legendBarLabel.setPixmap(color_bar(key))
            low, high = display.GetWindowLevelMin(), display.GetWindowLevelMax()
            self._ui.legendLabel.text = range_text(key, low, high)

    def _say(self, error: str = "") -> None:
        """Say what is in the way of the chosen map, or that it is being made."""
        if self._parameters is None:
            return
        key, label = self._parameters.overlay, self._ui.inspectLabel
        if key == INFORMATION and key in self._why_not and not error:
            label.text = faint(_("This map needs answers to mirrored images: ask for them below."))
        elif error or key in self._why_not:
            label.text = marked(Severity.WARNING, error or self._why_not[key])
        elif self._of is None and not self._shown:
            label.text = faint(_("Maps are made of the last result of this session: segment, or segment again."))
        elif self._asked:
            label.text = faint(waits_text() if self._segmenting.further_runs else _("Making the map..."))
        else:
            label.text = ""
        label.visible = bool(label.text)

    # --- what a person does -------------------------------------------------------------------------------------------
    def _on_collapsed(self, collapsed: bool) -> None:
        if self._parameters is None:
            return
        if collapsed:
            self.leave()
        else:
            self.follow(self._parameters, self._nodes)
