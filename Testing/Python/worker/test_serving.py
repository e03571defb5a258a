"""The worker's loop: when it ends, and what it survives."""

from __future__ import annotations

import os
import time

import pytest
from BrainTumorVAESegLib.core.protocol import Check, Checked, Quit, Warm

PATCHED = """
from BrainTumorVAESegLib.preparation import checks
quiet = checks.check
def other(*arguments):
    {change}
    return quiet(*arguments)
checks.check = other
from BrainTumorVAESegLib.worker.__main__ import main
main()
"""


def with_check(change: str) -> tuple[str, str]:
    """A worker's program in which a check does something else first."""
    return "-c", PATCHED.format(change=change)


def test_it_ends_when_told(start_worker, tmp_path):
    worker = start_worker("--folder", str(tmp_path))
    worker.say(Quit())
    assert worker.seconds_to_end() < 2
    assert worker.process.returncode == 0 and tmp_path.exists()


def test_it_ends_when_idle_and_leaves_the_folder(start_worker, tmp_path):
    worker = start_worker("--idle", "0.3", "--folder", str(tmp_path))
    assert worker.seconds_to_end() < 3
    assert worker.process.returncode == 0 and tmp_path.exists()


def test_a_message_begins_the_idle_time_anew(start_worker, files):
    worker = start_worker("--idle", "1")
    for _ in range(6):
        time.sleep(0.3)
        worker.say(Warm())
    assert isinstance(worker.ask(Check(files, id=1)), Checked)


def test_work_is_not_idleness(start_worker, files):
    worker = start_worker("--idle", "0.5", program=with_check("import time; time.sleep(1)"))
    assert isinstance(worker.ask(Check(files, id=1)), Checked)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (
            "ZeroDivisionError('what\\n  now')",
            "ZeroDivisionError",
            "went wrong (ZeroDivisionError: what now)",
        ),
        ("MemoryError()", "DeviceError", "memory was too small"),
        (
            "RuntimeError('DefaultCPUAllocator: not enough memory')",
            "DeviceError",
            "memory was too small",
        ),
        ("ModuleNotFoundError('no', name='SimpleITK.x')", "DependencyError", "SimpleITK is not installed"),
    ],
)
def test_it_goes_on_after_any_error(start_worker, files, error, kind, words):
    worker = start_worker(program=with_check(f"\n    if not getattr(checks, 'on', 0): checks.on = 1; raise {error}"))
    failed = worker.ask(Check(files, id=1))
    assert (failed.id, failed.kind) == (1, kind) and words in failed.message
    assert failed.message.endswith(".") and "\n" not in failed.message
    assert isinstance(worker.ask(Check(files, id=2)), Checked)


def test_a_gpu_left_unusable_ends_it_after_its_answer(start_worker, files):
    error = "raise RuntimeError('CUDA error: an illegal memory access was encountered')"
    worker = start_worker(program=with_check(error))
    failed = worker.ask(Check(files, id=1))
    assert failed.kind == "DeviceError" and "GPU failed" in failed.message
    worker.seconds_to_end()
    assert worker.process.returncode == 1


def test_the_traceback_is_on_standard_error(start_worker, files, tmp_path):
    with (tmp_path / "log").open("wb") as log:
        worker = start_worker(program=with_check("raise KeyError('deep down')"), stderr=log)
        worker.ask(Check(files, id=1))
    assert "Traceback" in (tmp_path / "log").read_text() and "deep down" in (tmp_path / "log").read_text()


def test_it_lets_slicer_go_first(start_worker, files):
    worker = start_worker()
    worker.ask(Check(files, id=1))
    assert os.getpriority(os.PRIO_PROCESS, worker.process.pid) > os.getpriority(os.PRIO_PROCESS, 0)
