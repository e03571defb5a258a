"""`braintumorvaeseg evaluate`: Dice of labeled cases."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from BrainTumorVAESegLib.images.phantom import PhantomSettings, make_phantom
from BrainTumorVAESegLib.images.writing import write_volume


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of one case whose truth is empty."""
    folder = tmp_path_factory.mktemp("healthy") / "HEALTHY"
    folder.mkdir()
    made = make_phantom(PhantomSettings(size=(28, 34, 26), spacing=6.0, tumors=0))
    for modality in made.study:
        write_volume(made.study[modality], folder / f"H_{modality.value.lower()}.nii.gz")
    truth = type(made.study.reference_volume)(made.labels, made.study.reference_volume.geometry)
    write_volume(truth, folder / "H_seg.nii.gz")
    return folder.parent


def test_every_case_of_every_folder_is_scored(command, case: Path, healthy: Path) -> None:
    outcome = command("evaluate", "--data", case.parent, "--data", healthy, "--model", "nothing")
    assert outcome.code == 0, outcome.err
    rows = [line.split() for line in outcome.out.splitlines()]
    for row in (["PATIENT-1", *["0.000"] * 3], ["HEALTHY", *["1.000"] * 3], ["mean", *["0.500"] * 3]):
        assert row in rows
    assert ["median", "0.500", "0.500", "0.500"] in rows
    assert "2 cases by nothing 1.2.3" in outcome.out


def test_the_scores_for_machines(command, case: Path, phantom) -> None:
    report = command("evaluate", "--data", case.parent, "--json").json
    (score,) = report["cases"]
    assert score["name"] == "PATIENT-1"
    assert score["true_volumes"]["WT"] == pytest.approx((phantom.labels > 0).sum() * 0.216)
    overlap = 2 * score["true_volumes"]["WT"] / (score["true_volumes"]["WT"] + score["volumes"]["WT"])
    assert score["dice"] == pytest.approx({"WT": overlap, "TC": 0, "ET": 0})
    assert report["mean"] == report["median"] == score["dice"]


def test_the_table_is_written_as_csv(command, case: Path, out: Path) -> None:
    report = command("evaluate", "--data", case.parent, "--csv", out / "dice.csv", "--json").json
    with (out / "dice.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["case"] == "PATIENT-1"
    assert float(row["dice_WT"]) == pytest.approx(report["mean"]["WT"], rel=1e-4)
    assert float(row["true_ml_NCR"]) == pytest.approx(report["cases"][0]["true_volumes"]["NCR"], rel=1e-4)


def test_a_folder_without_labeled_cases_is_refused(command, case: Path, tmp_path: Path) -> None:
    assert command("evaluate", "--data", tmp_path / "gone").code == 3
    assert command("evaluate", "--data", case).code == 3
    unlabeled = tmp_path / "set" / "case-7"
    unlabeled.mkdir(parents=True)
    outcome = command("evaluate", "--data", unlabeled.parent, "--json")
    assert (outcome.code, outcome.out) == (3, "")
    assert "case-7" in outcome.error


def test_a_table_that_cannot_be_written_is_refused_before_the_computing(command, case: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = command("evaluate", "--data", case.parent, "--csv", tmp_path / "file" / "dice.csv")
    assert (outcome.code, outcome.err.splitlines()) == (7, [outcome.error])
