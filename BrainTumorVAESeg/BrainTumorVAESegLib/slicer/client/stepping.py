"""Long work in short steps: a generator that runs a step a turn of the event loop, so that Slicer never freezes.

A generator yields None where it may pause, and a message of `core.protocol` where it waits for the worker's answer,
which is what the yield gives back; a failure is raised there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import qt

Steps = Generator[Any, Any, Any]
Send = Callable[[Any, Callable[[Any], None], Callable[[Exception], None]], None]
"""Sends a message and calls the first callable with the answer or the second with the error."""


class Turns:
    """Runs one generator; ended is True once it returned, failed or was stopped.

    done: called with what the generator returned. failed: called with what it raised. Neither is called once stopped.
    """

    def __init__(
        self, steps: Steps, send: Send, done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        self._steps, self._send, self._done, self._failed = steps, send, done, failed
        self.ended = False
        self._answer: Any = None
        self._error: Exception | None = None
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.connect("timeout()", self.step)

    def start(self) -> None:
        """Take the first step in the next turn of the event loop."""
        self._timer.start()

    def stop(self) -> None:
        """Take no further step; the generator cleans up after itself."""
        if not self.ended:
            self._let_go()
            self._steps.close()

    def step(self) -> None:
        """Go on to the generator's next pause."""
        if self.ended:
            return
        answer, error = self._answer, self._error
        self._answer = self._error = None
        try:
            wanted = self._steps.send(answer) if error is None else self._steps.throw(error)
        except StopIteration as end:
            self._end(self._done, end.value)
        except Exception as caught:
            self._end(self._failed, caught)
        else:
            if wanted is None:
                self._go_on()
            else:
                self._send(wanted, self._resume, self._fail)

    def _resume(self, answer: Any) -> None:
        self._answer = answer
        self._go_on()

    def _fail(self, error: Exception) -> None:
        self._error = error
        self._go_on()

    def _go_on(self) -> None:
        if not self.ended:
            self._timer.start()

    def _end(self, tell: Callable[[Any], None], value: Any) -> None:
        if not self.ended:
            self._let_go()
            tell(value)

    def _let_go(self) -> None:
        """Let the timer go: it and this object hold each other, which Python cannot see through Qt."""
        self.ended = True
        self._timer.stop()
        self._timer.disconnect("timeout()", self.step)
        self._timer.deleteLater()
