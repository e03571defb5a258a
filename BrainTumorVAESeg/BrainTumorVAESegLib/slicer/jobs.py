"""The queue of what the worker is asked: a job at a time, each step by step, so that the event loop goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import slicer
from slicer.i18n import tr as _

from ..core.errors import Cancelled, InputError
from .client.signals import Signal
from .client.stepping import Steps, Turns

SendRequest = Callable[
    [Any, Callable[[Any], None], Callable[[Exception], None], Callable[[str, float], None] | None], int
]
"""Sends a message: whom to tell of the answer, of an error and of progress; returns the message's id."""


@dataclass
class _Job:
    """A job in the queue.

    watched: nodes without which it makes no sense. own: whether the panel is busy with it. request: the id of the
    message that the worker has of it, None before there is one.
    """

    turns: Turns
    watched: tuple[Any, ...]
    own: bool
    failed: Callable[[Exception], None]
    request: int | None = None


class Jobs:
    """Runs jobs one after another; those that are the panel's own make it busy, and end where a node of theirs goes.

    send: sends a message to the worker and returns its id. stop: ends what the worker does. interrupt: lets the worker
    end the request of an id by itself. changed: a job of the panel's own began or ended. cancelled: all were stopped.
    """

    def __init__(self, send: SendRequest, stop: Callable[[], None], interrupt: Callable[[int], None]) -> None:
        self.changed, self.cancelled = Signal(), Signal()
        self._send, self._stop, self._interrupt = send, stop, interrupt
        self._jobs: deque[_Job] = deque()
        self._tag = slicer.mrmlScene.AddObserver(slicer.mrmlScene.NodeRemovedEvent, self._on_node_removed)

    @property
    def busy(self) -> bool:
        """Whether a job of the panel's own runs or waits."""
        return any(job.own for job in self._jobs)

    @property
    def own_runs(self) -> bool:
        """Whether the job that runs is the panel's own."""
        return bool(self._jobs) and self._jobs[0].own

    def require_idle(self) -> None:
        """Raise InputError where a job of the panel's own runs or waits."""
        if self.busy:
            raise InputError(_("A segmentation is running already: wait for it, or cancel it."))

    def add(
        self,
        steps: Steps,
        watched: tuple[Any, ...],
        own: bool,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
        progressed: Callable[[str, float], None] | None = None,
    ) -> Callable[[], None]:
        """Run steps when their turn comes; one of the callables is called when they end, unless all are cancelled.

        progressed: told the stage and the share that is done. What is returned stops this job alone, which then fails
        as cancelled; what the worker keeps stays.
        """

        def send(message: Any, answered: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
            job.request = self._send(message, answered, failed, progressed)

        turns = Turns(steps, send, lambda value: self._end(done, value), lambda error: self._end(failed, error))
        job = _Job(turns, watched, own, failed)
        self._jobs.append(job)
        if len(self._jobs) == 1:
            turns.start()
        if own:
            self.changed()
        return lambda: self._drop(job)

    def cancel(self) -> None:
        """Stop all jobs and what the worker does; nothing is called."""
        jobs = list(self._jobs)
        self._jobs.clear()
        for job in jobs:
            job.turns.stop()
        self._stop()
        if jobs:
            self.cancelled()
            self.changed()

    def _drop(self, job: _Job) -> None:
        """Stop one job: the worker ends it where it works on it; one that waits goes out of the queue."""
        if job not in self._jobs:
            return
        if job is self._jobs[0] and job.request is not None:
            self._interrupt(job.request)
            return
        runs = job is self._jobs[0]
        self._jobs.remove(job)
        job.turns.stop()
        if runs and self._jobs:
            self._jobs[0].turns.start()
        job.failed(Cancelled(_("Stopped.")))

    def close(self) -> None:
        """Let go of the scene."""
        slicer.mrmlScene.RemoveObserver(self._tag)

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

    def _on_node_removed(self, caller: Any, event: Any) -> None:
        """Stop the jobs that a removed node belongs to, and say which it was."""
        for job in list(self._jobs):
            gone = [node for node in job.watched if not slicer.mrmlScene.IsNodePresent(node)]
            if gone and job.own:
                self.cancel()
                sentence = _("{name} was removed from the scene, so the segmentation was stopped.")
                job.failed(InputError(sentence.format(name=gone[0].GetName())))
                return
