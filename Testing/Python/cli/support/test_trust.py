"""`models calibrate`, and what `segment` says of its input with a package that was calibrated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.phantom.cases import write_phantoms


@pytest.fixture(scope="module")
def known_cases(tmp_path_factory) -> Path:
    """A folder of six small made cases."""
    folder = tmp_path_factory.mktemp("known")
    assert len(list(write_phantoms(folder, 6, 0, 4.0))) == 6
    return folder


@pytest.fixture
def calibrated(command, known_cases, tmp_path) -> Path:
    outcome = command("models", "calibrate", "all-edema", "--data", known_cases, "--out", tmp_path / "calibrated")
    assert outcome.code == 0, outcome.err
    assert "calibrated all-edema 1.2.3 on 6 cases" in outcome.out
    return tmp_path / "calibrated"


def test_a_case_of_the_known_kind_is_told_familiar_with_its_interval(command, known_cases, calibrated, out) -> None:
    case = sorted(known_cases.iterdir())[1]
    outcome = command("segment", case, "--model", calibrated, "--out", out, "--strict", "--force")
    assert outcome.code == 0, outcome.err
    assert "Input: familiar" in outcome.out
    told = json.loads((out / f"{case.name}.json").read_text())
    low, high = told["intervals_ml"]["WT"]
    assert low <= told["volumes_ml"]["WT"] <= high


def test_swapped_files_are_named_and_end_a_strict_run_with_its_results_written(
    command, known_cases, calibrated, out
) -> None:
    case = sorted(known_cases.iterdir())[1]
    files = {name: next(case.glob(f"*{name}.nii.gz")) for name in ("t1", "t1ce", "t2", "flair")}
    given = ("--t1", files["t1"], "--t1ce", files["t1ce"], "--t2", files["flair"], "--flair", files["t2"])
    outcome = command(
        "segment", *given, "--model", calibrated, "--out", out, "--name", "swapped", "--strict", "--force"
    )
    assert outcome.code == 4 and "unlike the training data: T2 and FLAIR look swapped." in outcome.error
    assert "Input: unlike the training data" in outcome.out
    reasons = json.loads((out / "swapped.json").read_text())["input"]["reasons"]
    assert reasons[0]["code"] == "swapped"


def test_a_model_that_was_not_calibrated_judges_nothing_and_a_strict_run_says_so(command, case, out) -> None:
    outcome = command("segment", case, "--out", out, "--strict", "--json")
    assert outcome.code == 4 and "was not calibrated" in outcome.error
    assert outcome.json["input"] is None and outcome.json["intervals_ml"] == {}


def test_too_few_cases_leave_nothing_behind(command, known_cases, tmp_path) -> None:
    one = sorted(known_cases.iterdir())[0]
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / one.name).symlink_to(one)
    outcome = command("models", "calibrate", "all-edema", "--data", tmp_path / "one", "--out", tmp_path / "calibrated")
    assert outcome.code == 3 and "1 cases are too few" in outcome.error and not (tmp_path / "calibrated").exists()


def test_a_table_tells_which_cases_are_of_one_patient(command, known_cases, tmp_path, monkeypatch) -> None:
    seen = {}

    def observe(package, cases, more, report) -> None:
        seen.update({case.name: case.patient for case in (*cases, *more)})
        raise InputError("enough was seen")

    monkeypatch.setattr("BrainTumorVAESegLib.trust.calibrating.observe_cases", observe)
    names = [case.name for case in sorted(known_cases.iterdir())]
    table = tmp_path / "patients.csv"
    table.write_text(f"case,patient\n{names[0]},somebody\n{names[4]},somebody\n")
    command_line = ("models", "calibrate", "all-edema", "--data", known_cases, "--out", tmp_path / "calibrated")
    outcome = command(*command_line, "--patients", table)
    assert "enough was seen" in outcome.error
    assert [name for name, patient in seen.items() if patient == "somebody"] == [names[0], names[4]]
    table.write_text("case,patient\nnobody,somebody\n")
    outcome = command(*command_line, "--patients", table)
    assert outcome.code == 3 and "names none of the 6 cases" in outcome.error


def test_images_of_more_cases_and_a_diagram_come_with_it(command, known_cases, tmp_path) -> None:
    apart = {name: tmp_path / name for name in ("unseen", "more")}
    for number, case in enumerate(sorted(known_cases.iterdir())):
        folder = apart["unseen" if number < 3 else "more"]
        folder.mkdir(exist_ok=True)
        (folder / case.name).symlink_to(case)
    outcome = command(
        *("models", "calibrate", "all-edema", "--data", apart["unseen"], "--images", apart["more"]),
        *("--out", tmp_path / "calibrated", "--figure", tmp_path / "error.png", "--json"),
    )
    assert outcome.code == 0, outcome.err
    assert (outcome.json["cases"], outcome.json["images"]) == (3, 3)
    assert set(outcome.json["calibration_error"]) == {"WT", "TC", "ET"}
    assert (tmp_path / "error.png").read_bytes().startswith(b"\x89PNG")
    known = json.loads((tmp_path / "calibrated" / "configs" / "trust.json").read_text())
    assert len(known["measures"]["brain_ml"]) == 6 and len(known["measures"]["tumor"]) == 3
