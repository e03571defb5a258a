"""The client: answers come later, the event loop never waits, and whatever the worker does ends in a plain sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.answers import Released
from BrainTumorVAESegLib.core.errors import BrainTumorVAESegError, Cancelled, WorkerError
from BrainTumorVAESegLib.core.protocol import PROTOCOL
from BrainTumorVAESegLib.core.requests import Release

PLAIN = (
    f"PROTOCOL = {PROTOCOL}"
    + """
import json, os, sys, time
def say(type, **fields):
    print(json.dumps({"type": type, **fields}), flush=True)
def ready(**fields):
    say("Ready", **{"version": "0", "pid": os.getpid(), "python": "3", "protocol": PROTOCOL, **fields})
def requests():
    for line in sys.stdin:
        request = json.loads(line)
        if request["type"] not in ("Warm", "Quit"):
            yield request
        elif request["type"] == "Quit":
            sys.exit(0)
"""
)
"""What a made-up worker begins with."""
OBLIGING = "ready()\nfor r in requests(): say('Released', id=r['id'])"
RELEASE = Release()
SILENT = "ready()\nfor r in requests(): time.sleep(60)"


class Heard:
    """What a request's callables were told."""

    def __init__(self) -> None:
        self.answers, self.errors, self.progress = [], [], []

    @property
    def over(self) -> bool:
        return bool(self.answers or self.errors)

    @property
    def error(self) -> BrainTumorVAESegError:
        (error,) = self.errors
        assert not self.answers
        return error


class Desk:
    """A client, how its worker is made, and what it was told."""

    def __init__(self, folder: Path, process_events: Callable[..., bool]) -> None:
        from BrainTumorVAESegLib.slicer.client.client import WorkerClient
        from BrainTumorVAESegLib.slicer.client.launch import Launch

        self._launch = Launch
        self.arguments: tuple[str, ...] = ()
        self.program = sys.executable
        self.folder = folder
        self.states: list[str] = []
        self._process_events = process_events
        self.client = WorkerClient(self.launch, folder)
        self.client.state_changed.connect(lambda state: self.states.append(state.value))

    def launch(self):
        return self._launch(self.program, self.arguments, {"BTV_TEST": "given"})

    def with_worker(self, code: str) -> Desk:
        self.arguments = ("-c", PLAIN + code)
        return self

    def send(self, request=RELEASE) -> Heard:
        heard = Heard()
        heard.id = self.client.request(request, heard.answers.append, heard.errors.append, heard.progress.append)
        return heard

    def ask(self, request=RELEASE) -> Heard:
        heard = self.send(request)
        assert self._process_events(lambda: heard.over), "no answer came"
        return heard

    def until(self, holds: Callable[[], object], seconds: float = 60) -> None:
        assert self._process_events(holds, seconds)

    @property
    def exchanges(self) -> list[Path]:
        """The folders for files that are there."""
        return [path for path in self.folder.glob("BrainTumorVAESeg-*") if path.name != "BrainTumorVAESeg-logs"]


@pytest.fixture
def desk(host, tmp_path, process_events) -> Iterator[Desk]:
    made = Desk(tmp_path / "tmp é", process_events)
    yield made
    made.client.stop()


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


# --- a worker that works ----------------------------------------------------------------------------------------------
def test_an_answer_comes_to_the_request_that_it_is_for(desk):
    desk.with_worker("ready()\nseen = []\nfor r in requests():\n seen.append(r['id'])\n"
                     " if len(seen) == 2: [say('Released', id=i) for i in reversed(seen)]")  # fmt: skip
    first, second = desk.send(), desk.send()
    assert not first.over and not second.over
    desk.until(lambda: first.over and second.over)
    assert first.answers == [Released(first.id)] and second.answers == [Released(second.id)]


def test_the_state_tells_what_the_worker_does(desk):
    desk.with_worker(OBLIGING).ask()
    desk.client.stop()
    assert desk.states == ["starting", "busy", "ready", "stopped"]


def test_progress_is_told_in_between(desk):
    desk.with_worker("ready()\nfor r in requests():\n say('Progress', id=r['id'], stage='s', fraction=0.5)\n"
                     " say('Progress', id=99, stage='s', fraction=0.5)\n say('Released', id=r['id'])")  # fmt: skip
    heard = desk.ask()
    assert [(p.stage, p.fraction) for p in heard.progress] == [("s", 0.5)]


def test_a_failure_comes_as_the_error_that_it_was(desk):
    desk.with_worker("ready()\nfor r in requests(): "
                     "say('Failed', id=r['id'], kind='OutputError', message='The disk is full.')")  # fmt: skip
    error = desk.ask().error
    assert type(error).__name__ == "OutputError" and str(error) == "The disk is full."
    assert desk.client.state.value == "ready"


