"""`segment --maps`, `segment --explain` and `inspect`: which files of maps there are, and when there are none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.inspection import MAPS
from BrainTumorVAESegLib.images.reading import read_volume

UNCERTAINTY = "PATIENT-1_uncertainty.nii.gz"
POSSIBLE = {kind.key for kind in MAPS if kind.group in ("probability", "uncertainty", "stage1")}
"""Of a model of one stage without a VAE branch."""


def test_the_maps_asked_for_lie_beside_the_results_and_are_told(command, case: Path, out: Path, phantom) -> None:
    outcome = command("segment", case, "--out", out, "--maps", "uncertainty,stage1,attention", "--json")
    assert outcome.code == 0, outcome.err
    told = outcome.json["maps"]
    assert {each["file"] for each in told.values()} == {UNCERTAINTY, "PATIENT-1_stage1.nii.gz"}
    assert set(outcome.json["maps_unavailable"]) == {"attention-1", "attention-2", "attention-3"}
    volume = read_volume(out / UNCERTAINTY)
    assert volume.geometry.same_grid(phantom.study.reference_volume.geometry)
    assert volume.array.dtype == np.float32 and volume.array.min() >= 0 and volume.array.max() <= 1


def test_explain_writes_all_that_there_are_and_a_figure(command, case: Path, out: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra [report] is not installed")
    outcome = command("segment", case, "--out", out, "--explain")
    assert outcome.code == 0, outcome.err
    written = {path.name for path in out.iterdir()}
    assert {f"PATIENT-1_{key}.nii.gz" for key in POSSIBLE} < written and "PATIENT-1_maps.png" in written
    assert "Stage 2 did not run" in outcome.out
    assert str(out / "PATIENT-1_maps.png") in outcome.out.split("written")[1]


def test_without_them_the_summary_tells_of_none(command, case: Path, out: Path) -> None:
    assert "maps" not in command("segment", case, "--out", out, "--json").json


def test_an_unknown_map_is_a_mistake_in_the_command_line(command, case: Path, out: Path) -> None:
    outcome = command("segment", case, "--out", out, "--maps", "heat")
    assert outcome.code == 2 and "'heat' is no map; choose probability" in outcome.error and not out.exists()


def test_a_map_that_exists_is_not_replaced_unasked(command, case: Path, out: Path) -> None:
    out.mkdir(parents=True)
    (out / UNCERTAINTY).write_bytes(b"mine")
    outcome = command("segment", case, "--out", out, "--maps", "uncertainty")
    assert outcome.code == 7 and UNCERTAINTY in outcome.error
    assert [path.name for path in out.iterdir()] == [UNCERTAINTY]


def test_a_stored_result_is_looked_into_later_with_the_same_maps(
    command, case: Path, out: Path, tmp_path: Path
) -> None:
    command("segment", case, "--out", out, "--maps", "uncertainty")
    outcome = command(
        "inspect", out / "PATIENT-1.json", case, "--maps", "uncertainty", "--no-figure", "--out", tmp_path / "later"
    )
    assert outcome.code == 0, outcome.err
    later = read_volume(tmp_path / "later" / UNCERTAINTY)
    np.testing.assert_array_equal(later.array, read_volume(out / UNCERTAINTY).array)
    assert json.loads((tmp_path / "later" / "PATIENT-1_maps.json").read_text())["maps"].keys() == {"uncertainty"}


def test_another_look_does_not_replace_what_the_first_told_unasked(command, case: Path, out: Path) -> None:
    command("segment", case, "--out", out)
    look = ("inspect", out / "PATIENT-1.json", case, "--no-figure", "--maps")
    first = command(*look, "uncertainty")
    assert first.code == 0 and str(out / "PATIENT-1_maps.json") in first.out
    before = (out / "PATIENT-1_maps.json").read_bytes()
    outcome = command(*look, "stage1")
    assert outcome.code == 7 and "PATIENT-1_maps.json: exists already; give --overwrite" in outcome.error
    assert (out / "PATIENT-1_maps.json").read_bytes() == before and not (out / "PATIENT-1_stage1.nii.gz").exists()
    assert command(*look, "stage1", "--overwrite").code == 0


def test_contributions_and_mirrored_answers_are_told_on_request(command, case: Path, out: Path, tmp_path) -> None:
    command("segment", case, "--out", out)
    outcome = command(
        *("inspect", out / "PATIENT-1.json", case, "--maps", "information", "--no-figure"),
        *("--flips", "2", "--contributions", "--out", tmp_path / "later"),
    )
    assert outcome.code == 0, outcome.err
    assert "1 more pass of the networks, about" in outcome.out + outcome.err and "replaced by" in outcome.out
    told = json.loads((tmp_path / "later" / "PATIENT-1_maps.json").read_text())
    assert [row["modality"] for row in told["contributions"]] == ["T1", "T1ce", "T2", "FLAIR"]
    assert told["flips"]["answers"] == 2 and set(told["maps"]) == {"information"}


def test_what_is_no_result_or_another_models_is_refused(command, case: Path, out: Path, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("[1]")
    assert "is no result of segment" in command("inspect", tmp_path / "other.json").error
    command("segment", case, "--out", out)
    stored = json.loads((out / "PATIENT-1.json").read_text())
    stored["package"]["sha256"] = "0" * 64
    (out / "PATIENT-1.json").write_text(json.dumps(stored))
    assert "made by another all-edema" in command("inspect", out / "PATIENT-1.json", case, "--no-figure").error


def test_images_that_are_gone_or_others_are_named(command, case: Path, out: Path, tmp_path: Path) -> None:
    elsewhere = Path(shutil.copytree(case, tmp_path / "PATIENT-1"))
    command("segment", elsewhere, "--out", out)
    outcome = command("inspect", out / "PATIENT-1.json", "--no-figure")
    assert outcome.code == 3 and "is not there; name its folder" in outcome.error
    names = {name: told["file"] for name, told in json.loads((out / "PATIENT-1.json").read_text())["images"].items()}
    shutil.copyfile(elsewhere / names["T1"], elsewhere / names["T2"])
    outcome = command("inspect", out / "PATIENT-1.json", elsewhere, "--no-figure")
    assert outcome.code == 3 and f"{names['T2']} is not the image" in outcome.error
