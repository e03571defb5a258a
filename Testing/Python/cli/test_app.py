"""The program as a whole: its help, its exit codes, and how errors are said."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from BrainTumorVAESegLib import __version__
from BrainTumorVAESegLib.core.errors import EXIT_CODES

LIBRARY = Path(__file__).resolve().parents[3] / "BrainTumorVAESeg"
COMMANDS = ("segment", "demo", "evaluate", "robustness", "train", "doctor", "benchmark", "models")
MODEL_COMMANDS = ("list", "show", "verify", "install", "remove")


def python(code: str, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own, in which the library can be imported."""
    command = [sys.executable, "-c", code, *(str(argument) for argument in arguments)]
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY), **variables}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_the_help_lists_every_command_and_every_exit_code(command, arguments) -> None:
    outcome = command(*arguments)
    assert outcome.code == 0
    lines = [line.strip(" │") for line in outcome.out.splitlines()]
    for name in COMMANDS:
        assert any(line.startswith(f"{name} ") for line in lines), name
    for code, meaning in EXIT_CODES.items():
        assert any(line.split(maxsplit=1) == [str(code), meaning] for line in lines), code


@pytest.mark.parametrize("words", [(name,) for name in COMMANDS] + [("models", name) for name in MODEL_COMMANDS])
def test_the_help_of_a_command_shows_an_example_of_it(command, words) -> None:
    outcome = command(*words, "--help")
    assert outcome.code == 0
    shown = outcome.out.split("Examples")[1].split("Exit codes")[0]
    assert f"  braintumorvaeseg {' '.join(words)}" in shown
    lines = [line.rstrip() for line in shown.splitlines() if line.strip()]
    for before, line in pairwise(lines):  # what goes on is told to the shell, so that it can be copied
        assert before.endswith("\\") != line.lstrip().startswith("braintumorvaeseg "), (before, line)


def test_the_help_imports_no_heavy_library() -> None:
    heavy = ("torch", "SimpleITK", "numpy", "matplotlib", "monai", "lightning")
    code = f"import sys; from BrainTumorVAESegLib.cli.app import run; run(['segment', '--help']); \
print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    answer = python(code)
    assert "--flair" in answer.stdout
    assert answer.stderr.strip() == "[]"


