from __future__ import annotations

from pathlib import Path

import pytest
from BrainTumorVAESegLib.cohort.places import Places
from BrainTumorVAESegLib.cohort.records import Record, install, read_record
from BrainTumorVAESegLib.core.errors import OutputError


@pytest.fixture
def places(tmp_path) -> Places:
    return Places(tmp_path)


def _make(text: str, key: str = "key"):
    def make(folder: Path) -> Record:
        (folder / "result").write_text(text)
        return Record(key, "settings", "stamp", {}, {"case": "P1"})

    return make


def test_results_and_record_come_together(places):
    install(places, "P1", _make("first"))
    assert read_record(places, "P1") == Record("key", "settings", "stamp", {"result": 5}, {"case": "P1"})
    assert list(places.work.iterdir()) == []


def test_newer_results_take_the_place_of_older_ones_whole(places):
    install(places, "P1", _make("first"))
    (places.case("P1") / "of the first alone").touch()
    install(places, "P1", _make("second", "other"))
    assert read_record(places, "P1").key == "other"
    assert sorted(path.name for path in places.case("P1").iterdir()) == [".finished.json", "result"]


def test_what_fails_leaves_the_older_results(places):
    install(places, "P1", _make("first"))

    def fail(folder: Path) -> Record:
        (folder / "result").write_text("half")
        raise OutputError("no room")

    with pytest.raises(OutputError):
        install(places, "P1", fail)
    assert (places.case("P1") / "result").read_text() == "first"
    assert read_record(places, "P1").key == "key" and list(places.work.iterdir()) == []


@pytest.mark.parametrize("damage", ["gone", "cut", "record", "list"])
def test_results_that_are_not_whole_are_not_finished(places, damage):
    install(places, "P1", _make("first"))
    result, record = places.case("P1") / "result", places.record("P1")
    if damage == "gone":
        result.unlink()
    elif damage == "cut":
        result.write_text("f")
    else:
        record.write_text("{" if damage == "record" else "[1]")
    assert read_record(places, "P1") is None


def test_a_folder_that_cannot_be_written_is_told(places):
    places.cases.parent.joinpath("cases").write_text("a file")
    with pytest.raises(OutputError, match="cannot be written"):
        install(places, "P1", _make("first"))
