from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass

import pytest
from BrainTumorVAESegLib.cohort.index import write_index
from BrainTumorVAESegLib.cohort.outcome import Outcome, State
from BrainTumorVAESegLib.cohort.table import COLUMNS

EVIL = "</script><img src=x onerror=alert(1)>&@TITLE@"


def _row(**cells: object) -> dict:
    return {**dict.fromkeys(COLUMNS), **cells}


@dataclass(frozen=True)
class Shown:
    """A row as the page's script takes it apart."""

    name: str
    state: str
    kind: str
    volumes: list[float]
    ends: list[float] | int
    longest: float | None
    lesions: int | None
    enhancing: list[float] | int
    said: str
    link: str | int


def _page(path, rows=(), failures=(), title="Cohort", links=None) -> tuple[str, list[Shown]]:
    write_index(path, title, "two", rows, failures, links or {})
    text = path.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    data = json.loads(found[1])
    cell = {name: int(place) for name, place in re.findall(r"(\w+): (\d+)", re.search(r"CELL = {([^}]*)}", text)[1])}
    assert sorted(cell.values()) == list(range(len(cell)))

    def shown(row: list) -> Shown:
        assert len(row) == len(cell)
        texts = " ".join(data["texts"][place] for place in row[cell["texts"]])
        volumes = [row[cell[region]] for region in ("WT", "TC", "ET")]
        state, kind = data["ranks"][row[cell["rank"]]]
        return Shown(
            row[cell["name"]], state, kind, volumes, row[cell["ends"]], row[cell["longest"]], row[cell["lesions"]],
            row[cell["enhancing"]], texts, row[cell["link"]],
        )  # fmt: skip

    return text, [shown(row) for row in data["rows"]]


def test_failures_come_first_and_then_the_worst(tmp_path):
    rows = [_row(case="fine", verdict="familiar"), _row(case="odd", verdict="unlike the training data")]
    _, shown = _page(tmp_path / "i.html", rows, [Outcome("broken", State.FAILED, "It is empty.", 3)])
    assert [row.name for row in shown] == ["broken", "odd", "fine"]
    assert [row.kind for row in shown] == ["failed", "unlike", "familiar"]
    assert shown[0].said == "It is empty." and shown[0].state == "failed"


def test_a_row_leads_to_its_report_or_else_to_its_summary(tmp_path):
    text, shown = _page(tmp_path / "i.html", [_row(case="a"), _row(case="b")], links={"b": "b.html"})
    assert [row.link for row in shown] == [0, "b.html"] and 'row[CELL.link] || name + ".json"' in text


def test_texts_of_others_stay_texts(tmp_path):
    failures = [Outcome(EVIL, State.FAILED, EVIL)]
    text, shown = _page(tmp_path / "i.html", [_row(case="a", findings=EVIL)], failures, title=EVIL)
    assert "<img src=x" not in text and text.count("</script>") == 2
    assert shown[0].name == EVIL and shown[1].said == EVIL


def test_the_page_asks_no_network_and_runs_its_own_script_alone(tmp_path):
    text, _ = _page(tmp_path / "i.html")
    assert not re.search(r"https?://", text)
    script = text[text.rindex("<script>") + len("<script>") : text.rindex("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text
    assert "innerHTML" not in script


def test_volumes_and_their_intervals_are_shown(tmp_path):
    row = _row(case="a", WT_ml=10.04, TC_ml=5.0, ET_ml=0.0, WT_longest_mm=29.8)
    ends = {
        f"{region}_{end}_ml": value for region in ("WT", "TC", "ET") for end, value in (("low", 1.0), ("high", 2.0))
    }
    _, shown = _page(tmp_path / "i.html", [{**row, **ends}])
    assert (shown[0].volumes, shown[0].ends, shown[0].longest) == ([10.0, 5.0, 0.0], [1.0, 2.0] * 3, 30)


def test_diameter_and_number_of_lesions_are_of_one_region(tmp_path):
    whole = {"WT_longest_mm": 57.4, "WT_lesions": 2}
    rows = [_row(case="a", **whole, ET_longest_mm=45.8, ET_lesions=1), _row(case="b", **whole, ET_lesions=0)]
    text, shown = _page(tmp_path / "i.html", rows)
    assert [(row.longest, row.lesions, row.enhancing) for row in shown] == [(57, 2, [46, 1]), (57, 2, 0)]
    assert "in 80 % of cases" in text and '"WT mm"' in text and '"WT lesions"' in text


@pytest.mark.parametrize("verdict", ["familiar", "unusual", "unlike the training data", None])
def test_every_verdict_has_its_place_in_the_order(tmp_path, verdict):
    _, shown = _page(tmp_path / "i.html", [_row(case="a", verdict=verdict)])
    assert shown[0].state == (verdict or "not judged")


def test_what_many_rows_tell_is_there_once(tmp_path):
    said = {"reasons": "It is odd.", "findings": "note: one; note: two", "notes": "It was turned."}
    text, shown = _page(tmp_path / "i.html", [_row(case=name, **said) for name in "abc"])
    assert {row.said for row in shown} == {"It is odd. note: one note: two It was turned."}
    assert text.count("It was turned.") == 1
