"""Starts the worker: standard library alone until a request needs more, so that it is ready at once."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Serve requests until told to end; the process ends with this."""
    parser = argparse.ArgumentParser(prog="python -m BrainTumorVAESegLib.worker", description=__doc__)
    parser.add_argument("--folder", type=Path, help="the panel's folder, removed where the panel is gone")
    parser.add_argument("--idle", type=float, default=0, help="seconds without a message until it ends; 0 is never")
    options = parser.parse_args(arguments)
    from ..core.memory import keep_freed_memory
    from .channel import Channel  # after the arguments, so that --help leaves the streams alone

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in Slicer's terminal is for Slicer, which then ends this
    channel = Channel(options.folder)
    be_polite()
    keep_freed_memory()
    from .serving import serve

    code = serve(channel, options.idle)
    sys.stderr.flush()
    os._exit(code)  # a thread still waits for input, and what torch would tidy up the system does faster


def be_polite() -> None:
    """Take a lower priority than Slicer, which must answer to hand and eye while this process computes."""
    if hasattr(os, "nice"):
        os.nice(5)
    elif sys.platform == "win32":
        import ctypes

        below_normal = 0x4000
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), below_normal)


if __name__ == "__main__":
    main()
