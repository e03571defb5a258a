"""The worker's loop: when it ends, and what it survives."""

from __future__ import annotations

import os

import pytest
from BrainTumorVAESegLib.core.answers import Checked, Failed
from BrainTumorVAESegLib.core.protocol import Message, encode
from BrainTumorVAESegLib.core.requests import Check, Explain, Quit, Release
from BrainTumorVAESegLib.worker import serving
from BrainTumorVAESegLib.worker.serving import serve

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
    assert worker.wait_for_its_end() == 0 and tmp_path.exists()


def test_it_ends_when_idle_and_leaves_the_folder(start_worker, tmp_path):
    worker = start_worker("--idle", "0.3", "--folder", str(tmp_path))
    assert worker.wait_for_its_end() == 0 and tmp_path.exists()


class Script:
    """A channel that gives lines of a list, then none within the time; notes how long it was to wait for each."""

    def __init__(self, *lines: bytes) -> None:
        self._lines, self.waits, self.sent = list(lines), [], []

    def receive(self, seconds: float | None = None) -> bytes | None:
        self.waits.append(seconds)
        return self._lines.pop(0) if self._lines else None

    def is_stopped(self, id: int) -> bool:
        return False

    def send(self, message: Message) -> None:
        self.sent.append(message)


def test_every_message_begins_the_idle_time_anew_when_it_is_done(files):
    script = Script(encode(Release(id=1)), b"no message\n", encode(Check(files, id=2)))
    assert serve(script, idle=7.0) == 0
    assert script.waits == [7.0] * 4, "the whole time, from when the work before it is done"
    assert isinstance(script.sent[-1], Checked)


def test_without_an_idle_time_it_waits_for_ever():
    script = Script(encode(Quit()))
    assert serve(script, idle=0) == 0 and script.waits == [None]


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
    assert worker.wait_for_its_end() == 1


def test_the_traceback_is_on_standard_error(start_worker, files, tmp_path):
    with (tmp_path / "log").open("wb") as log:
        worker = start_worker(program=with_check("raise KeyError('deep down')"), stderr=log)
        worker.ask(Check(files, id=1))
    assert "Traceback" in (tmp_path / "log").read_text() and "deep down" in (tmp_path / "log").read_text()


def test_it_lets_slicer_go_first(start_worker, files):
    worker = start_worker()
    worker.ask(Check(files, id=1))
    lowest = 19  # which the tests themselves may run at
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, worker.process.pid) == min(own + 5, lowest)


def test_what_a_request_freed_is_given_back_once_it_is_answered(files, monkeypatch):
    script = Script(encode(Check(files, id=1)), b"no message\n", encode(Explain(7, "nowhere", id=2)))
    given_back: list[int] = []
    monkeypatch.setattr(serving, "give_back_memory", lambda: given_back.append(len(script.sent)))
    assert serve(script, idle=7.0) == 0
    assert [type(message) for message in script.sent[1:]] == [Checked, Failed, Failed]
    assert given_back == [2, 4], "after an answer and after a failure, not for what was no request"
