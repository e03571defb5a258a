"""Volume nodes to a segmentation node by the worker: the one job that panel, scripts and self test share."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

import slicer
from slicer.i18n import tr as _

from ..core.answers import Checked, Explained, Probed, Progress, Segmented
from ..core.errors import Cancelled, InputError
from ..core.modalities import Modality
from ..core.requests import Check, Probe, Segment
from ..core.volume import require_modalities
from ..models.library import find_package
from .choices import DEFAULT, Choices, Style
from .client.client import WorkerClient
from .client.handover import read_labels
from .client.signals import Signal
from .client.stepping import Steps
from .handing import HandedVolumes
from .inspecting import ask_for_maps, ask_for_more
from .jobs import Jobs
from .measuring import measure_steps
from .nodes.output import describe
from .nodes.volumes import Nodes
from .outcome import Answer, Outcome, write_answer
from .restyling import restyle_steps

_HANDED, _COMPUTED = 0.04, 0.95
"""Shares of all the work that are done when the volumes are handed over, and when the labels are there."""


class Segmenting:
    """Checks and segments volume nodes by one worker process, a job at a time, never holding up Slicer's event loop.

    progressed: (stage, share of all the work 0 to 1, seconds left or None). changed: a job began or ended. cancelled:
    all jobs were stopped, checks and probes too. further_changed: answers to changed images began or ended. last: the
    last outcome. client: the worker's, for its state and its log.
    """

    def __init__(self, client: WorkerClient | None = None) -> None:
        self.progressed, self.further_changed = Signal(), Signal()
        self.last: Outcome | None = None
        self.client = client or WorkerClient()
        self._jobs = Jobs(self._send, self._stop_worker, self.client.interrupt)
        self._stop_further: Callable[[], None] | None = None
        self.further_runs = False
        self.changed, self.cancelled = self._jobs.changed, self._jobs.cancelled
        self._handed = HandedVolumes(self.client, lambda share: self._tell("hand over", _HANDED * share))
        self._began = 0.0

    # --- what can be asked for ----------------------------------------------------------------------------------------
    @property
    def busy(self) -> bool:
        """Whether a segmentation is under way or waits; checks and probes do not count."""
        return self._jobs.busy

    def probe(self, probed: Callable[[Probed], None], failed: Callable[[Exception], None], device: str) -> None:
        """Ask what there is to compute on, which also makes the worker warm."""
        self._jobs.add(self._ask(Probe(device)), (), False, probed, failed)

    def check(
        self,
        nodes: Nodes,
        optional: Collection[Modality],
        checked: Callable[[Checked], None],
        failed: Callable[[Exception], None],
        choices: Choices = DEFAULT,
    ) -> None:
        """Let the worker look at the volumes; checked is called with its answer. choices: how they will be prepared."""
        watched = tuple(node for node in nodes.values() if node is not None)
        self._jobs.add(self._check(nodes, optional, choices), watched, False, checked, failed)

    def start(
        self,
        nodes: Nodes,
        segmentation: Any,
        choices: Choices,
        finished: Callable[[Outcome], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Begin to segment; one of the callables is called when it ends, unless it is cancelled.

        segmentation: the node that is written, or None for a new one. Raises BrainTumorVAESegError where a segmentation
        runs already.
        """
        self._jobs.require_idle()
        self.stop_further()  # the worker keeps one study, so that more of the former one is of no use
        watched = tuple(node for node in (*nodes.values(), segmentation, choices.brain) if node is not None)
        steps = self._segment(nodes, segmentation, choices)
        self._jobs.add(steps, watched, True, finished or _ignore, failed or _log)

    def explain(
        self,
        outcome: Outcome,
        keys: Sequence[str],
        explained: Callable[[Explained], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Let the worker make maps (`core.inspection`) of the last result; explained is called with its answer."""
        steps = ask_for_maps(outcome.told, keys, self.client.exchange)
        self.beside(steps, outcome.segmentation, explained, failed)

    def look_further(
        self,
        outcome: Outcome,
        what: str,
        explained: Callable[[Explained], None],
        failed: Callable[[Exception], None],
        progressed: Callable[[str, float], None],
    ) -> None:
        """Let the worker answer the last result's images changed, which takes many times as long as segmenting.

        what: `MIRROR` or `CONTRIBUTIONS` of `core.inspection`. explained, failed: as above; failed is told Cancelled
        after `stop_further`. progressed: told the stage and the share that is done. Raises InputError where one runs.
        """
        if self.looks_further:
            raise InputError(_("This runs already: wait for it, or stop it."))

        def steps() -> Steps:
            self.further_runs = True
            self.further_changed()
            return (yield from ask_for_more(outcome.told, what, self.client.exchange))

        def ended(tell: Callable[[Any], None], value: Any) -> None:
            self._stop_further, self.further_runs = None, False
            self.further_changed()
            tell(value)

        self._stop_further = self._jobs.add(
            steps(), (outcome.segmentation,), False, partial(ended, explained), partial(ended, failed), progressed
        )
        self.further_changed()

    @property
    def looks_further(self) -> bool:
        """Whether images that were changed are answered, or wait for that."""
        return self._stop_further is not None

    def stop_further(self) -> None:
        """Stop that alone: the worker keeps what it has. Nothing happens where it does not run."""
        if self._stop_further is not None:
            self._stop_further()

    def measure(self, segmentation: Any, measured: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        """Measure a segmentation as it is now; measured is called with its table of lesions, which is filled then."""
        self.beside(measure_steps(segmentation, self.client.exchange), segmentation, measured, failed)

    def beside(
        self, steps: Steps, segmentation: Any, done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run steps that ask the worker something of a segmentation; done is called with what they return."""
        self._jobs.add(steps, (segmentation,), False, done, failed)

    def restyle(self, segmentation: Any, style: Style, failed: Callable[[Exception], None]) -> None:
        """Turn a result's separate segments into nested ones or back, as they are now, a person's edits kept."""
        self._jobs.require_idle()
        self._jobs.add(restyle_steps(segmentation, style), (segmentation,), True, _ignore, failed)

    def run(self, nodes: Nodes, segmentation: Any, choices: Choices) -> Outcome:
        """Segment and wait for it, Slicer's events being processed. Raises BrainTumorVAESegError."""
        ends: list[Outcome | Exception] = []
        self.start(nodes, segmentation, choices, ends.append, ends.append)
        while not ends:
            slicer.app.processEvents()
            if not ends and not self.busy:
                raise Cancelled(_("Cancelled; the scene is as it was."))
            time.sleep(0.002)
        if isinstance(ends[0], Exception):
            raise ends[0]
        return ends[0]

    def cancel(self) -> None:
        """Stop all jobs and end the worker; the scene stays as it was, and nothing is called."""
        self._jobs.cancel()

    def stop(self) -> None:
        """Stop all jobs and end the worker, so that what it uses can be replaced; the next job starts another."""
        self.cancel()
        self.client.stop()

    def close(self) -> None:
        """Stop all jobs, end the worker and let go of the scene."""
        self.stop()
        self._jobs.close()

    # --- the jobs, step by step ---------------------------------------------------------------------------------------
    def _ask(self, message: Any) -> Steps:
        return (yield message)

    def _check(self, nodes: Nodes, optional: Collection[Modality], choices: Choices) -> Steps:
        study = yield from self._handed.with_mask(nodes, choices.brain)
        try:
            return (yield Check(study, tuple(optional), preparation=choices.preparation.options))
        finally:
            self._handed.forget_mask(study)

    def _segment(self, nodes: Nodes, target: Any, choices: Choices) -> Steps:
        self._began = time.monotonic()
        self._tell("hand over", 0.0)
        package = find_package(choices.model or None, verify=False)
        optional = package.settings.may_lack
        present = {modality: node for modality, node in nodes.items() if node is not None}
        require_modalities(present, optional)
        study = yield from self._handed.with_mask(present, choices.brain)
        labels, mask = self.client.exchange.new_path("labels"), self.client.exchange.new_path("brain")
        try:
            told: Segmented = yield Segment(
                study, str(package.folder), str(labels), device=choices.device.value,
                precision=choices.engine.precision, force=choices.force,
                preparation=choices.preparation.options, brain=str(mask), engine=choices.engine.name_of_library,
            )  # fmt: skip
        finally:
            self._handed.forget_mask(study)
        grid = study.volumes[study.reference].geometry
        values = read_labels(told.labels, grid)
        brain = read_labels(told.brain, grid) if told.brain else choices.brain
        self.client.exchange.forget(told.labels, mask)
        self._tell("fill", _COMPUTED)
        yield
        answer = Answer(values, told, brain)
        node, table = yield from write_answer(target, answer, present, study.reference, choices)
        self.last = Outcome(node, table, told, time.monotonic() - self._began)
        logging.info("BrainTumorVAESeg: %s", describe(told))
        return self.last

    # --- the worker ---------------------------------------------------------------------------------------------------
    def _send(
        self,
        message: Any,
        answered: Callable[[Any], None],
        failed: Callable[[Exception], None],
        progressed: Callable[[str, float], None] | None,
    ) -> int:
        def advanced(progress: Progress) -> None:
            if progressed is not None:
                progressed(progress.stage, progress.fraction)
            else:
                self._on_progress(progress)

        return self.client.request(message, answered, failed, advanced)

    def _stop_worker(self) -> None:
        self._stop_further, self.further_runs = None, False
        self._handed.drop()
        self.client.cancel()

    def _on_progress(self, progress: Progress) -> None:
        self._tell(progress.stage, _HANDED + (_COMPUTED - _HANDED) * progress.fraction)

    def _tell(self, stage: str, fraction: float) -> None:
        """Tell how far the segmentation is; checks and probes go on in silence."""
        if self._jobs.own_runs:
            elapsed = time.monotonic() - self._began
            left = elapsed * (1 - fraction) / fraction if fraction > 0.1 and elapsed > 1 else None
            self.progressed(stage, fraction, left)


def _ignore(value: Any) -> None:
    """Do nothing with an outcome that nobody asked for; it is in `last`."""


def _log(error: Exception) -> None:
    logging.error("BrainTumorVAESeg: %s", error)
