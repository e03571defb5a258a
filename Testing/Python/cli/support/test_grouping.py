"""Options that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from BrainTumorVAESegLib.cli.support.grouping import grouped
from typer.testing import CliRunner

Name = Annotated[str, typer.Argument(metavar="NAME")]
Folder = Annotated[Path | None, typer.Option("--folder", "-f")]


@dataclass(frozen=True)
class Group:
    """Two options."""

    folder: Folder = None
    loud: Annotated[bool, typer.Option("--loud")] = False


@pytest.fixture
def told() -> list[Any]:
    return []


@pytest.fixture
def app(told: list[Any]) -> typer.Typer:
    """A command with an argument, a group and an option."""
    made = typer.Typer()

    @made.command()
    @grouped
    def show(name: Name, group: Group = Group(), count: Annotated[int, typer.Option("--count")] = 1) -> None:
        """Show a name."""
        told.append((name, group, count))

    return made


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["a"], ("a", Group(), 1)),
        (["a", "--count", "3", "--loud", "-f", "x"], ("a", Group(Path("x"), True), 3)),
    ],
)
def test_a_command_gets_its_group_whole(app: typer.Typer, told: list[Any], line: list[str], expected: Any) -> None:
    assert CliRunner().invoke(app, line).exit_code == 0
    assert told == [expected]


def test_the_help_tells_each_option_in_its_place(app: typer.Typer) -> None:
    help_text = CliRunner().invoke(app, ["--help"]).output
    places = [help_text.index(word) for word in ("--folder", "--loud", "--count")]
    assert "Show a name." in help_text and "group" not in help_text
    assert places == sorted(places)
