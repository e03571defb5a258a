"""The worker's streams: only messages on standard output, and an end at once where the panel is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.answers import Checked, Progress
from BrainTumorVAESegLib.core.protocol import encode
from BrainTumorVAESegLib.core.requests import Check, Segment, Stop
from BrainTumorVAESegLib.models.library import find_package

LIMIT = 60.0
"""Seconds; a busy machine needs more than an idle one, and a worker that stays is stuck."""

LIBRARY = Path(__file__).resolve().parents[3] / "BrainTumorVAESeg"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(LIBRARY)}
CHATTY = """
import ctypes, os
from BrainTumorVAESegLib.preparation import checks
quiet = checks.check
def chatty(*arguments):
    print("from Python"); os.write(1, b"from a descriptor\\n"); os.system("echo from a program")
    libc = ctypes.CDLL(None); libc.puts(b"from C"); libc.fflush(None)
    assert os.read(0, 10) == b"", "what libraries read must not be a request"
    return quiet(*arguments)
checks.check = chatty
from BrainTumorVAESegLib.worker.__main__ import main
main()
"""

FAULTY = """
from BrainTumorVAESegLib.worker import channel, serving
whole = channel.decode
def decode(line):
    if b'"why"' in line:
        raise RecursionError("the reader's own fault")
    return whole(line)
channel.decode = serving.decode = decode
from BrainTumorVAESegLib.worker.__main__ import main
main()
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """The panel's folder, with a file."""
    place = tmp_path / "exchange"
    place.mkdir()
    (place / "1-T1.npy").write_bytes(b"a patient's image")
    return place


def is_gone(pid: int) -> bool:
    """Say whether a process has ended, though perhaps nobody has asked for its exit code yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_what_libraries_print_goes_to_standard_error(start_worker, files, tmp_path):
    with (tmp_path / "log").open("wb") as log:
        worker = start_worker(program=("-c", CHATTY), stderr=log)
        worker.say(Check(files, id=1))
        assert isinstance(worker.hear(), Checked)
    printed = (tmp_path / "log").read_text()
    assert all(f"from {who}" in printed for who in ("Python", "a descriptor", "a program", "C"))


def test_it_ends_with_its_folder_where_the_input_ends(start_worker, folder):
    worker = start_worker("--folder", str(folder))
    worker.process.stdin.close()
    assert worker.wait_for_its_end() == 0
    assert worker.process.returncode == 0 and not folder.exists()


def test_it_ends_in_the_middle_of_a_computation(start_worker, files, folder, tmp_path):
    worker = start_worker("--folder", str(folder))
    package = find_package(verify=False)
    worker.say(Segment(files, str(package.folder), str(tmp_path / "labels.npy"), device="cpu", id=1))
    worker.hear_until(lambda message: isinstance(message, Progress) and message.stage == "stage 1")
    worker.process.stdin.close()
    assert worker.wait_for_its_end() == 0
    assert not folder.exists() and not (tmp_path / "labels.npy").exists()


def test_it_ends_where_its_parent_is_killed(folder):
    parent = (
        "import subprocess, sys, time\n"
        "worker = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "worker.stdout.readline(); print(worker.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-m", "BrainTumorVAESegLib.worker", "--folder", str(folder)]
    process = subprocess.Popen([sys.executable, "-c", parent, *command], stdout=subprocess.PIPE, env=ENVIRONMENT)
    pid = int(process.stdout.readline())
    assert not is_gone(pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    end = time.monotonic() + LIMIT
    while not (is_gone(pid) and not folder.exists()):
        assert time.monotonic() < end, "the worker outlived its parent"
        time.sleep(0.02)


def test_it_ends_where_nobody_reads_its_answers(files, folder):
    command = [sys.executable, "-m", "BrainTumorVAESegLib.worker", "--folder", str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=ENVIRONMENT, **pipes) as process:
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(encode(Check(files, id=1)))
        process.stdin.flush()
        assert process.wait(LIMIT) == 0
    assert not folder.exists()


def test_a_stop_that_the_reader_fails_at_is_told_and_does_not_end_it(start_worker, files, folder):
    worker = start_worker("--folder", str(folder), program=("-c", FAULTY))
    failed = worker.ask(b'{"type": "Stop", "why": "x"}\n')
    assert failed.id is None and "the reader's own fault" in failed.message
    assert isinstance(worker.ask(Check(files, id=1)), Checked) and folder.exists()


def test_a_stop_is_never_answered_itself_and_one_that_is_garbled_is(start_worker, files):
    worker = start_worker()
    worker.say(Stop(7))
    garbled = worker.ask(b'{"type": "Stop", "request": "seven"}\n')
    assert garbled.kind == "ProtocolError" and "Stop.request" in garbled.message
    assert isinstance(worker.ask(Check(files, id=1)), Checked)


def test_ctrl_c_in_slicers_terminal_does_not_end_it(start_worker, files):
    worker = start_worker()
    worker.process.send_signal(signal.SIGINT)
    assert isinstance(worker.ask(Check(files, id=1)), Checked)
