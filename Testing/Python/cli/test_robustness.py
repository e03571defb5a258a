"""`braintumorvaeseg robustness`: a package on labeled cases whose images are changed."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from BrainTumorVAESegLib.cli import robustness
from BrainTumorVAESegLib.evaluation.changes import CHANGES

FILES = ["robustness.csv", "robustness.json"]
FEW = ("--change", "rotated-15", "--change", "gamma-0.7")


def rows_of(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_each_change_has_a_row_and_the_unchanged_comes_first(command, case: Path) -> None:
    outcome = command("robustness", "--data", case.parent, *FEW)
    assert outcome.code == 0, outcome.err
    rows = rows_of(outcome.out)
    (plain,) = [row for row in rows if row[:1] == ["unchanged"] and row[-1] == "-"]
    (gamma,) = [row for row in rows if row[:1] == ["gamma-0.7"] and len(row) == 7 and "Each" not in row]
    assert 0 < float(plain[1]) < 1 and plain[2:] == ["0.000", "0.000", "-", "-", "-"]
    assert gamma[1:] == [*plain[1:4], *["+0.000"] * 3], "the answer is the whole brain, which stays"
    assert ["gamma-0.7", "none", "-"] in rows
    assert "1 case by all-edema 1.2.3" in outcome.out
    assert all(change.sentence in outcome.out for change in CHANGES if change.key in ("unchanged", *FEW))
    assert "bias" not in outcome.out
    assert all(len(line) <= 110 for line in outcome.out.splitlines()) and "…" not in outcome.out


def test_what_is_computed_is_told_by_case_and_change(command, case: Path) -> None:
    outcome = command("robustness", "--data", case.parent, *FEW)
    assert [line for line in outcome.err.splitlines() if "of 1" in line] == [
        "  0 %  PATIENT-1, 1 of 1: unchanged",
        " 33 %  PATIENT-1, 1 of 1: gamma-0.7",
        " 67 %  PATIENT-1, 1 of 1: rotated-15",
    ]


def test_every_change_is_made_where_none_is_chosen(command, case: Path) -> None:
    report = command("robustness", "--data", case.parent, "--model", "nothing", "--json").json
    assert [score["change"] for score in report["cases"]] == [change.key for change in CHANGES]
    assert all(score["dice"] == {"WT": 0, "TC": 0, "ET": 0} for score in report["cases"]), "no tumor is found"


def test_the_values_for_machines(command, case: Path, tmp_path: Path) -> None:
    shutil.copytree(case, tmp_path / "more" / "PATIENT-2")
    folders = ("--data", case.parent, "--data", tmp_path / "more")
    report = command("robustness", *folders, "--change", "slices-3mm", "--change", "rotated-15", "--json").json
    assert report["data"] == [case.parent.name, "more"]
    assert report["package"]["name"] == "all-edema" and {"torch", "numpy"} <= set(report["versions"])
    assert [(score["case"], score["change"]) for score in report["cases"]] == [
        (name, key) for name in ("PATIENT-1", "PATIENT-2") for key in ("unchanged", "slices-3mm", "rotated-15")
    ]
    plain, slices, rotated = report["changes"]
    first = report["cases"][0]["dice"]
    assert plain["dice"] == pytest.approx(first) and plain["drop"] == 0
    assert slices["dice"] == plain["dice"], "slices of 6 mm are thick already"
    assert rotated["change"] == "rotated-15" and "15 degrees" in rotated["sentence"]
    assert rotated["difference"]["WT"] == pytest.approx(rotated["dice"]["WT"] - first["WT"])
    assert rotated["difference"]["WT"] != 0
    assert rotated["drop"] == pytest.approx(-sum(rotated["difference"].values()) / 3)
    assert rotated["worst"] == "PATIENT-1"


def test_the_files_hold_what_is_printed_for_machines(command, case: Path, out: Path) -> None:
    outcome = command("robustness", "--data", case.parent, *FEW, "--out", out, "--json")
    assert sorted(path.name for path in out.iterdir()) == FILES
    assert json.loads((out / FILES[1]).read_text()) == outcome.json
    with (out / FILES[0]).open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["change"], row["case"]) for row in rows] == [
        (key, "PATIENT-1") for key in ("unchanged", "gamma-0.7", "rotated-15")
    ]
    for row, score in zip(rows, outcome.json["cases"], strict=True):
        assert {key: float(row[key]) for key in ("WT", "TC", "ET")} == pytest.approx(score["dice"], rel=1e-5)


def test_the_case_that_falls_most_is_printed_and_where_the_files_lie(command, case: Path, out: Path) -> None:
    outcome = command("robustness", "--data", case.parent, "--change", "rotated-15", "--out", out)
    (drop,) = [change["drop"] for change in json.loads((out / FILES[1]).read_text())["changes"][1:]]
    expected = ["rotated-15", "PATIENT-1", f"{drop:.3f}"] if drop > 0 else ["rotated-15", "none", "-"]
    assert expected in rows_of(outcome.out)
    assert all(str(out / name) in outcome.out for name in FILES)


def test_an_unknown_change_is_refused_with_the_known_ones(command, case: Path) -> None:
    outcome = command("robustness", "--data", case.parent, "--change", "noise", "--change", "blur")
    assert (outcome.code, outcome.out, outcome.err.splitlines()) == (2, "", [outcome.error])
    assert "'blur'" in outcome.error and all(change.key in outcome.error for change in CHANGES)


def test_data_is_needed(command) -> None:
    outcome = command("robustness")
    assert (outcome.code, outcome.out) == (2, "") and "--data" in outcome.error


def test_the_help_names_every_change(command) -> None:
    outcome = command("robustness", "--help")
    assert outcome.code == 0 and "  braintumorvaeseg robustness" in outcome.out.split("Examples")[1]
    words = [word.strip(",.") for word in outcome.out.split()]
    assert [change.key for change in CHANGES if change.key not in words] == []


def test_results_that_exist_are_refused_before_the_computing(command, case: Path, out: Path) -> None:
    given = ("robustness", "--data", case.parent, "--change", "unchanged", "--out", out)
    out.mkdir(parents=True)
    (out / FILES[0]).write_text("old")
    outcome = command(*given)
    assert (outcome.code, outcome.err.splitlines()) == (7, [outcome.error])
    assert FILES[0] in outcome.error and (out / FILES[0]).read_text() == "old"
    assert command(*given, "--overwrite").code == 0
    assert (out / FILES[0]).read_text().startswith("change,case,WT,TC,ET\nunchanged,PATIENT-1,0.")


def test_values_that_cannot_be_written_leave_no_table_behind(
    command, case: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_the_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(robustness, "write_json", fill_the_disk)
    outcome = command("robustness", "--data", case.parent, "--change", "unchanged", "--out", out)
    assert (outcome.code, outcome.out) == (7, "") and "disk is full" in outcome.error
    assert not out.exists()


def test_two_cases_of_one_name_are_refused(command, case: Path, tmp_path: Path) -> None:
    shutil.copytree(case, tmp_path / "again" / case.name)
    outcome = command("robustness", "--data", case.parent, "--data", tmp_path / "again")
    assert outcome.code == 3 and "one name" in outcome.error and str(tmp_path / "again") in outcome.error


def test_of_a_list_one_part_is_scored(command, case: Path, tmp_path: Path) -> None:
    for name in ("A", "B"):
        shutil.copytree(case, tmp_path / "cases" / name)
    listed = tmp_path / "cases" / "split.json"
    listed.write_text('{"train": ["A"], "validation": ["B"]}')
    for options, name in (((), "B"), (("--part", "train"), "A")):
        report = command("robustness", "--data", listed, "--change", "unchanged", "--json", *options).json
        assert [score["case"] for score in report["cases"]] == [name]


def test_a_case_at_fault_is_named_and_the_others_are_scored(command, case: Path, tmp_path: Path, out: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(case, data / "whole")
    shutil.copytree(case, data / "torn")
    torn = next((data / "torn").glob("*_t2.nii.gz"))
    torn.write_bytes(torn.read_bytes()[:200])
    outcome = command("robustness", "--data", data, "--change", "gamma-0.7", "--out", out, "--json")
    assert outcome.code == 3 and {score["case"] for score in outcome.json["cases"]} == {"whole"}
    assert "1 of 2 cases cannot be used." in outcome.error and str(data / "torn") in outcome.error
    assert [fault["case"] for fault in outcome.json["faults"]] == ["torn"]
    assert sorted(path.name for path in out.iterdir()) == FILES
    shutil.rmtree(data / "whole")
    assert command("robustness", "--data", data, "--change", "gamma-0.7").code == 3
