from __future__ import annotations

import csv
import json

import pytest
from BrainTumorVAESegLib.cohort.table import COLUMNS, row_of, severity, write_csv, write_failures, write_parquet
from BrainTumorVAESegLib.cohort.task import run_case
from pyarrow import parquet


@pytest.fixture
def summary(task) -> dict:
    run_case(task)
    return json.loads((task.out / "cases" / "P000" / "P000.json").read_text())


def test_a_row_tells_what_the_summary_tells(summary):
    verdict = {"familiarity": "unusual", "reasons": [{"message": "T1 looks noisier."}, {"message": "So does T2."}]}
    row = row_of({**summary, "input": verdict, "intervals_ml": {"WT": [1.5, 2500.0]}}, "key")
    assert list(row) == list(COLUMNS)
    assert (row["verdict"], row["reasons"]) == ("unusual", "T1 looks noisier. So does T2.")
    assert (row["WT_low_ml"], row["WT_high_ml"], row["ET_low_ml"]) == (1.5, 2500.0, None)
    assert row["worst_finding"] == "note"
    assert row["findings"].startswith("note: T1, T1ce, T2, FLAIR: the slices are thick (6 x 6 x 6 mm)")
    assert (row["WT_lesions"], row["ET_lesions"], row["ET_longest_mm"]) == (1, 0, None)
    largest = max(lesion["diameters"]["longest_mm"] for lesion in summary["measures"]["whole"]["lesions"])
    assert row["WT_longest_mm"] == largest > 100
    assert row["stage_1_s"] == summary["timings_s"]["stage 1"]


def test_every_cell_is_of_its_columns_kind(summary):
    row = row_of(summary, "key")
    for column, kind in COLUMNS.items():
        assert row[column] is None or isinstance(row[column], (float, int) if kind is float else kind), column


def _row(**cells: object) -> dict:
    return {**dict.fromkeys(COLUMNS), **cells}


def test_the_worst_comes_first():
    rows = [
        _row(case="a", verdict="familiar"),
        _row(case="b", verdict="familiar", worst_finding="warning"),
        _row(case="c"),
        _row(case="d", verdict="unlike the training data"),
        _row(case="e", verdict="unusual"),
    ]
    assert [row["case"] for row in sorted(rows, key=severity)] == ["d", "e", "c", "b", "a"]


def test_both_tables_hold_the_same_and_parquet_keeps_kinds(tmp_path):
    rows = [_row(case="=1+1", WT_ml=1.25, WT_lesions=2, notes="ж"), _row(case="b")]
    write_csv(tmp_path / "t.csv", rows)
    write_parquet(tmp_path / "t.parquet", rows)
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as stream:
        first, second = csv.DictReader(stream)
    assert (first["case"], first["WT_ml"], first["WT_lesions"]) == ("'=1+1", "1.25", "2")
    assert second["WT_ml"] == ""
    table = parquet.read_table(tmp_path / "t.parquet")
    assert table.to_pylist() == rows and table.column_names == list(COLUMNS)


def test_tables_without_a_row_have_their_columns(tmp_path):
    write_csv(tmp_path / "t.csv", [])
    write_parquet(tmp_path / "t.parquet", [])
    write_failures(tmp_path / "f.csv", [])
    assert (tmp_path / "t.csv").read_text().startswith("case,verdict,")
    assert parquet.read_table(tmp_path / "t.parquet").num_rows == 0
    assert (tmp_path / "f.csv").read_text() == "case,state,why\n"


def test_failures_are_told_one_sentence_each_by_name(tmp_path):
    write_failures(tmp_path / "f.csv", [("b", "failed", "why, so"), ("a", "set aside", "x\ny")])
    assert (tmp_path / "f.csv").read_text() == 'case,state,why\na,set aside,x y\nb,failed,"why, so"\n'
