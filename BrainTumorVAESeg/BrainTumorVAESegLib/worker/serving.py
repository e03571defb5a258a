"""The worker's loop: a request, its answer, the next; it goes on after every error that leaves it able to."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from contextlib import suppress

from .. import __version__
from ..core.answers import Failed, Ready
from ..core.errors import ProtocolError
from ..core.memory import give_back_memory
from ..core.protocol import Request, decode
from ..core.requests import Quit, Warm
from .answering import Answerer, free_gpu
from .channel import Channel
from .failures import failure, is_broken_gpu


def serve(channel: Channel, idle: float) -> int:
    """Serve until told to end, or idle for so many seconds (0: never); return the exit code.

    channel: keeps each `Stop` for itself.
    """
    answerer = Answerer(channel.send, channel.is_stopped)
    channel.send(Ready(__version__, os.getpid(), platform.python_version()))
    while True:
        line = channel.receive(idle or None)
        if line is None:
            return 0
        try:
            message = decode(line)
        except ProtocolError as error:
            channel.send(Failed(error.id, ProtocolError.__name__, str(error)))
            continue
        except Exception as error:  # a reader's own fault must not end the worker
            channel.send(failure(None, error))
            continue
        if isinstance(message, Quit):
            return 0
        if isinstance(message, Warm):
            answerer.warm()
        elif not isinstance(message, Request):
            text = f"A {type(message).__name__} is no request; it was passed over."
            channel.send(Failed(message.id if isinstance(message, Failed) else None, ProtocolError.__name__, text))
        elif not _answer(channel, answerer, message):
            return 1
        else:
            give_back_memory()  # not held while the panel's person reads


def _answer(channel: Channel, answerer: Answerer, request: Request) -> bool:
    """Answer a request; return whether the worker can go on."""
    try:
        channel.send(answerer.answer(request))
        return True
    except Exception as error:
        _log(request, error)
        failed, usable = failure(request.id, error), not is_broken_gpu(error)
    # The error is gone by now, and with it the arrays that its traceback held.
    channel.send(failed)
    if usable:
        free_gpu()
    return usable


def _log(request: Request, error: Exception) -> None:
    """Note an error in full; a log that cannot be written, on a full disk say, is no reason to end."""
    with suppress(OSError, ValueError):
        print(f"{type(request).__name__} {request.id} failed:", file=sys.stderr)
        traceback.print_exception(error)