def test_lines_may_come_in_pieces_and_many_at_once(desk):
    desk.with_worker("""
def dribble(text):
    for part in (text[:5], text[5:9], text[9:]):
        os.write(1, part.encode()); time.sleep(0.02)
line = json.dumps({"type": "Ready", "version": "0", "pid": os.getpid(), "python": "3", "protocol": PROTOCOL}) + "\\r\\n"
dribble(line)
for r in requests():
    dribble(json.dumps({"type": "Progress", "id": r["id"], "stage": "s", "fraction": 0}) + "\\n"
            + json.dumps({"type": "Released", "id": r["id"]}) + "\\n")
""")
    heard = desk.ask()
    assert heard.answers and heard.progress


def test_what_is_no_message_goes_to_the_log(desk):
    desk.with_worker(
        "print('Welcome é', flush=True)\nready()\nprint('{\"type\": \"Huh\"}', flush=True)\n" + OBLIGING[8:]
    )
    assert desk.ask().answers
    log = desk.client.log_path.read_text(encoding="utf-8")
    assert "Welcome é" in log and "Huh" in log


def test_standard_error_is_in_the_log(desk):
    desk.with_worker("print('a library warns', file=sys.stderr, flush=True)\n" + OBLIGING).ask()
    assert "a library warns" in desk.client.log_path.read_text()


def test_a_callback_that_fails_costs_no_other_answer(desk, caplog):
    desk.with_worker(OBLIGING)

    def fall_over(answer):
        raise RuntimeError("in the panel")

    desk.client.request(Release(), fall_over)
    assert desk.ask().answers
    assert "in the panel" in caplog.text


def test_a_forgotten_request_tells_nothing(desk):
    desk.with_worker("ready()\nfor r in requests(): time.sleep(0.1); say('Released', id=r['id'])")
    first = desk.send()
    desk.client.forget(first.id)
    assert desk.ask().answers and not first.over


def test_the_worker_gets_its_folder_and_environment(desk):
    desk.with_worker("print(sys.argv[1:], os.environ['BTV_TEST'], file=sys.stderr)\n" + OBLIGING).ask()
    log = desk.client.log_path.read_text(encoding="utf-8")
    assert f"'--folder', {str(desk.client.exchange.folder)!r}" in log and "'--idle', '600.0'] given" in log


def test_only_the_logs_of_the_last_runs_stay(desk):
    for _ in range(8):
        desk.with_worker(OBLIGING).ask()
        desk.client.stop()
    assert len(list(desk.client.log_path.parent.iterdir())) == 5 and desk.client.log_path.is_file()


# --- a worker that does not -------------------------------------------------------------------------------------------
def test_a_program_that_is_not_there(desk):
    desk.program = "/nowhere/PythonSlicer"
    error = desk.ask().error
    assert isinstance(error, WorkerError) and "cannot be started" in str(error)
    assert desk.client.state.value == "stopped" and desk.client.problem == str(error)
    desk.program = sys.executable
    assert desk.with_worker(OBLIGING).ask().answers and desk.client.problem == ""


def test_a_python_that_is_not_found(desk):
    def nothing():
        raise WorkerError("Slicer's Python is not found.")

    desk.client._launch = nothing
    heard = desk.send()
    assert not heard.over, "not before the request is made"
    desk.until(lambda: heard.over)
    assert "not found" in str(heard.error)


def test_a_worker_that_ends_before_it_is_ready_says_why(desk, caplog):
    error = desk.with_worker("import not_there_at_all").ask().error
    assert "No module named 'not_there_at_all'" in str(error)
    assert str(desk.client.log_path) in caplog.text


def test_a_worker_of_another_protocol(desk):
    error = desk.with_worker("ready(protocol=99)\ntime.sleep(60)").ask().error
    assert "protocol 99" in str(error) and desk.client.state.value == "stopped"


def test_a_worker_that_never_says_that_it_is_ready(desk, monkeypatch):
    from BrainTumorVAESegLib.slicer.client import client

    monkeypatch.setattr(client, "_START_SECONDS", 0.2)
    error = desk.with_worker("time.sleep(60)").ask().error
    assert "did not answer in time" in str(error)


@pytest.mark.parametrize(
    ("end", "words"), [("os.kill(os.getpid(), 9)", "lack of memory"), ("os._exit(3)", "exit code 3")]
)
def test_a_worker_that_dies_fails_what_is_open_and_the_next_request_starts_another(desk, caplog, end, words):
    desk.with_worker(f"ready()\nfor r in requests(): {end}")
    first, second = desk.send(), desk.send()
    desk.until(lambda: first.over and second.over)
    for heard in (first, second):
        assert isinstance(heard.error, WorkerError) and words in str(heard.error)
    assert str(desk.client.log_path) in caplog.text
    assert desk.client.state.value == "stopped"
    assert desk.with_worker(OBLIGING).ask().answers


def test_files_outlast_a_worker_that_dies(desk):
    desk.with_worker("ready()\nfor r in requests(): os._exit(3)")
    path = desk.client.exchange.new_path("T1")
    path.write_bytes(b"x")
    assert desk.ask().error and path.exists()
    desk.with_worker(OBLIGING).ask()
    assert desk.client.exchange.folder == path.parent


