from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest
from BrainTumorVAESegLib.cohort.index import write_index
from BrainTumorVAESegLib.cohort.outcome import Outcome, State
from BrainTumorVAESegLib.cohort.table import COLUMNS

EVIL = "</script><img src=x onerror=alert(1)>&@TITLE@"


def _row(**cells: object) -> dict:
    return {**dict.fromkeys(COLUMNS), **cells}


def _page(path, rows=(), failures=(), title="Cohort", links=None) -> tuple[str, list]:
    write_index(path, title, "two", rows, failures, links or {})
    text = path.read_text(encoding="utf-8")
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return text, json.loads(data[1])["rows"]


def test_failures_come_first_and_then_the_worst(tmp_path):
    rows = [_row(case="fine", verdict="familiar"), _row(case="odd", verdict="unlike the training data")]
    _, shown = _page(tmp_path / "i.html", rows, [Outcome("broken", State.FAILED, "It is empty.", 3)])
    assert [row[0] for row in shown] == ["broken", "odd", "fine"]
    assert [row[7] for row in shown] == ["failed", "unlike", "familiar"]
    assert shown[0][11] == "It is empty." and shown[0][6] is None


def test_a_row_leads_to_its_report_or_else_to_its_summary(tmp_path):
    _, shown = _page(tmp_path / "i.html", [_row(case="a"), _row(case="b")], links={"b": "b.html"})
    assert [row[6] for row in shown] == ["a.json", "b.html"]


def test_texts_of_others_stay_texts(tmp_path):
    failures = [Outcome(EVIL, State.FAILED, EVIL)]
    text, shown = _page(tmp_path / "i.html", [_row(case="a", findings=EVIL)], failures, title=EVIL)
    assert "<img src=x" not in text and text.count("</script>") == 2
    assert shown[0][0] == EVIL and shown[1][11] == EVIL


def test_the_page_asks_no_network_and_runs_its_own_script_alone(tmp_path):
    text, _ = _page(tmp_path / "i.html")
    assert not re.search(r"https?://", text)
    script = text[text.rindex("<script>") + len("<script>") : text.rindex("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text
    assert "innerHTML" not in script


def test_volumes_and_their_intervals_are_shown(tmp_path):
    row = _row(case="a", WT_ml=10.0, TC_ml=5.0, ET_ml=0.0, WT_longest_mm=30.0)
    ends = {
        f"{region}_{end}_ml": value for region in ("WT", "TC", "ET") for end, value in (("low", 1.0), ("high", 2.0))
    }
    _, shown = _page(tmp_path / "i.html", [{**row, **ends}])
    assert shown[0][2:6] == [10.0, 5.0, 0.0, [[1.0, 2.0]] * 3] and shown[0][8] == 30.0


@pytest.mark.parametrize("verdict", ["familiar", "unusual", "unlike the training data", None])
def test_every_verdict_has_its_place_in_the_order(tmp_path, verdict):
    text, shown = _page(tmp_path / "i.html", [_row(case="a", verdict=verdict)])
    ranks = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])["ranks"]
    assert shown[0][1] in ranks