def test_the_module_runs_as_a_program_and_tells_its_version() -> None:
    command = [sys.executable, "-m", "BrainTumorVAESegLib.cli", "--version"]
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY)}
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert (answer.returncode, answer.stdout) == (0, f"braintumorvaeseg {__version__}\n")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("frobnicate",), "frobnicate"),
        (("segment", "--out"), "--out"),
        (("segment", "x"), "--out"),
        (("segment", "x", "--out", "y", "--frobnicate"), "--frobnicate"),
        (("segment", "x", "--out", "y", "--labels", "roman"), "roman"),
        (("segment", "x", "--out", "y", "--device", "toaster"), "toaster"),
        (("segment", "x", "--out", "y", "--memory", "much"), "much"),
        (("segment", "x", "--out", "y", "--reference", "T5"), "T5"),
        (("phantoms", "--out", "y", "--count", "0"), "--count"),
        (("models", "export", "fast", "--out", "y"), "--format"),
        (("evaluate",), "--data"),
        (("models",), "models --help"),
        (("train", "fast", "--data", "x", "--out", "y", "--step", "lunch"), "lunch"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(command, arguments, part) -> None:
    outcome = command(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.splitlines() == [outcome.error]
    assert part in outcome.error and "Value error" not in outcome.error
    assert re.search(r"[.?] See braintumorvaeseg[a-z ]* --help\.$", outcome.error), outcome.error


@pytest.fixture
def broken_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library with a fault of its own in the listing of models."""

    def fail() -> None:
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr("BrainTumorVAESegLib.models.library.list_packages", fail)


def test_an_unexpected_error_is_one_line_that_hints_at_debug(command, broken_library) -> None:
    outcome = command("models", "list")
    assert outcome.code == 1
    assert outcome.err.splitlines() == [outcome.error]
    assert "ZeroDivisionError: division by zero" in outcome.error
    assert "--debug" in outcome.error


@pytest.mark.parametrize("arguments", [("--debug", "models", "list"), ("models", "list", "--debug")])
def test_debug_shows_where_an_error_arose(command, broken_library, arguments) -> None:
    outcome = command(*arguments)
    assert outcome.code == 1
    assert "Traceback" in outcome.err
    assert 'raise ZeroDivisionError("division' in outcome.err


def test_a_module_that_is_missing_on_the_way_is_named_with_what_brings_it(command, monkeypatch) -> None:
    def fail() -> None:
        raise ModuleNotFoundError("No module named 'safetensors'", name="safetensors.torch")

    monkeypatch.setattr("BrainTumorVAESegLib.models.library.list_packages", fail)
    outcome = command("models", "list")
    assert (outcome.code, "pip install 'braintumorvaeseg'" in outcome.error) == (9, True)


def test_without_its_own_libraries_the_program_says_what_to_install() -> None:
    answer = python("import sys; sys.modules['typer'] = None; from BrainTumorVAESegLib.cli import main; main()")
    assert answer.returncode == 9
    assert answer.stderr == "error: typer is not installed; pip install 'braintumorvaeseg[cli]'.\n"


@pytest.mark.parametrize("arguments", [("--help",), ("nosuch",)])
def test_the_process_ends_at_once_but_not_before_what_waits_for_its_end(arguments):
    code = (
        "import atexit, sys, threading, time; from BrainTumorVAESegLib.cli import main;"
        "atexit.register(lambda: print('tidied up'));"
        "late = threading.Thread(target=lambda: (time.sleep(0.2), print('waited for')));"
        "'late' in sys.argv and late.start(); sys.argv = [arg for arg in sys.argv if arg != 'late']; main()"
    )
    at_once, later = python(code, *arguments), python(code, "late", *arguments)
    assert at_once.returncode == later.returncode == (0 if arguments == ("--help",) else 2)
    assert "tidied up" in at_once.stdout and "waited for" not in at_once.stdout
    assert "waited for" in later.stdout and "tidied up" in later.stdout


SLEEPING_WRITER = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts in the background ignore it
getattr(signal, "SIGHUP", 0) and signal.signal(signal.SIGHUP, signal.SIG_DFL)  # and nohup this
import BrainTumorVAESegLib.images.writing as writing
def sleep(segmentation, path):
    assert list(path.parent.glob("*_seg.nii.gz"))
    print("asleep", file=sys.stderr, flush=True)
    time.sleep(100)
writing.write_segmentation_nrrd = sleep
from BrainTumorVAESegLib.cli import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
def test_a_cancelled_segmentation_leaves_nothing_behind(case: Path, shipped: Path, out: Path, sign: int) -> None:
    command = [
        sys.executable,
        "-c",
        SLEEPING_WRITER,
        "segment",
        str(case),
        "-o",
        str(out),
        "-m",
        str(shipped / "nothing"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        for line in process.stderr:
            if line == "asleep\n":
                process.send_signal(sign)
                break
        rest = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert rest == "error: cancelled; no unfinished file is left.\n"
    assert not out.exists()
    assert not out.parent.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
@pytest.mark.parametrize("before", ["SIG_DFL", "SIG_IGN"])
def test_nohup_keeps_the_end_of_a_terminal_from_ending_the_program(before: str) -> None:
    code = (
        f"import atexit, signal; signal.signal(signal.SIGHUP, signal.{before});"
        "atexit.register(lambda: print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN));"
        "from BrainTumorVAESegLib.cli import main; main()"
    )
    assert python(code, "nosuch").stdout.split() == [str(before == "SIG_IGN")]


def test_a_cancel_while_the_commands_are_built_is_one_line(command, monkeypatch) -> None:
    def cancel(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("typer.main.get_command", cancel)
    outcome = command("--version")
    assert (outcome.code, outcome.err) == (130, "error: cancelled; no unfinished file is left.\n")


def test_a_cancel_while_the_program_is_loaded_is_one_line() -> None:
    code = """
import builtins
from BrainTumorVAESegLib.cli import main
load = builtins.__import__
def cancel(name, globals=None, locals=None, fromlist=(), level=0):
    if (name, level) == ("app", 1):
        raise KeyboardInterrupt
    return load(name, globals, locals, fromlist, level)
builtins.__import__ = cancel
main()
"""
    answer = python(code, "segment")
    assert (answer.returncode, answer.stderr) == (130, "error: cancelled; nothing was begun.\n")


def program(*arguments: str, **given: Any) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own, with streams as `subprocess.run` takes them."""
    command = [sys.executable, "-m", "BrainTumorVAESegLib.cli", *arguments]
    variables = {**os.environ, "PYTHONPATH": str(LIBRARY), **given.pop("env", {})}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **given}
    return subprocess.run(command, text=True, timeout=120, env=variables, **streams)


@pytest.fixture
def unread() -> Iterator[int]:
    """Give the end to write to of a pipe that nobody reads any more."""
    end, other = os.pipe()
    os.close(end)
    yield other
    os.close(other)


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("models", "list"), ("models", "list", "--json")])
def test_a_reader_that_has_gone_ends_the_program_without_a_word_and_as_sigpipe_would(
    unread, arguments, buffered
) -> None:
    answer = program(*arguments, stdout=unread, env={"PYTHONUNBUFFERED": "" if buffered else "1"})
    assert (answer.returncode, answer.stderr) == (141, "")


def test_a_reader_of_errors_that_has_gone_ends_the_program_in_the_same_way(unread) -> None:
    assert program("nosuch", stdout=unread, stderr=unread).returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.parametrize("buffered", [True, False])
def test_a_full_disk_behind_standard_output_is_one_line(buffered) -> None:
    with open("/dev/full", "w") as full:
        answer = program("--version", stdout=full, env={"PYTHONUNBUFFERED": "" if buffered else "1"})
    assert answer.returncode == 7
    assert answer.stderr.startswith("error: the output cannot be written: the disk is full;")
    assert answer.stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="needs a shell that closes a stream")
@pytest.mark.parametrize(("line", "code"), [('"$@" models list >&-', 0), ('"$@" nosuch 2>&-', 2)])
def test_a_stream_that_was_closed_before_is_no_error(line, code) -> None:
    command = ["sh", "-c", line, "sh", sys.executable, "-m", "BrainTumorVAESegLib.cli"]
    environment = {**os.environ, "PYTHONPATH": str(LIBRARY)}
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    assert (answer.returncode, answer.stdout, answer.stderr) == (code, "", "")
