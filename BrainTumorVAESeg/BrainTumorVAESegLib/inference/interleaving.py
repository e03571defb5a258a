"""Sides of a comparison, each in a process of its own, that take turns, so that a machine's drift meets all.

A side answers every line on its standard input with one run's figures, as a line of JSON.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..core.errors import DeviceError

Run = Callable[[], dict[str, float]]
"""One run of a side: its figures by name, `total` (seconds) among them."""


def take_turns(
    module: str, arguments: Mapping[str, Sequence[str]], repeats: int, report: Callable[[str], None]
) -> dict[str, list[dict[str, float]]]:
    """Start `python -m module ARGUMENTS` for each side; return the figures of its runs after one to warm up.

    Raises DeviceError where a side ends early (of too little memory, say).
    """
    processes = {side: _start(module, rest) for side, rest in arguments.items()}
    runs: dict[str, list[dict[str, float]]] = {side: [] for side in arguments}
    try:
        for turn in range(repeats + 1):
            for side, process in processes.items():
                figures = _ask(process, side)
                report(f"{'warm-up' if turn == 0 else f'run {turn}'}, {side}: {figures['total']:.2f} s")
                if turn:
                    runs[side].append(figures)
    finally:
        for process in processes.values():
            process.kill()
            process.wait()
    return runs


def serve(make: Callable[[], Run], device: str, modules: Sequence[str]) -> None:
    """Be one side: load the modules, make the side, then run it for every line of standard input.

    `peak` is in MiB over what the loaded modules take.
    """
    for module in modules:
        importlib.import_module(module)
    before = peak_mib(device)
    run = make()
    for _ in sys.stdin:
        with contextlib.redirect_stdout(sys.stderr):  # what libraries print is no answer
            figures = run()
        print(json.dumps({**figures, "peak": peak_mib(device) - before}), flush=True)


def _start(module: str, arguments: Sequence[str]) -> subprocess.Popen[str]:
    library = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=library)


def _ask(process: subprocess.Popen[str], side: str) -> dict[str, float]:
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write("run\n")
        process.stdin.flush()
        line = process.stdout.readline()
    except BrokenPipeError:
        line = ""
    if not line:
        raise DeviceError(f"The {side} side of the benchmark ended early; it may have had too little memory.")
    return json.loads(line)


def peak_mib(device: str) -> float:
    """Return the most memory this process has held: on a GPU by torch's count, else by the system's.

    What `getrusage` tells begins, on Linux, with the peak of the process that started this one.
    """
    if device != "cpu":
        import torch

        return torch.cuda.max_memory_allocated() / 2**20
    with contextlib.suppress(OSError):
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 2**10
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
