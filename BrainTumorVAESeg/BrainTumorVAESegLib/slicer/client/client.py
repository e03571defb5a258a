"""The worker as the panel sees it: requests with answers to come, and one process that is started when it is needed.

    client = WorkerClient()
    client.start()                                      # early, so that Apply finds a warm worker
    files = yield from hand_over(study, client.exchange)
    client.request(Segment(files, package, labels), show, complain, advance)

Every call returns at once, but for `wait` and `call`, which are for scripts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ...core.answers import Failed, Progress, Ready
from ...core.errors import BrainTumorVAESegError, Cancelled, ProtocolError, VersionError, WorkerError
from ...core.protocol import Answer, Message, Request, decode, encode
from ...core.requests import Quit, Stop, Warm
from .handover import Exchange
from .launch import Launch, slicer_launch
from .logs import new_log, note
from .process import Ending, WorkerProcess, explain
from .requests import Advanced, Answered, OpenRequest, OpenRequests, Refused
from .signals import Signal

IDLE_SECONDS = 600.0
"""Time without a request after which the worker ends and frees the GPU."""
_START_SECONDS = 60.0
_KILL_MILLISECONDS, _QUIT_MILLISECONDS = 100, 500
_LATELY_SECONDS = 5.0


class State(Enum):
    """What the worker does: nothing is there, it starts, it waits for a request, it works on one."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"


