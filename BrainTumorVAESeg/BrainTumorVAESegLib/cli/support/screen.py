"""What people and machines see: results on standard output, progress on standard error."""

from __future__ import annotations

import contextlib
import json
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

ProgressReport = Callable[[str, float], None]
"""Takes the name of a step and how much of the whole is done, 0 to 1."""
ShowStatus = Callable[[str, float, Sequence[str]], None]
"""Takes the title of a work, how much of it is done, 0 to 1, and some lines on how it goes."""


class Screen:
    """Prints for people or, where json, one JSON value for machines.

    What others print to standard output while a JSON screen is open goes to standard error (see `open_screen`).
    """

    def __init__(self, json: bool, out: TextIO) -> None:
        self.json = json
        self._out = out

    def line(self, text: str = "", style: str = "") -> None:
        """Print a line for people; long ones are not broken."""
        if not self.json:
            self._console().print(text, style=style, soft_wrap=True)

    def item(self, label: str, text: str, style: str = "", width: int = 9) -> None:
        """Print a text with a label before it; on a terminal long ones are broken and indented below the text."""
        if self.json:
            return
        console = self._console()
        indent = " " * (width + 2)
        whole = f"  {text}"
        if console.is_terminal:
            room = max(console.width - 1, 40)
            whole = textwrap.fill(
                whole, room - width, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False
            )
        first, *rest = whole.split("\n")
        console.print(f"{label:<{width}}", style=style or "bold", end="")
        console.print(first, soft_wrap=True)
        for part in rest:
            console.print(indent + part.strip(), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: int, footer: int = 0) -> None:
        """Print a table: so many last columns are numbers, flush right, and so many last rows stand apart."""
        if self.json:
            return
        from rich import box
        from rich.table import Table

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
        for index, column in enumerate(columns):
            right = index >= len(columns) - numbers
            table.add_column(column, justify="right" if right else "left", no_wrap=right)
        for index, row in enumerate(rows, start=1):
            table.add_row(*row, end_section=footer > 0 and index == len(rows) - footer)
        self._console().print(table)

    def markdown(self, text: str) -> None:
        """Print Markdown, rendered on a terminal."""
        if self.json:
            return
        console = self._console()
        if not console.is_terminal:
            return self.line(text.rstrip())
        from rich.markdown import Markdown

        console.print(Markdown(text))

    def emit(self, values: Any) -> None:
        """Print a value as JSON, where machines listen."""
        if self.json:
            print(json.dumps(values, indent=2, allow_nan=False), file=self._out)

    @property
    def is_live(self) -> bool:
        """Whether standard error is a terminal, on which lines can be drawn anew."""
        return sys.stderr.isatty()

    def step(self, text: str) -> None:
        """Say on standard error what goes on."""
        print(text, file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def progress(self) -> Iterator[ProgressReport]:
        """Give a function that shows progress: a bar on a terminal, else a line for each new step."""
        if self.is_live:
            with _bar() as report:
                yield report
            return
        last = ""

        def report_line(step: str, fraction: float) -> None:
            nonlocal last
            if step != last:
                last = step
                self.step(f"{100 * fraction:3.0f} %  {step}")

        yield report_line

    @contextlib.contextmanager
    def status(self) -> Iterator[ShowStatus]:
        """Give a function that shows, on a terminal alone, a bar with lines below it that change as a work goes on.

        What is printed meanwhile appears above it.
        """
        if not self.is_live:
            yield lambda title, fraction, lines: None
            return
        with _status() as show:
            yield show

    def _console(self) -> Console:
        from rich.console import Console

        return Console(file=self._out, markup=False, highlight=False, emoji=False)


@contextlib.contextmanager
def open_screen(json: bool) -> Iterator[Screen]:
    """Open the screen of a command."""
    screen = Screen(json, sys.stdout)
    with contextlib.redirect_stdout(sys.stderr) if json else contextlib.nullcontext():
        yield screen


@contextlib.contextmanager
def _bar() -> Iterator[ProgressReport]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<26}"), BarColumn(30), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("start", total=1.0)
        yield lambda step, fraction: bar.update(task, description=step, completed=fraction)


@contextlib.contextmanager
def _status() -> Iterator[ShowStatus]:
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    with Live(console=Console(stderr=True), transient=True) as live:

        def show(title: str, fraction: float, lines: Sequence[str]) -> None:
            head = Table.grid(padding=(0, 2))
            head.add_row(Text(title), ProgressBar(1.0, fraction, width=30), Text(f"{100 * fraction:.0f} %"))
            live.update(Group(head, *(Text(f"  {line}", style="dim") for line in lines)))

        yield show
