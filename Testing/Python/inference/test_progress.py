"""Progress is told as shares of all the work and only rises; the wish to stop is heard."""

from __future__ import annotations

import pytest
from BrainTumorVAESegLib.core.errors import Cancelled
from BrainTumorVAESegLib.inference.progress import Progress, Tracker


def test_shares_of_a_step_become_shares_of_all():
    told: list[Progress] = []
    tracker = Tracker(told.append)
    tracker.enter("check", 0.2)
    tracker.advance(0.5)
    tracker.enter("run", 1.0)
    tracker.advance(0.25)
    tracker.advance(1.0)
    assert [p.stage for p in told] == ["check", "check", "run", "run", "run"]
    assert [p.fraction for p in told] == pytest.approx([0, 0.1, 0.2, 0.4, 1])


def test_a_share_beyond_1_and_a_step_that_ends_earlier_do_not_turn_progress_back():
    told: list[Progress] = []
    tracker = Tracker(told.append)
    tracker.enter("first", 0.6)
    tracker.advance(1.7)
    tracker.enter("second", 0.4)
    tracker.advance(1.0)
    assert [p.fraction for p in told] == pytest.approx([0, 0.6, 0.6, 0.6])


def test_the_wish_to_stop_is_heard_at_every_report_and_nothing_more_is_told():
    told: list[Progress] = []
    wish = False
    tracker = Tracker(told.append, lambda: wish)
    tracker.enter("check", 0.5)
    wish = True
    for report in (lambda: tracker.advance(0.5), lambda: tracker.enter("run", 1.0)):
        with pytest.raises(Cancelled, match="nothing was written"):
            report()
    assert len(told) == 1


def test_nobody_need_listen():
    tracker = Tracker()
    tracker.enter("alone", 1.0)
    tracker.advance(1.0)
