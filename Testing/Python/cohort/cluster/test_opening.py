from __future__ import annotations

from types import SimpleNamespace

import pytest
from BrainTumorVAESegLib.cohort.cluster import opening


@pytest.mark.parametrize(("bokeh", "said"), [(None, "pip install bokeh"), (object(), "http://here shows them")])
def test_where_the_processes_are_seen_says_what_it_needs(monkeypatch, bokeh, said):
    monkeypatch.setattr(opening, "find_spec", lambda name: bokeh)
    told = opening._seen_at(SimpleNamespace(dashboard_link="http://here"))
    assert said in told and "http://here" in told
