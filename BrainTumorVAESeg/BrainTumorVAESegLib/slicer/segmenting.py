"""Volume nodes to a segmentation node by the worker: the one job that panel, scripts and self test share."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from ..core.answers import Checked, Explained, Probed, Progress, Segmented
from ..core.errors import Cancelled, InputError
from ..core.modalities import MODALITIES, Modality
from ..core.requests import Check, Probe, Segment, StudyFiles, VolumeFile
from ..core.volume import Study, choose_reference, require_modalities
from ..models.library import find_package
from .choices import DEFAULT, Choices, Style
from .client.client import WorkerClient
from .client.handover import hand_over, pieces, read_labels
from .client.signals import Signal
from .client.stepping import Steps, Turns
from .inspecting import ask_for_contributions, ask_for_maps
from .measuring import measure_steps
from .nodes.belongings import remove_result
from .nodes.brainmask import read_mask
from .nodes.display import show_3d
from .nodes.measured import write_measures
from .nodes.output import describe, new_segmentation, write_output
from .nodes.registered import write_prepared
from .nodes.segments import fill
from .nodes.volumes import stamp, volume
from .restyling import restyle_steps

Nodes = Mapping[Modality, Any]
_HANDED, _COMPUTED = 0.04, 0.95
"""Shares of all the work that are done when the volumes are handed over, and when the labels are there."""


@dataclass(frozen=True)
class Outcome:
    """What a segmentation gave: its nodes, and what the worker told (findings, notes, volumes in ml, timings in s)."""

    segmentation: Any
    table: Any
    told: Segmented
    seconds: float


@dataclass
class _Job:
    """A job in the queue. watched: nodes without which it makes no sense. own: whether the panel is busy with it."""

    turns: Turns
    watched: tuple[Any, ...]
    own: bool
    failed: Callable[[Exception], None]


class Segmenting:
    """Checks and segments volume nodes by one worker process, a job at a time, never holding up Slicer's event loop.

    progressed: (stage, share of all the work 0 to 1, seconds left or None). changed: a job began or ended. cancelled:
    all jobs were stopped, checks and probes too. last: the last outcome. client: the worker's, for its state and its
    log.
    """

    def __init__(self, client: WorkerClient | None = None) -> None:
        self.progressed, self.changed, self.cancelled = Signal(), Signal(), Signal()
        self.last: Outcome | None = None
        self.client = client or WorkerClient()
        self._jobs: deque[_Job] = deque()
        self._handed: tuple[object, StudyFiles] | None = None
        self._began = 0.0
        self._tag = slicer.mrmlScene.AddObserver(slicer.mrmlScene.NodeRemovedEvent, self._on_node_removed)

    # --- what can be asked for ----------------------------------------------------------------------------------------
    @property
    def busy(self) -> bool:
        """Whether a segmentation is under way or waits; checks and probes do not count."""
        return any(job.own for job in self._jobs)

    def probe(self, probed: Callable[[Probed], None], failed: Callable[[Exception], None], device: str) -> None:
        """Ask what there is to compute on, which also makes the worker warm."""
        self._add(self._ask(Probe(device)), (), False, probed, failed)

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
        self._add(self._check(nodes, optional, choices), watched, False, checked, failed)

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
        self._require_idle()
        watched = tuple(node for node in (*nodes.values(), segmentation, choices.brain) if node is not None)
        steps = self._segment(nodes, segmentation, choices)
        self._add(steps, watched, True, finished or _ignore, failed or _log)

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

    def contribute(
        self, outcome: Outcome, explained: Callable[[Explained], None], failed: Callable[[Exception], None]
    ) -> None:
        """Let the worker find what each sequence contributed to the last result; explained is called as above."""
        steps = ask_for_contributions(outcome.told, self.client.exchange)
        self._add(steps, (outcome.segmentation,), False, explained, failed)

    def measure(self, segmentation: Any, measured: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        """Measure a segmentation as it is now; measured is called with its table of lesions, which is filled then."""
        self.beside(measure_steps(segmentation, self.client.exchange), segmentation, measured, failed)

    def beside(
        self, steps: Steps, segmentation: Any, done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run steps that ask the worker something of a segmentation; done is called with what they return."""
        self._add(steps, (segmentation,), False, done, failed)

    def restyle(self, segmentation: Any, style: Style, failed: Callable[[Exception], None]) -> None:
        """Turn a result's separate segments into nested ones or back, as they are now, a person's edits kept."""
        self._require_idle()
        self._add(restyle_steps(segmentation, style), (segmentation,), True, _ignore, failed)

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
        jobs, self._handed = list(self._jobs), None
        self._jobs.clear()
        for job in jobs:
            job.turns.stop()
        self.client.cancel()
        if jobs:
            self.cancelled()
            self.changed()

    def stop(self) -> None:
        """Stop all jobs and end the worker, so that what it uses can be replaced; the next job starts another."""
        self.cancel()
        self.client.stop()

    def close(self) -> None:
        """Stop all jobs, end the worker and let go of the scene."""
        self.stop()
        slicer.mrmlScene.RemoveObserver(self._tag)

    # --- the queue ----------------------------------------------------------------------------------------------------
    def _require_idle(self) -> None:
        if self.busy:
            raise InputError(_("A segmentation is running already: wait for it, or cancel it."))

    def _add(
        self,
        steps: Steps,
        watched: tuple[Any, ...],
        own: bool,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        turns = Turns(steps, self._send, lambda value: self._end(done, value), lambda error: self._end(failed, error))
        self._jobs.append(_Job(turns, watched, own, failed))
        if len(self._jobs) == 1:
            turns.start()
        if own:
            self.changed()

    def _end(self, tell: Callable[[Any], None], value: Any) -> None:
        """Take the job that ended out of the queue, begin the next one, and tell."""
        job = self._jobs.popleft()
        if self._jobs:
            self._jobs[0].turns.start()
        try:
            tell(value)
        finally:
            if job.own:
                self.changed()

    def _send(self, message: Any, answered: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        self.client.request(message, answered, failed, self._on_progress)

    def _on_node_removed(self, caller: Any, event: Any) -> None:
        """Stop the jobs that a removed node belongs to, and say which it was."""
        for job in list(self._jobs):
            gone = [node for node in job.watched if not slicer.mrmlScene.IsNodePresent(node)]
            if gone and job.own:
                self.cancel()
                sentence = _("{name} was removed from the scene, so the segmentation was stopped.")
                job.failed(InputError(sentence.format(name=gone[0].GetName())))
                return

    # --- the jobs, step by step ---------------------------------------------------------------------------------------
    def _ask(self, message: Any) -> Steps:
        return (yield message)

    def _check(self, nodes: Nodes, optional: Collection[Modality], choices: Choices) -> Steps:
        study = yield from self._hand_over_with_mask(nodes, choices.brain)
        try:
            return (yield Check(study, tuple(optional), preparation=choices.preparation.options))
        finally:
            self._forget_mask(study)

    def _segment(self, nodes: Nodes, target: Any, choices: Choices) -> Steps:
        self._began = time.monotonic()
        self._tell("hand over", 0.0)
        package = find_package(choices.model or None, verify=False)
        optional = [Modality(name) for name in package.settings.optional]
        present = {modality: node for modality, node in nodes.items() if node is not None}
        require_modalities(present, optional)
        study = yield from self._hand_over_with_mask(present, choices.brain)
        labels, mask = self.client.exchange.new_path("labels"), self.client.exchange.new_path("brain")
        try:
            told: Segmented = yield Segment(
                study, str(package.folder), str(labels), device=choices.device.value, force=choices.force,
                preparation=choices.preparation.options, brain=str(mask),
            )  # fmt: skip
        finally:
            self._forget_mask(study)
        grid = study.volumes[study.reference].geometry
        values = read_labels(told.labels, grid)
        brain = read_labels(told.brain, grid) if told.brain else choices.brain
        self.client.exchange.forget(told.labels, mask)
        self._tell("fill", _COMPUTED)
        yield
        outcome = yield from self._write(target, values, present, study.reference, told, brain, choices)
        return outcome

    def _hand_over_with_mask(self, nodes: Nodes, brain: Any) -> Steps:
        """Give the worker the volumes, and the brain mask of a node on the reference's grid where there is one."""
        study: StudyFiles = yield from self._hand_over(nodes)
        if brain is None:
            return study
        mask = read_mask(brain, nodes[study.reference]).astype(np.uint8)
        path = self.client.exchange.new_path("mask")
        for _share in pieces(mask, path):
            yield
        return replace(study, brain=VolumeFile(str(path), study.volumes[study.reference].geometry, brain.GetName()))

    def _forget_mask(self, study: StudyFiles) -> None:
        if study.brain is not None:
            self.client.exchange.forget(study.brain.file)

    def _hand_over(self, nodes: Nodes) -> Steps:
        """Give the worker the volumes, unless it has them as they are now; return their part of a message."""
        present = {m: nodes[m] for m in MODALITIES if nodes.get(m) is not None}
        reference = choose_reference(present)
        study = Study({m: volume(node) for m, node in present.items()}, reference, present[reference].GetName())
        stamps = tuple((m, stamp(node)) for m, node in present.items())
        if self._handed is not None and self._handed[0] == stamps and _are_there(self._handed[1]):
            return self._handed[1]
        if self._handed is not None:
            self.client.exchange.forget(self._handed[1])
            self._handed = None
        steps = hand_over(study, self.client.exchange)
        while True:
            try:
                share = next(steps)
            except StopIteration as end:
                self._handed = stamps, end.value
                return end.value
            self._tell("hand over", _HANDED * share)
            yield
            _require_present(present.values())

    def _write(
        self,
        target: Any,
        labels: np.ndarray,
        volumes: Nodes,
        of: Modality,
        told: Segmented,
        brain: Any,
        choices: Choices,
    ) -> Steps:
        """Write the answer into the scene, a segment a step; nothing new stays where it fails.

        of: the modality of the reference. brain: the mask that was made, the node of the one that was given, or None.
        """
        reference = volumes[of]
        node = target if target is not None else new_segmentation(reference)
        done = False
        try:
            for _step in fill(node, labels, reference, choices.style, choices.opacity):
                yield
            table = write_output(node, reference, told)
            if told.measures is not None:
                write_measures(node, reference, labels, told.measures)
            write_prepared(node, reference, volumes, told.prepared, brain)
            done = True
        finally:
            if not done and target is None:
                remove_result(node)
        yield
        if choices.show_3d:
            show_3d(node, True)
        self.last = Outcome(node, table, told, time.monotonic() - self._began)
        logging.info("BrainTumorVAESeg: %s", describe(told))
        return self.last

    # --- progress -----------------------------------------------------------------------------------------------------
    def _on_progress(self, progress: Progress) -> None:
        self._tell(progress.stage, _HANDED + (_COMPUTED - _HANDED) * progress.fraction)

    def _tell(self, stage: str, fraction: float) -> None:
        """Tell how far the segmentation is; checks and probes go on in silence."""
        if self._jobs and self._jobs[0].own:
            elapsed = time.monotonic() - self._began
            left = elapsed * (1 - fraction) / fraction if fraction > 0.1 and elapsed > 1 else None
            self.progressed(stage, fraction, left)


def _are_there(study: StudyFiles) -> bool:
    return all(Path(file.file).is_file() for file in study.volumes.values())


def _require_present(nodes: Iterable[Any]) -> None:
    for node in nodes:
        if not slicer.mrmlScene.IsNodePresent(node):
            raise InputError(_("{name} was removed from the scene.").format(name=node.GetName()))


def _ignore(value: Any) -> None:
    """Do nothing with an outcome that nobody asked for; it is in `last`."""


def _log(error: Exception) -> None:
    logging.error("BrainTumorVAESeg: %s", error)