class WorkerClient:
    """Speaks with one worker process after another.

    launch: how to start it, asked at each start. folder: where the exchange folder and the logs are made, by default
    Slicer's folder for temporary files. idle: seconds. state_changed is emitted with the new State. problem: why the
    last worker did not start or ended, "" where all went well.
    """

    def __init__(
        self, launch: Callable[[], Launch] = slicer_launch, folder: Path | None = None, idle: float = IDLE_SECONDS
    ) -> None:
        self.state_changed = Signal()
        self.problem = ""
        self._launch, self._idle = launch, idle
        self._folder = Path(folder if folder is not None else slicer.app.temporaryPath)
        self._process: WorkerProcess | None = None
        self._ready: Ready | None = None
        self._exchange: Exchange | None = None
        self._log: Path | None = None
        self._open = OpenRequests()
        self._last_sent = 0.0
        self._state = State.STOPPED

    @property
    def state(self) -> State:
        """What the worker does."""
        if self._process is None:
            return State.STOPPED
        if self._ready is None:
            return State.STARTING
        return State.BUSY if self._open else State.READY

    @property
    def worker(self) -> Ready | None:
        """What the worker said of itself, None while there is none that is ready."""
        return self._ready

    @property
    def log_path(self) -> Path | None:
        """The log of the present or last run, None where there was none or it cannot be written."""
        return self._log

    @property
    def exchange(self) -> Exchange:
        """The folder for files, made where there is none; another one after `cancel` and `stop`. Raises OutputError."""
        if self._exchange is None or not self._exchange.folder.is_dir():
            self._exchange = Exchange(self._folder)
        return self._exchange

    def start(self) -> None:
        """Start a worker where none runs, and let it load what it needs; where one runs, begin its idle time anew.

        A failure to start is told to the open requests, later, and stays in `problem`.
        """
        if self._process is not None:
            self._send(Warm())
            return
        self.problem = ""
        try:
            launch, folder = self._launch(), self.exchange.folder
        except BrainTumorVAESegError as error:
            self.problem = str(error)
            failed = Failed(None, type(error).__name__, str(error), error.exit_code)
            qt.QTimer.singleShot(0, lambda: self._fail_all(failed))
            return
        self._log = new_log(self._folder / "BrainTumorVAESeg-logs")
        note(self._log, f"{time.strftime('%Y-%m-%d %H:%M:%S')} {launch.program} {' '.join(launch.arguments)}")
        process = WorkerProcess(launch, ["--folder", str(folder), "--idle", str(self._idle)], self._log)
        process.line_received.connect(self._take)
        process.ended.connect(self._end)
        self._process = process
        process.start()
        qt.QTimer.singleShot(int(_START_SECONDS * 1000), lambda: self._give_up_on(process))
        self._tell_state()

    def request(
        self,
        request: Request,
        on_answer: Answered,
        on_failed: Refused | None = None,
        on_progress: Advanced | None = None,
    ) -> int:
        """Send a request, starting a worker where none runs; return its id.

        Exactly one of on_answer (the answer) and on_failed (the error) is called, later, unless the request is
        forgotten. on_failed alone may be called at once: within `cancel` and `stop`.
        """
        added = self._open.add(request, on_answer, on_failed, on_progress)
        if self._process is None:
            self.start()
        else:
            self._send_open(added)
        self._tell_state()
        return added.request.id

    def forget(self, id: int) -> None:
        """Tell no more of a request; the worker may still work on it."""
        self._open.forget(id)
        self._tell_state()

    def interrupt(self, id: int) -> None:
        """Let the worker stop an `Explain` by itself, which keeps what it has; its answer is that it was cancelled."""
        if id not in self._open:
            return
        if self._ready is not None:
            self._send(Stop(id))
        else:
            self._open.close(replace(_cancelled(), id=id))
            self._tell_state()

    def cancel(self) -> None:
        """Stop all requests at once, remove all files, and tell of each that it was cancelled.

        A worker that works is killed, and is gone within a moment; one that waits stays warm.
        """
        if self._open and self._process is not None:
            self._kill()
        elif self._exchange is not None:
            self._exchange.clear()
        self._fail_all(_cancelled())

    def stop(self) -> None:
        """End the worker and remove all files, at the panel's end; open requests are cancelled."""
        process = self._process
        if process is not None and self._ready is not None and not self._open:
            process.ended.disconnect(self._end)
            process.write(encode(Quit()))
            process.wait_for_end(_QUIT_MILLISECONDS)
        self._kill()
        WorkerProcess.wait_for_killed(_QUIT_MILLISECONDS)
        self._drop_exchange()
        self._fail_all(_cancelled())

    def wait(self, id: int, seconds: float | None = None) -> bool:
        """Wait until a request is over, while Slicer stays alive; return False where the seconds are over first.

        Not to be called from a callback of this client.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while id in self._open:
            if end is not None and time.monotonic() > end:
                return False
            slicer.app.processEvents()
            if self._process is None:
                time.sleep(0.005)
            else:
                self._process.wait_for_lines(20)
        return True

    def call(self, request: Request, on_progress: Advanced | None = None, seconds: float | None = None) -> Answer:
        """Send a request and wait for its answer. Raises the error it ends with, WorkerError after the seconds."""
        ends: list[Any] = []
        id = self.request(request, ends.append, ends.append, on_progress)
        if not self.wait(id, seconds):
            self.cancel()
            raise WorkerError(_("The worker gave no answer within {n} seconds; try again.").format(n=seconds))
        if not ends or isinstance(ends[0], Exception):
            raise ends[0] if ends else _cancelled().error()
        answer: Answer = ends[0]
        return answer

    def _send(self, message: Message) -> None:
        if self._process is not None and self._ready is not None:
            self._process.write(encode(message))
            self._last_sent = time.monotonic()

    def _send_open(self, one: OpenRequest) -> None:
        if self._ready is not None:
            one.sent += 1
            self._send(one.request)

    def _take(self, line: bytes) -> None:
        """Take a line of the worker; what is no message goes to the log."""
        try:
            message = decode(line)
        except VersionError as error:
            self._kill()
            self._fail_all(self._failure(str(error)))
            return
        except ProtocolError:
            note(self._log, f"no message: {line.decode('utf-8', 'backslashreplace')}")
            return
        if isinstance(message, Ready):
            self._ready = message
            for one in self._open:
                self._send_open(one)
            self._send(Warm())
        elif isinstance(message, Progress):
            self._open.advance(message)
        elif isinstance(message, Answer | Failed):
            self._open.close(message)
        self._tell_state()

    def _end(self, ending: Ending) -> None:
        """The process ended by itself."""
        ready, self._ready, self._process = self._ready, None, None
        idle = ready is not None and ending.clean
        if idle and any(one.sent < 2 for one in self._open):
            self.start()  # a request came at the very moment in which the worker ended, idle for too long
        elif idle and not self._open:
            if time.monotonic() - self._last_sent > _LATELY_SECONDS:
                self._drop_exchange()
        else:
            self._fail_all(self._failure(explain(ending, ready is not None, self._log)))
        self._tell_state()

    def _give_up_on(self, process: WorkerProcess) -> None:
        """Give up on a process that did not say that it is ready."""
        if process is self._process and self._ready is None:
            self._kill()
            self._fail_all(self._failure(_("The worker did not answer in time; try again.")))

    def _failure(self, text: str) -> Failed:
        """A failure of the worker itself; where its log is stands in Slicer's, and the panel offers to show it."""
        self.problem = text
        logging.error("BrainTumorVAESeg: %s Its log: %s", text, self._log)
        return Failed(None, WorkerError.__name__, self.problem, WorkerError.exit_code)

    def _fail_all(self, failed: Failed) -> None:
        self._open.fail_all(failed)
        self._tell_state()

    def _kill(self) -> None:
        """Kill the process and remove its folder, at once, and again when it is dead where that takes longer."""
        process, ready, exchange = self._process, self._ready, self._exchange
        self._process = self._ready = None
        if process is None:
            return
        process.line_received.disconnect(self._take)
        process.ended.disconnect(self._end)
        process.kill(ready.pid if ready is not None else None)
        over = process.wait_for_end(_KILL_MILLISECONDS)
        self._drop_exchange()
        if exchange is not None and not over:
            process.ended.connect(lambda ending: exchange.remove())

    def _drop_exchange(self) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.remove()

    def _tell_state(self) -> None:
        if self.state is not self._state:
            self._state = self.state
            self.state_changed(self._state)


def _cancelled() -> Failed:
    return Failed(None, Cancelled.__name__, _("Cancelled; nothing was written."), Cancelled.exit_code)
