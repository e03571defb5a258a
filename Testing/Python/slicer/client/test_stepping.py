"""A generator runs a step a turn of the event loop, waits for answers, and stops when told to."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest


class Ends:
    """What a generator ended with."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.errors: list[Exception] = []
        self.sent: list[Any] = []

    def run(self, steps: Generator[Any, Any, Any]) -> Any:
        from BrainTumorVAESegLib.slicer.client.stepping import Turns

        turns = Turns(steps, lambda *sent: self.sent.append(sent), self.values.append, self.errors.append)
        turns.start()
        return turns


@pytest.fixture
def ends(host: Any) -> Ends:
    return Ends()


def test_each_step_is_taken_in_a_turn_of_its_own(ends: Ends, host: Any) -> None:
    taken: list[int] = []

    def steps() -> Generator[None, None, str]:
        for number in range(3):
            taken.append(number)
            yield
        return "end"

    turns = ends.run(steps())
    assert taken == []
    host.app.processEvents()
    assert len(taken) == 1
    for _ in range(5):
        host.app.processEvents()
    assert taken == [0, 1, 2] and ends.values == ["end"] and turns.ended


def test_an_answer_is_what_the_yield_gives_back(ends: Ends, process_events: Callable[..., bool]) -> None:
    def steps() -> Generator[Any, Any, Any]:
        answer = yield "question"
        return f"{answer}!"

    ends.run(steps())
    assert process_events(lambda: ends.sent)
    message, answered, _ = ends.sent[0]
    assert message == "question" and ends.values == []
    answered("answer")
    assert process_events(lambda: ends.values) and ends.values == ["answer!"]


def test_a_failure_is_raised_where_the_generator_waits(ends: Ends, process_events: Callable[..., bool]) -> None:
    cleaned: list[bool] = []

    def steps() -> Generator[Any, Any, Any]:
        try:
            yield "question"
        finally:
            cleaned.append(True)

    ends.run(steps())
    assert process_events(lambda: ends.sent)
    ends.sent[0][2](ValueError("no"))
    assert process_events(lambda: ends.errors)
    assert [str(error) for error in ends.errors] == ["no"] and cleaned == [True]


def test_once_stopped_nothing_is_called_and_the_generator_cleans_up(
    ends: Ends, process_events: Callable[..., bool]
) -> None:
    cleaned: list[bool] = []

    def steps() -> Generator[Any, Any, Any]:
        try:
            yield "question"
        finally:
            cleaned.append(True)

    turns = ends.run(steps())
    assert process_events(lambda: ends.sent)
    turns.stop()
    ends.sent[0][1]("too late")
    process_events(seconds=0.05)
    assert cleaned == [True] and ends.values == [] and ends.errors == [] and turns.ended
