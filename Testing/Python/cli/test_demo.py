"""`braintumorvaeseg demo`: what it makes, writes and prints."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.reading import read_case
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.images.reading import read_volume
from BrainTumorVAESegLib.phantom import phantom as phantom_file
from BrainTumorVAESegLib.reporting import montage

RESULTS = ["phantom.json", "phantom.png", "phantom.seg.nrrd", "phantom_seg.nii.gz"]


@pytest.fixture(autouse=True)
def coarse(phantom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A phantom of few voxels in the place of the whole one."""
    import_module("BrainTumorVAESegLib.phantom.cases")  # or it would import this one, and keep it
    monkeypatch.setattr(phantom_file, "make_phantom", lambda: phantom)


@pytest.fixture
def plain_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """No picture drawn, which takes seconds, but a file in its place."""
    monkeypatch.setattr(
        montage, "write_montage", lambda study, segmentation, path, title: path.write_bytes(b"a picture")
    )


def test_the_demo_writes_the_images_the_segmentation_and_a_picture(command, out: Path, phantom) -> None:
    outcome = command("demo", "--out", out)
    assert outcome.code == 0, outcome.err
    assert sorted(path.name for path in out.iterdir()) == ["case", *RESULTS]
    study = read_case(out / "case")
    for modality in MODALITIES:
        assert np.array_equal(study[modality].array, phantom.study[modality].array)
    assert np.array_equal(read_volume(out / "case" / "phantom_truth_seg.nii.gz").array, phantom.labels)
    assert (out / "phantom.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("plain_picture")
def test_the_demo_says_what_it_does_and_how_well(command, out: Path, phantom) -> None:
    outcome = command("demo", "--out", out)
    steps = [line[:3] for line in outcome.err.splitlines() if line[1:3] == "/4"]
    assert steps == ["1/4", "2/4", "3/4", "4/4"]
    tumor = (phantom.labels > 0).sum()
    brain = np.any([phantom.study[modality].array != 0 for modality in MODALITIES], axis=0).sum()
    rows = [line.split() for line in outcome.out.splitlines()]
    volumes = [f"{brain * 0.216:.1f}", f"{tumor * 0.216:.1f}"]
    assert ["WT", "Whole", "tumor", *volumes, f"{2 * tumor / (tumor + brain):.3f}"] in rows
    assert ["ED", "Edema", volumes[0], f"{(phantom.labels == 2).sum() * 0.216:.1f}"] in rows
    assert str(out / "case") in outcome.out


@pytest.mark.usefixtures("plain_picture")
def test_the_demo_repeats_over_its_own_files(command, out: Path) -> None:
    assert command("demo", "--out", out).code == 0
    again = command("demo", "--out", out, "--model", "nothing", "--json")
    assert again.code == 0, again.err
    assert again.json["empty"] is True
    assert again.json["dice"] == {"WT": 0.0, "TC": 0.0, "ET": 0.0}
    assert sorted(path.name for path in out.iterdir()) == ["case", *RESULTS]


@pytest.mark.usefixtures("plain_picture")
def test_the_case_of_the_demo_can_be_evaluated(command, out: Path) -> None:
    dice = command("demo", "--out", out, "--json").json["dice"]
    summary = command("evaluate", "--data", out, "--json").json["summary"]
    assert {key: measures["dice"]["mean"] for key, measures in summary.items()} == pytest.approx(dice)


@pytest.mark.usefixtures("plain_picture")
def test_a_real_case_is_held_against_its_ground_truth(command, case: Path, out: Path) -> None:
    summary = command("demo", "--out", out, "--case", case, "--json").json
    assert summary["name"] == "PATIENT-1"
    assert 0 < summary["dice"]["WT"] < 1
    assert not (out / "case").exists()


@pytest.mark.usefixtures("plain_picture")
def test_a_real_case_without_ground_truth_has_no_dice(command, case: Path, out: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for file in case.iterdir():
        if "_seg" not in file.name:
            (bare / file.name).symlink_to(file)
    outcome = command("demo", "--out", out, "--case", bare, "--json")
    assert outcome.json["dice"] is None
    assert "Dice" not in command("demo", "--out", out, "--case", bare, "--overwrite").out


def test_results_of_a_real_case_are_replaced_only_on_request(command, case: Path, out: Path) -> None:
    assert command("segment", case, "--out", out).code == 0
    labels = out / "PATIENT-1_seg.nii.gz"
    labels.write_bytes(b"edited by hand")
    outcome = command("demo", "--out", out, "--case", case)
    assert (outcome.code, "exists already; give --overwrite" in outcome.error) == (7, True)
    assert labels.read_bytes() == b"edited by hand"


def test_the_demo_fails_before_it_makes_anything(command, out: Path, tmp_path: Path, shipped: Path) -> None:
    (tmp_path / "file").write_text("")
    assert command("demo", "--out", tmp_path / "file" / "x").code == 7
    assert command("demo", "--out", out, "--model", "what").code == 5
    assert command("demo", "--out", out, "--case", tmp_path / "gone").code == 3
    assert not out.exists()
