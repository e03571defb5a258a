"""Signals tell those that are connected, and nobody else."""

from __future__ import annotations

from BrainTumorVAESegLib.slicer.client.signals import Signal


def test_every_slot_is_told_in_order():
    heard: list[tuple] = []
    signal = Signal()
    signal.connect(lambda *values: heard.append(("first", *values)))
    signal.connect(lambda *values: heard.append(("second", *values)))
    signal(1, "a")
    signal.emit()
    assert heard == [("first", 1, "a"), ("second", 1, "a"), ("first",), ("second",)]


def test_a_disconnected_slot_hears_nothing():
    heard: list[int] = []
    signal = Signal()
    slot = signal.connect(heard.append)
    signal.disconnect(slot)
    signal.disconnect(slot)
    signal(1)
    signal.connect(heard.append)
    signal.disconnect_all()
    signal(2)
    assert heard == []


def test_a_slot_may_disconnect_another_while_it_is_told():
    heard: list[int] = []
    signal = Signal()
    signal.connect(lambda value: signal.disconnect(heard.append))
    signal.connect(heard.append)
    signal(1)
    assert heard == []
