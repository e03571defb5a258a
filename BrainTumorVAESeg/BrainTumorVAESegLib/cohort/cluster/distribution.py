"""Tasks on Dask's workers: so many in flight that none waits for work, each result given as it comes.

A task that is lost with its worker is done again by Dask. Dask gives a task up after some deaths of workers at which it
waited or ran; since waiting is no fault, it is then handed in anew, and the task itself knows how often a process died
over it (see `attempts`).
"""

from __future__ import annotations

import queue
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from ...core.disk.guarded import reason_of
from ...core.errors import ClusterError
from ..outcome import Outcome, State
from ..task import CaseTask, run_case, set_aside

if TYPE_CHECKING:
    from distributed import Client, Future

_SPARE = 2
"""Tasks in flight for each thread of the workers, and a few more."""
_LOOK_S = 1.0
_MOST_KILLED = 3
"""So often Dask may give a case up before anything of ours began; then it is set aside."""

T = TypeVar("T", bound=CaseTask)


@dataclass
class Distribution:
    """Hands tasks to a client's workers.

    work: what is done with a task, in the worker's process. on_look: called about every second with the names of the
    cases that each worker has, by its address. on_misfit: told of a worker that has another version.
    """

    client: Client
    work: Callable[[Any], Outcome] = run_case
    on_look: Callable[[dict[str, list[str]]], None] = lambda _: None
    on_misfit: Callable[[str], None] = lambda _: None
    _ended: queue.SimpleQueue[Future] = field(default_factory=queue.SimpleQueue)
    _flying: dict[Future, CaseTask] = field(default_factory=dict)
    _misfits: set[str] = field(default_factory=set)
    _threads: dict[str, int] = field(default_factory=dict)
    _looked: float = -_LOOK_S
    _killed: dict[str, int] = field(default_factory=dict)

    def run(self, tasks: Iterable[CaseTask]) -> Iterator[Outcome]:
        """Give the outcome of every task, in the order in which they end. Raises ClusterError."""
        waiting = iter(tasks)
        again: deque[CaseTask] = deque()
        try:
            while True:
                self._hand_out(waiting, again)
                if not self._flying:
                    return
                future = self._next()
                if time.monotonic() - self._looked > _LOOK_S:
                    self._look()
                if future is None:
                    continue
                task = self._flying.pop(future)
                with self._reached():
                    outcome = self._outcome(future, task)
                future.release()
                if outcome is None:
                    again.append(task)
                else:
                    yield outcome
        finally:
            self._cancel()

    def _hand_out(self, waiting: Iterator[CaseTask], again: deque[CaseTask]) -> None:
        room = self._room()
        while len(self._flying) < room:
            task = again.popleft() if again else next(waiting, None)
            if task is None:
                return
            key = f"{task.case.name}-{uuid.uuid4().hex[:12]}"
            with self._reached():
                future = self.client.submit(self.work, task, key=key, pure=False, workers=self._fitting())
            self._flying[future] = task
            future.add_done_callback(self._ended.put)

    def _room(self) -> int:
        if not self._threads:
            self._look()
        return _SPARE * sum(self._threads.values()) + _SPARE

    def _fitting(self) -> list[str] | None:
        """Return the workers that may have a task; None for all."""
        return [address for address in self._threads if address not in self._misfits] if self._misfits else None

    def _next(self) -> Future | None:
        """Return the next future that ended, or None after a while without one."""
        try:
            future = self._ended.get(timeout=_LOOK_S)
        except queue.Empty:
            return None
        return future if future in self._flying else None

    def _look(self) -> None:
        """Ask the scheduler for its workers and what they do; not for every case, since each answer takes a while."""
        with self._reached():
            self._threads = dict(self.client.nthreads())
            processing = self.client.processing()
        self._looked = time.monotonic()
        names = {future.key: task.case.name for future, task in self._flying.items()}
        self.on_look({address: [names[key] for key in keys if key in names] for address, keys in processing.items()})

    def _outcome(self, future: Future, task: CaseTask) -> Outcome | None:
        """Return what became of a task, or None where it is to be handed in again. Raises ClusterError."""
        from distributed import KilledWorker

        if future.status == "finished":
            outcome: Outcome = future.result()
            if outcome.state is not State.MISFIT:
                return outcome
            self._refuse(outcome)
            return None
        if future.status == "lost":
            return None
        if future.status != "error":
            raise self._lost(None)
        error = future.exception()
        if isinstance(error, KilledWorker):
            self._killed[task.case.name] = self._killed.get(task.case.name, 0) + 1
            return None if self._killed[task.case.name] < _MOST_KILLED else set_aside(task.case)
        message = f"{task.case.place}: a worker could not take the case ({type(error).__name__}: {reason_of(error)})."
        return Outcome(task.case.name, State.FAILED, message, ClusterError.exit_code)

    def _refuse(self, outcome: Outcome) -> None:
        """Give a worker that does not fit no more cases. Raises ClusterError where none seems to fit."""
        self._misfits.add(outcome.worker)
        self._look()
        if not set(self._threads) - self._misfits:
            raise ClusterError(outcome.message)
        self.on_misfit(outcome.message)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Tell what Dask raises where its scheduler is gone. Raises ClusterError."""
        try:
            yield
        except ClusterError:
            raise
        except Exception as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception | None) -> ClusterError:
        said = f" ({reason_of(error)})" if error else ""
        return ClusterError(
            f"The scheduler was lost{said}. What is finished is kept; the same command goes on when there is one again."
        )

    def _cancel(self) -> None:
        """Take back what was handed out, for a run that ends early."""
        if self._flying:
            futures = list(self._flying)
            self._flying.clear()
            try:
                self.client.cancel(futures, force=True)
            except Exception:  # the scheduler may be gone, and then nothing is left to take back
                return
