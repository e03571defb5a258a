"""The command line, `braintumorvaeseg`: a file for each command, joined in `app` (typer and rich, the extra `cli`)."""

from __future__ import annotations

from typing import NoReturn

_HOLDERS = frozenset({"distributed", "lightning"})
"""What may hold processes and connections, which it lets go of in its own way."""


def main() -> None:
    """Run the command line on the process's own arguments and end the process with one of `core.errors.EXIT_CODES`."""
    import sys

    from ..core.errors import Cancelled, DependencyError
    from ..core.memory import keep_freed_memory

    _open_streams()
    _hear_signals()
    command = next((argument for argument in sys.argv[1:] if not argument.startswith("-")), "")
    limited = any(argument.startswith("--memory") for argument in sys.argv)
    if command != "train" and not limited:  # a training keeps memory where its device and recipe let it
        keep_freed_memory()
    try:
        from .app import run
    except KeyboardInterrupt:
        print("error: cancelled; nothing was begun.", file=sys.stderr)
        sys.exit(Cancelled.exit_code)
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        print(f"error: {error.name} is not installed; pip install 'braintumorvaeseg[cli]'.", file=sys.stderr)
        sys.exit(DependencyError.exit_code)
    _end(run(sys.argv[1:]))


def _open_streams() -> None:
    """Print nowhere what goes to a stream that was closed before the program began (`>&-`)."""
    import os
    import sys

    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - open until the end
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115


def _hear_signals() -> None:
    """Let the end of a batch system's time, and of the terminal, clean up as Ctrl-C does; `nohup` still holds."""
    import signal

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    hangup = getattr(signal, "SIGHUP", None)  # Windows has none
    if hangup is not None and signal.getsignal(hangup) is signal.SIG_DFL:
        signal.signal(hangup, signal.default_int_handler)


def _end(code: int) -> NoReturn:
    """End the process as `sys.exit` does, but leave memory to the system: freeing torch's takes half a second.

    Where something is still to be waited for `sys.exit` itself ends it.
    """
    import atexit
    import os
    import sys

    _flush()
    if not _is_waited_for():
        atexit._run_exitfuncs()
        _flush()
        os._exit(code)
    sys.exit(code)


def _flush() -> None:
    """Print what is still to be printed, or drop it where it cannot be: the exit code tells of it."""
    import os
    import sys

    for stream in filter(None, (sys.__stdout__, sys.__stderr__)):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _is_waited_for() -> bool:
    """Say whether a thread or a library still has something to do before the process may end."""
    import sys
    import threading

    threads = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    return any(not thread.daemon for thread in threads) or not _HOLDERS.isdisjoint(sys.modules)
