"""Seconds by step."""

from __future__ import annotations

import pytest
from BrainTumorVAESegLib.inference import clock as timing
from BrainTumorVAESegLib.inference.clock import Clock


def test_the_seconds_of_a_step_add_up_whatever_comes_of_it(monkeypatch):
    ticks = iter((1.0, 3.0, 10.0, 11.0, 20.0, 20.5))
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(ticks))
    clock = Clock()
    with clock("check"):
        pass
    with clock("prepare"):
        pass
    with pytest.raises(ValueError, match="no"), clock("check"):
        raise ValueError("no")
    assert clock.seconds == {"check": 2.5, "prepare": 1.0}
