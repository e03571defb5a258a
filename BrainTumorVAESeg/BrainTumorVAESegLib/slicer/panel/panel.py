"""The panel: its parts joined, and when each is shown anew."""

from __future__ import annotations

from functools import partial
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ...core.answers import Probed
from ...core.errors import BrainTumorVAESegError, CheckError, WorkerError
from ...core.findings import Severity
from ...core.modalities import MODALITIES, Modality
from ...models.package import ModelPackage
from ..client.stages import stage_text
from ..nodes.brainmask import mask_of
from ..nodes.output import table_of
from ..nodes.volumes import Nodes
from ..outcome import Outcome
from ..segmenting import Segmenting
from ..setup.requirements import Requirements
from .batch import BatchPart
from .checking import VolumeCheck
from .chosen import other_choices, present_nodes, state_of
from .device import DevicePart
from .display import LooksPart
from .engine import EnginePart
from .exporting import ExportPart
from .inputs import InputsPart, problems
from .inspect import InspectPart
from .lesions import LesionsPart
from .models import ModelPart
from .navigation import go_to_tumor, show_result
from .notice import NoticePart
from .preparation import PreparationPart
from .results import ResultsPart
from .running import RunningPart
from .sample import SamplePart
from .slots import Slots
from .verdict import VerdictPart


