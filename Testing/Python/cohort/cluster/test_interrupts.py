"""Ctrl-C is held while processes start and end, and only there."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from threading import Thread

import pytest
from BrainTumorVAESegLib.cohort.cluster.interrupts import deafen_thread, held_interrupts

TERMINATE = signal.SIGTERM


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Let Ctrl-C be heard, which a shell has ignored by what it starts in the background, and SIGTERM like it."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, TERMINATE)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, TERMINATE])
def test_an_interrupt_waits_until_the_end(number):
    done = []
    with pytest.raises(KeyboardInterrupt), held_interrupts():
        signal.raise_signal(number)
        done.append("the rest")
    assert done == ["the rest"]
    assert signal.getsignal(number) is signal.default_int_handler


def test_a_second_interrupt_ends_at_once():
    done = []
    with pytest.raises(KeyboardInterrupt), held_interrupts():
        signal.raise_signal(signal.SIGINT)
        done.append("waited")
        signal.raise_signal(signal.SIGINT)
        done.append("not reached")
    assert done == ["waited"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_stays_what_it_is():
    with pytest.raises(ValueError, match="in the way"), held_interrupts():
        signal.raise_signal(signal.SIGINT)
        raise ValueError("in the way")


def test_who_handles_a_signal_otherwise_goes_on_to():
    heard: list[int] = []
    before = signal.signal(TERMINATE, lambda number, frame: heard.append(number))
    try:
        with held_interrupts():
            signal.raise_signal(TERMINATE)
            assert heard == [TERMINATE]
    finally:
        signal.signal(TERMINATE, before)


def _in_a_thread(work) -> list[object]:
    told: list[object] = []
    thread = Thread(target=lambda: told.append(work()))
    thread.start()
    thread.join()
    return told


def test_a_thread_that_hears_nothing_may_hold_nothing_too():
    def hold() -> str:
        with held_interrupts():
            return "held"

    assert _in_a_thread(hold) == ["held"]


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="Windows has no masks of signals")
def test_a_deaf_thread_leaves_others_as_they_are():
    def deafened() -> bool:
        deafen_thread()
        return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])

    assert _in_a_thread(deafened) == [True]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
