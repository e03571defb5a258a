"""The worker's standard streams: lines of requests in, lines of answers out, and nobody else in between."""

from __future__ import annotations

import os
import queue
import shutil
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from ..core.protocol import LONGEST_LINE, Message, decode, encode
from ..core.requests import Stop

_STOP = f'"{Stop.__name__}"'.encode()


class Channel:
    """Takes the standard streams for the protocol: what else is printed, also by C code, goes to standard error.

    Its thread reads requests while others are worked on, and takes note of those that are to stop; where the input
    ends, the panel is gone, and the process ends at once. folder: the panel's, removed then.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._input: BinaryIO = os.fdopen(os.dup(0), "rb")
        self._output = os.dup(1)
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopped: set[int] = set()
        threading.Thread(target=self._read, name="requests", daemon=True).start()

    def receive(self, seconds: float | None = None) -> bytes | None:
        """Return the next line, or None where none came within the seconds."""
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            return None

    def is_stopped(self, id: int) -> bool:
        """Say whether the panel wants a request to stop."""
        return id in self._stopped

    def send(self, message: Message) -> None:
        """Send a message; where nobody reads any more, the process ends."""
        rest = encode(message)
        try:
            with self._lock:
                while rest:
                    rest = rest[os.write(self._output, rest) :]
        except OSError:
            self._end()

    def _read(self) -> None:
        try:
            while line := self._input.readline(LONGEST_LINE + 2):
                if line.strip() and not self._take_stop(line):
                    self._lines.put(line)
                while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                    line = self._input.readline(LONGEST_LINE + 2)  # the rest of what is too long is not kept
        finally:
            self._end()

    def _take_stop(self, line: bytes) -> bool:
        """Take note of a line that is a `Stop`; say whether it is one. All others wait for their turn."""
        if _STOP not in line:
            return False
        try:
            message = decode(line)
        except Exception:  # whatever is wrong with it, who takes the line from the queue meets it again and tells it
            return False
        if isinstance(message, Stop):
            self._stopped.add(message.request)
        return isinstance(message, Stop)

    def _end(self) -> None:
        """End without ceremony: a computation cannot be told to stop, and nobody waits for it."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        os._exit(0)
