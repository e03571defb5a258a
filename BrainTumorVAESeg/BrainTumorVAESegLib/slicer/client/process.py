"""One run of the worker's process: bytes in, whole lines out, and how it ended. It knows nothing of the messages."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import qt
from slicer.i18n import tr as _

from .launch import Launch
from .logs import last_line
from .signals import Signal


@dataclass(frozen=True)
class Ending:
    """How a run ended. started: whether it ran at all. crashed: whether the system ended it. code: its exit code."""

    started: bool
    crashed: bool
    code: int

    @property
    def clean(self) -> bool:
        """Whether it ended because it was told to, or because nobody needed it."""
        return self.started and not self.crashed and self.code == 0


def explain(ending: Ending, ready: bool, log: Path | None) -> str:
    """Say in a sentence why a run ended that nobody ended. ready: whether it had said that it listens."""
    if not ending.started:
        return _("The worker cannot be started: Slicer's Python does not run; install Slicer again.")
    if not ready:
        reason = last_line(log)[:200].rstrip(".") or _("exit code {n}").format(n=ending.code)
        return _("The worker cannot start ({reason}); install the module's packages again.").format(reason=reason)
    if ending.crashed:
        return _("The worker was ended, perhaps for lack of memory; close other programs and try again.")
    return _("The worker ended unexpectedly with exit code {n}; try again.").format(n=ending.code)


class WorkerProcess:
    """A run over `qt.QProcess`.

    line_received is emitted with each whole line of standard output, ended with an Ending, once. log: the file that
    gets the standard error, or None.
    """

    _alive: ClassVar[set[WorkerProcess]] = set()
    """Runs that have not ended: dropping a running QProcess would block until it is dead."""

    def __init__(self, launch: Launch, arguments: Sequence[str], log: Path | None) -> None:
        self.line_received = Signal()
        self.ended = Signal()
        self._launch, self._arguments = launch, [*launch.arguments, *arguments]
        self._buffer = b""
        self._started = self._killed = self._over = False
        self._process = qt.QProcess()
        environment = qt.QProcessEnvironment.systemEnvironment()
        for name, value in launch.environment.items():
            environment.insert(name, value)
        self._process.setProcessEnvironment(environment)
        # To a file, not a pipe: nothing has to be read, and it survives the worker and this process.
        self._process.setStandardErrorFile(str(log or os.devnull), qt.QIODevice.Append)
        self._process.connect("readyReadStandardOutput()", self._read)
        self._process.connect("stateChanged(QProcess::ProcessState)", self._follow)

    def start(self) -> None:
        """Start the program; a failure to start is an end as well."""
        self._alive.add(self)
        self._process.start(self._launch.program, self._arguments)

    @property
    def running(self) -> bool:
        """Whether it starts or runs."""
        return not self._over

    def write(self, data: bytes) -> None:
        """Write to its standard input."""
        if not self._over:
            self._process.write(data)

    def kill(self, pid: int | None = None) -> None:
        """Kill it. pid: of the process that computes, where a launcher stands before it."""
        if self._over:
            return
        self._killed = True
        if pid is not None:
            with contextlib.suppress(OSError):  # it may have ended already
                os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        self._process.kill()

    def wait_for_end(self, milliseconds: int) -> bool:
        """Wait for the end, without the event loop; return whether it has come."""
        if not self._over:
            self._process.waitForFinished(milliseconds)
        return self._over

    @classmethod
    def wait_for_killed(cls, milliseconds: int) -> None:
        """Wait for the end of all runs that were killed, so that none is left dying where Slicer ends."""
        for run in tuple(cls._alive):
            if run._killed:
                run.wait_for_end(milliseconds)

    def wait_for_lines(self, milliseconds: int) -> None:
        """Wait for output, without the event loop; lines that come are emitted."""
        if not self._over:
            self._process.waitForReadyRead(milliseconds)

    def _read(self) -> None:
        data = self._process.readAllStandardOutput().data()
        self._buffer += data.encode("utf-8", "replace") if isinstance(data, str) else bytes(data)
        while b"\n" in self._buffer:
            line, self._buffer = self._buffer.split(b"\n", 1)
            self.line_received(line.rstrip(b"\r"))

    def _follow(self) -> None:
        state = self._process.state()
        if state == qt.QProcess.Running:
            self._started = True
        elif state == qt.QProcess.NotRunning and not self._over:
            self._over = True
            if self._started:
                self._read()
            # Not before the slot of its own signal is left: the process must outlive it.
            qt.QTimer.singleShot(0, self._let_go)
            crashed = self._process.exitStatus() == qt.QProcess.CrashExit
            self.ended(Ending(self._started, crashed, int(self._process.exitCode())))

    def _let_go(self) -> None:
        self._process.deleteLater()
        self._alive.discard(self)