def test_a_request_at_the_moment_of_an_idle_end_is_sent_again(desk, tmp_path):
    mark = tmp_path / "mark"
    desk.with_worker(
        f"ready()\nmark = {str(mark)!r}\nfor r in requests():\n"
        " if not os.path.exists(mark): open(mark, 'w'); os._exit(0)\n"
        " say('Released', id=r['id'])"
    )
    assert desk.ask().answers


def test_a_worker_that_always_ends_is_not_started_for_ever(desk):
    error = desk.with_worker("ready()\nfor r in requests(): os._exit(0)").ask().error
    assert isinstance(error, WorkerError) and desk.states.count("starting") == 2


def test_an_idle_end_removes_the_files(desk, monkeypatch):
    from BrainTumorVAESegLib.slicer.client import client

    monkeypatch.setattr(client, "_LATELY_SECONDS", 0.0)
    desk.with_worker("ready()\nfor r in requests(): say('Released', id=r['id']); time.sleep(0.1); os._exit(0)").ask()
    desk.until(lambda: desk.client.state.value == "stopped")
    assert desk.exchanges == [] and desk.client.problem == ""


# --- cancelling and ending --------------------------------------------------------------------------------------------
def test_cancelling_ends_the_worker_at_once_and_leaves_no_file(desk):
    desk.with_worker(SILENT)
    first, second = desk.send(), desk.send()
    desk.until(lambda: desk.client.worker is not None)
    pid = desk.client.worker.pid
    desk.client.exchange.new_path("T1").write_bytes(b"x")
    desk.client.cancel()
    assert isinstance(first.error, Cancelled) and isinstance(second.error, Cancelled)
    assert is_gone(pid) and desk.exchanges == []
    assert desk.client.state.value == "stopped"
    assert desk.with_worker(OBLIGING).ask().answers


def test_cancelling_while_the_worker_starts(desk):
    desk.with_worker("time.sleep(60)")
    heard = desk.send()
    desk.client.cancel()
    assert isinstance(heard.error, Cancelled) and desk.client.state.value == "stopped"


def test_one_request_is_interrupted_and_the_worker_stays(desk):
    desk.with_worker(
        """
ready()
for r in requests():
    if r["type"] == "Stop":
        say("Failed", id=r["request"], kind="Cancelled", message="Stopped.")
"""
    )
    heard = desk.send()
    desk.until(lambda: desk.client.state.value == "busy")
    pid = desk.client.worker.pid
    desk.client.interrupt(heard.id)
    desk.until(lambda: heard.over)
    assert isinstance(heard.error, Cancelled) and desk.client.worker.pid == pid and not is_gone(pid)
    desk.client.interrupt(heard.id)  # it is over: nothing is sent


def test_a_request_is_interrupted_before_the_worker_is_ready(desk):
    heard = desk.with_worker("time.sleep(60)").send()
    desk.client.interrupt(heard.id)
    assert isinstance(heard.error, Cancelled)


def test_cancelling_where_nothing_is_under_way_keeps_the_worker_warm(desk):
    desk.with_worker(OBLIGING).ask()
    pid, path = desk.client.worker.pid, desk.client.exchange.new_path("T1")
    path.write_bytes(b"x")
    desk.client.cancel()
    assert desk.client.worker.pid == pid and not path.exists()
    assert desk.ask().answers and desk.client.worker.pid == pid


def test_cancelling_reaches_a_worker_behind_a_launcher(desk):
    inner = PLAIN + SILENT
    desk.arguments = ("-c", f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {inner!r}])")
    desk.send()
    desk.until(lambda: desk.client.worker is not None)
    pid = desk.client.worker.pid
    desk.client.cancel()
    desk.until(lambda: is_gone(pid) or "Z" in Path(f"/proc/{pid}/stat").read_text().split(")")[1])


def test_stopping_ends_an_idle_worker_and_removes_everything(desk):
    desk.with_worker(OBLIGING).ask()
    pid = desk.client.worker.pid
    desk.client.stop()
    desk.client.stop()
    assert is_gone(pid) and desk.exchanges == []


def test_stopping_ends_a_worker_that_does_not_listen(desk):
    desk.with_worker("ready()\ntime.sleep(60)").client.start()
    desk.until(lambda: desk.client.worker is not None)
    pid = desk.client.worker.pid
    desk.client.stop()
    assert is_gone(pid)


# --- the synchronous way ----------------------------------------------------------------------------------------------
def test_a_call_returns_the_answer(desk):
    assert isinstance(desk.with_worker(OBLIGING).client.call(Release()), Released)


def test_a_call_raises_what_went_wrong(desk):
    with pytest.raises(WorkerError, match="exit code 3"):
        desk.with_worker("ready()\nfor r in requests(): os._exit(3)").client.call(Release())


def test_a_call_that_takes_too_long_is_given_up(desk):
    with pytest.raises(WorkerError, match="no answer"):
        desk.with_worker(SILENT).client.call(Release(), seconds=0.5)
    assert desk.client.state.value == "stopped"
