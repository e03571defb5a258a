"""What a terminal shows, and what a pipe gets."""

from __future__ import annotations

import io
import re
import sys

import pytest
from BrainTumorVAESegLib.cli.support.screen import Screen, open_screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_a_line_for_each_new_step(capsys: pytest.CaptureFixture[str]) -> None:
    with Screen(False, sys.stdout).progress() as report:
        for step, fraction in (("prepare", 0.0), ("stage 1", 0.06), ("stage 1", 0.3), ("stage 2", 0.5)):
            report(step, fraction)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["  0 %  prepare", "  6 %  stage 1", " 50 %  stage 2"]


def test_a_terminal_gets_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with Screen(False, io.StringIO()).progress() as report:
        report("stage 1", 0.25)
    shown = terminal.getvalue()
    assert "stage 1" in shown
    assert "25%" in shown
    assert shown.endswith("\x1b[2K")


def test_a_long_text_is_broken_on_a_terminal_and_whole_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    text = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    monkeypatch.setenv("NO_COLOR", "1")
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        Screen(False, stream).item("note", text)
    assert pipe.getvalue() == f"note       {text}\n"
    lines = re.sub("\x1b.*?m", "", terminal.getvalue()).splitlines()
    assert len(lines) == 2
    assert lines[1].startswith(" " * 11 + "eleven")
    assert all(len(line) < 60 for line in lines)


def test_brackets_in_a_text_are_no_markup() -> None:
    stream = io.StringIO()
    Screen(False, stream).line("[bold]x[/bold] :smile: [/]")
    assert stream.getvalue() == "[bold]x[/bold] :smile: [/]\n"


def test_a_json_screen_prints_only_what_is_emitted(capsys: pytest.CaptureFixture[str]) -> None:
    with open_screen(json=True) as screen:
        print("a library's chatter")
        screen.line("for people")
        screen.item("note", "for people")
        screen.table(("a",), [("1",)], numbers=1)
        screen.markdown("# for people")
        screen.emit({"a": [1, "ä"]})
    captured = capsys.readouterr()
    assert captured.out == '{\n  "a": [\n    1,\n    "\\u00e4"\n  ]\n}\n'
    assert captured.err == "a library's chatter\n"


def test_a_screen_for_people_prints_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    with open_screen(json=False) as screen:
        screen.emit({"a": 1})
        screen.line("for people")
    assert capsys.readouterr().out == "for people\n"
