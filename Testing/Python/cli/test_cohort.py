from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from BrainTumorVAESegLib.cases.searching import find_cases
from BrainTumorVAESegLib.cohort.attempts import Attempts
from BrainTumorVAESegLib.cohort.contents import settings_key, stamp_of
from BrainTumorVAESegLib.cohort.places import Places
from BrainTumorVAESegLib.cohort.settings import CohortOptions
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.models.package import read_package
from cohorts import die, link_case, settle
from dicomstudies import write_study


@pytest.fixture(scope="session")
def old_case(case: Path) -> Path:
    """A case that nobody touched lately."""
    settle(case)
    return case


@pytest.fixture
def data(old_case: Path, tmp_path: Path) -> Path:
    """A folder of two cases that nobody touched lately."""
    for name in ("P1", "P2"):
        link_case(old_case, tmp_path / "data" / name)
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def shipped(made_models: Path) -> Path:
    """The workers, which are processes of their own, find the models here as well."""
    return made_models


@pytest.fixture
def cohort(command, data, out, made_models):
    """Run the command on the data, with one process and a package whose answer is known."""

    def call(*more: object, data: Path = data):
        return command(
            "cohort", data, "--out", out, "--model", made_models / "all-edema", "--workers", 1, "--device", "cpu", *more
        )

    return call


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(("where", "left"), [((), False), (("--scheduler", "tcp://elsewhere:8786"), True)])
def test_a_canceled_command_removes_what_its_own_processes_left(
    command, data, out, made_models, monkeypatch, where, left
):
    work = Places(out).work

    def compute(*_: object) -> None:
        (work / ".writing-0123456789ab").mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr("BrainTumorVAESegLib.cli.cohort._Run._compute", compute)
    outcome = command("cohort", data, "--out", out, "--model", made_models / "all-edema", *where)
    assert (outcome.code, work.exists()) == (130, left)


def test_a_cohort_is_done_told_and_not_done_twice(cohort, data, out, case):
    shutil.copytree(data / "P1", data / "P3")
    for image in (data / "P3").iterdir():
        image.write_bytes(b"no image")
    ended = cohort("--json")
    assert ended.code == 3 and ended.json["finished"] == 2
    assert [failed["case"] for failed in ended.json["failed"]] == ["P3"]
    assert [row["case"] for row in _table(out / "cohort.csv")] == ["P1", "P2"]
    assert [(row["case"], row["state"]) for row in _table(out / "failures.csv")] == [("P3", "failed")]
    assert (out / "cases" / "P2" / "P2_seg.nii.gz").is_file() and not (out / "cases" / "P3").exists()
    assert "P3" in (out / "index.html").read_text()
    shutil.rmtree(data / "P3")
    # Without a process: nothing is left to do, by what is known of the files.
    again = cohort()
    assert again.code == 0 and "2 done before, 0 to do" in again.err
    assert _table(out / "failures.csv") == []
    # With other times the contents tell.
    for name in ("P1", "P2"):
        shutil.rmtree(data / name)
        shutil.copytree(case, data / name)
    changed = data / "P2" / "PATIENT-1_t2.nii.gz"
    changed.write_bytes(changed.read_bytes() + b"\0")
    planned = cohort("--dry-run", "--json").json
    assert (planned["done"], planned["to_do"]) == (["P1"], ["P2"])


def test_a_dry_run_lists_and_writes_nothing(cohort, data, out):
    (data / "P1" / "PATIENT-1_t2.nii.gz").unlink()
    ended = cohort("--dry-run")
    assert ended.code == 0
    assert f"to do       P2  {data / 'P2'}" in ended.out and "no case     P1" in ended.out and "T2" in ended.out
    assert "1 to do, 0 set aside, 0 done, 1 no case" in ended.out
    assert not out.exists()
    assert cohort("--dry-run", "--json").json["to_do"] == ["P2"]


def test_a_dry_run_says_which_series_a_study_lacks(cohort, data, phantom):
    volumes = phantom.study.volumes
    write_study({m: volumes[m] for m in (Modality.T1CE, Modality.T2)}, data / "scans")
    ended = cohort("--dry-run")
    assert ended.code == 0 and "2 to do, 0 set aside, 0 done, 1 no case" in ended.out
    assert f"no case     scans  {data / 'scans'}: no series is surely T1, FLAIR" in ended.out
    told = cohort("--dry-run", "--json").json
    assert told["no_case"] == ["scans"] and "no series is surely T1, FLAIR" in told["why"]["scans"]


def test_what_was_set_aside_is_named_and_to_do_again_with_retry(cohort, data, out, made_models):
    shutil.rmtree(data / "P2")
    (case,), _ = find_cases([data])
    attempts = Attempts(Places(out), "P1", "old")
    die(attempts, 3)
    package = read_package(made_models / "all-edema")
    attempts.set_aside(f"{stamp_of(case)} {settings_key(package.sha256, CohortOptions())}")
    ended = cohort("--json")  # without a process: nothing is to do
    assert ended.code == 1 and ended.json["finished"] == 0
    assert [(each["case"], each["state"]) for each in ended.json["failed"]] == [("P1", "set aside")]
    assert [row["case"] for row in _table(out / "failures.csv")] == ["P1"]
    planned = cohort("--dry-run", "--json").json
    assert (planned["set_aside"], planned["to_do"]) == (["P1"], [])
    planned = cohort("--dry-run", "--retry", "--json").json
    assert (planned["set_aside"], planned["to_do"]) == ([], ["P1"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--scheduler", "tcp://127.0.0.1:9"], 2, "--workers starts processes here"),
        (["--labels", "nothing"], 2, "nothing"),
    ],
)
def test_options_that_do_not_go_together_are_told(cohort, arguments, code, said):
    ended = cohort(*arguments)
    assert ended.code == code and said in ended.error


def test_results_among_the_data_are_refused(command, data, made_models):
    ended = command("cohort", data, "--out", data / "results", "--model", made_models / "all-edema")
    assert ended.code == 3 and "taken for cases" in ended.error


def test_a_folder_of_another_cohort_is_refused(command, cohort, data, out, made_models):
    out.mkdir(parents=True)
    told = {"data": "0", "names": ["others"], "package": {"name": "old", "version": "1"}, "options": {}}
    (out / "cohort.json").write_text(json.dumps(told))
    ended = cohort()
    assert ended.code == 7 and "holds the cohort others, by old 1" in ended.error


def test_a_list_with_an_unknown_column_is_refused(cohort, tmp_path):
    (tmp_path / "list.csv").write_text("case,fodler\na,b\n")
    ended = cohort(data=tmp_path / "list.csv")
    assert ended.code == 3 and "unknown column 'fodler'" in ended.error


def test_without_the_extra_it_says_what_to_install(cohort, monkeypatch):
    from BrainTumorVAESegLib.cli.support import dependencies

    monkeypatch.setattr(dependencies.importlib.util, "find_spec", lambda name: None)
    ended = cohort()
    assert ended.code == 9 and "pip install 'braintumorvaeseg[cohort]'" in ended.error


def test_the_cases_are_those_that_a_search_finds(data):
    assert [case.name for case in find_cases([data])[0]] == ["P1", "P2"]