class Panel(VTKObservationMixin):
    """What a person sees and does; the scene's parameter node holds all that is chosen.

    ui: the widgets of BrainTumorVAESeg.ui by name. models: the part that installs and removes packages.
    """

    def __init__(self, ui: Any, segmenting: Segmenting, requirements: Requirements | None = None) -> None:
        VTKObservationMixin.__init__(self)
        self._ui, self._segmenting = ui, segmenting
        self._parameters: Any = None
        self._entered = False
        self._inputs = InputsPart(ui)
        self.models = ModelPart(ui, self._on_model_chosen)
        self._running = RunningPart(ui)
        self._verdict, self._results = VerdictPart(ui), ResultsPart(ui)
        self._lesions = LesionsPart(ui, segmenting, self._say_error, self.refresh)
        self._export = ExportPart(ui, segmenting)
        self._preparation = PreparationPart(ui, segmenting.stop, self.refresh)
        self._slots = Slots(self._preparation.leave_other_head)
        self._looks = LooksPart(segmenting, self._on_failed)
        self._inspect = InspectPart(ui, segmenting, self.refresh)
        self._check = VolumeCheck(segmenting, self.refresh)
        self._device = DevicePart(ui, segmenting, self._on_probed, self._on_probe_failed)
        self._engine = EnginePart(ui, segmenting.stop, self._on_installed)
        self._sample = SamplePart(ui, self._on_sample_loaded, self._say_error)
        self._notice = NoticePart(ui, requirements or Requirements(), segmenting.stop, self._on_installed)
        self.batch = BatchPart(ui, segmenting, lambda: other_choices(self._parameters), self._general_reasons)
        self._stale = qt.QTimer()
        self._stale.setSingleShot(True)
        self._stale.setInterval(0)
        self._stale.connect("timeout()", self.refresh)
        self._connect()

    def _connect(self) -> None:
        self._ui.assignButton.connect("clicked()", self.assign)
        self._ui.goToTumorButton.connect("clicked()", self.go_to_tumor)
        self._ui.logButton.connect("clicked()", self.show_log)
        self._segmenting.progressed.connect(self._on_progressed)
        self._segmenting.changed.connect(self.refresh)
        scene = slicer.mrmlScene
        for event in (scene.NodeAddedEvent, scene.NodeRemovedEvent):
            self.addObserver(scene, event, self._refresh_soon)

    # --- the life of the panel ----------------------------------------------------------------------------------------
    def bind(self, parameters: Any) -> None:
        """Show a parameter node's choices, or nothing where it is None."""
        self._parameters = parameters
        self._slots.bind(parameters)
        if parameters is None:
            self._inspect.leave()
        else:
            self._looks.forget()
            self.models.refresh(parameters.model)
            self.refresh()

    def enter(self) -> None:
        """Warm the worker up, so that a click finds it ready; nothing is installed and nothing opens."""
        self._entered = True
        self._notice.refresh()
        self.refresh()
        self._ask_device()

    def exit(self) -> None:
        """Start nothing any more; what runs goes on."""
        self._entered = False

    def close(self) -> None:
        """Let go of everything; the panel is not used any more."""
        self._check.close()
        self._inspect.close()
        self._lesions.close()
        self._export.close()
        self.batch.close()
        self._stale.stop()
        self._sample.stop()
        self._slots.close()
        self._parameters = None
        self._segmenting.progressed.disconnect(self._on_progressed)
        self._segmenting.changed.disconnect(self.refresh)
        self.removeObservers()

    # --- what a person does -------------------------------------------------------------------------------------------
    def assign(self) -> None:
        """Choose the volumes by their names and series descriptions; what is ambiguous stays open."""
        if self._parameters is not None and not self._segmenting.busy:
            self._slots.propose()
            self.refresh()

    def apply(self) -> None:
        """Segment, or cancel where it runs."""
        if self._segmenting.busy:
            self.stop(_("Cancelled; the scene is as it was."), state_of(self._parameters))
        elif self._parameters is None or self.reasons():
            self.refresh()
        else:
            self._running.show_running()
            target = self._parameters.segmentation
            finished = partial(self._on_finished, self._parameters)
            self._segmenting.start(self.nodes, target, other_choices(self._parameters), finished, self._on_failed)

    def stop(self, sentence: str, of: object = None) -> None:
        """Stop what runs and say why; of: the state that this is said of, None where it holds whatever comes."""
        self._sample.stop()
        if self._segmenting.busy:
            self._segmenting.cancel()
            self._running.say(sentence, of=of)

    def go_to_tumor(self) -> None:
        """Move the slice views to the tumor of the chosen segmentation."""
        try:
            go_to_tumor(self._parameters.segmentation, present_nodes(self._parameters).values())
        except BrainTumorVAESegError as error:
            self._say_error(str(error))

    def show_log(self) -> None:
        """Open what the worker wrote in the system's own viewer."""
        path = self._segmenting.client.log_path
        if path is not None:
            qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(path)))

    # --- what is chosen -----------------------------------------------------------------------------------------------
    @property
    def nodes(self) -> dict[Modality, Any]:
        """The chosen volume nodes by modality, None where none is chosen."""
        return self._slots.nodes

    def reasons(self) -> list[str]:
        """Return all that is in the way of segmenting, in plain sentences."""
        found = self._general_reasons()
        found += problems(self.nodes, self._optional()).values()
        preparing = self._preparation.problem(self._parameters, self.nodes, self._check.checked.needs)
        found += [preparing] if preparing else []
        if self._check.checked.has_errors and not self._parameters.force:
            found.append(_("The volumes have errors, which stand under Inputs: mend them, or choose to go on."))
        return found

    def _general_reasons(self) -> list[str]:
        """Return what is in the way of segmenting whatever volumes."""
        if self._parameters is None:
            return [_("The panel is not open.")]
        found = [] if self._notice.usable else [self._notice.sentence]
        problems = (self.models.problem(), self._device.problem(), self._engine.problem(self._parameters))
        return found + [problem for problem in problems if problem]

    @property
    def explanation(self) -> str:
        """What the button and the message say, in plain sentences."""
        return " ".join(filter(None, (*self.reasons(), self._running.message)))

    def _optional(self) -> tuple[Modality, ...]:
        package = self.models.chosen
        return package.settings.may_lack if isinstance(package, ModelPackage) else ()

    # --- showing ------------------------------------------------------------------------------------------------------
    def refresh(self, caller: Any = None, event: Any = None) -> None:
        """Show everything as it is now; quick, so that it may be called at any time."""
        parameters = self._parameters
        if parameters is None:
            return
        nodes, busy = self.nodes, self._segmenting.busy
        self._running.follow(state_of(parameters))
        found = problems(nodes, self._optional())
        if self._check.follow(nodes, not found, self._optional(), parameters.preparation, parameters.brain):
            parameters.force = False  # it was said of other volumes
        self._slots.follow_reference(busy)
        self._inputs.show(nodes, found, self._check.checked, self._slots.remarks())
        self._preparation.show(parameters, nodes, self._check.checked.needs, busy)
        for name in _FIXED_WHILE_RUNNING:
            getattr(self._ui, name).enabled = not busy
        self.models.allow_change(not busy)
        self._sample.allow(not busy)
        self._notice.allow(not busy)
        if busy:
            self._running.show_running()
        else:
            self._running.show_idle(self.reasons())
        self._engine.show(parameters, busy)
        if self._may_ask:
            self._device.follow(parameters.device)
        self._verdict.show(parameters.segmentation)
        self._results.show(table_of(parameters.segmentation), parameters.style)
        self._lesions.follow(parameters.segmentation, parameters.showDiameters)
        self._export.follow(parameters.segmentation, present_nodes(parameters))
        if not busy:
            self._preparation.apply(parameters, nodes)
        self._looks.apply(parameters)
        self._inspect.follow(parameters, present_nodes(parameters))
        self.batch.refresh()

    def _refresh_soon(self, caller: Any, event: Any) -> None:
        """Show it anew once for all the nodes that come or go in a turn of the event loop."""
        self._stale.start()

    # --- what comes back ----------------------------------------------------------------------------------------------
    @property
    def _may_ask(self) -> bool:
        return self._parameters is not None and self._entered and self._notice.usable and not self._segmenting.busy

    def _ask_device(self) -> None:
        if self._may_ask:
            self._device.ask(self._parameters.device)

    def _on_probed(self, probed: Probed) -> None:
        self._notice.note_probe(probed)
        self.refresh()

    def _on_probe_failed(self, error: Exception) -> None:
        self._running.say(str(error), Severity.ERROR, log=True)
        self.refresh()

    def _on_progressed(self, stage: str, fraction: float, remaining: float | None) -> None:
        self._running.show_progress(stage_text(stage), fraction, remaining)

    def _on_finished(self, parameters: Any, outcome: Outcome) -> None:
        """Choose the result, also where another module is open by now."""
        parameters.segmentation = outcome.segmentation
        parameters.brain = mask_of(outcome.segmentation)  # so that it is corrected and used again, not made again
        self._ui.resultsCollapsibleButton.collapsed = False
        sentence = _("Done in {seconds} s.").format(seconds=f"{outcome.seconds:.1f}")
        self._running.say(sentence, of=state_of(parameters))
        if self._entered:
            show_result(outcome.segmentation, present_nodes(parameters).values())
            self._looks.center(outcome.segmentation)
        self._ask_device()

    def _say_error(self, sentence: str) -> None:
        self._running.say(sentence, Severity.ERROR)

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, CheckError) and error.findings:
            self._check.note(error.findings)
        self._running.say(str(error), Severity.ERROR, log=isinstance(error, WorkerError))
        self.refresh()

    def _on_sample_loaded(self, nodes: Nodes) -> None:
        if self._parameters is not None:
            self._slots.choose(nodes)
            self.refresh()

    def _on_installed(self) -> None:
        self._ask_device()
        self.refresh()

    def _on_model_chosen(self, name: str) -> None:
        if self._parameters is not None:
            self._parameters.model = name


_FIXED_WHILE_RUNNING = (
    *(f"{modality.value.lower()}Selector" for modality in MODALITIES),
    *("forceCheckBox", "assignButton", "segmentationSelector", "styleComboBox", "deviceComboBox", "displayWidget"),
    *("preparationComboBox", "brainSelector", "engineComboBox"),
)
"""Widgets whose choices would come too late while a segmentation runs."""
