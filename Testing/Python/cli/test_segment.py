"""`braintumorvaeseg segment`: what it writes and prints."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib import __version__
from BrainTumorVAESegLib.core.disk.claims import claim
from BrainTumorVAESegLib.core.rounding import as_written
from BrainTumorVAESegLib.images.reading import read_volume
from BrainTumorVAESegLib.models.library import find_package
from BrainTumorVAESegLib.phantom.phantom import Phantom

from .conftest import write_model

NAMES = ["PATIENT-1.json", "PATIENT-1.seg.nrrd", "PATIENT-1_seg.nii.gz"]


def brain_of(phantom: Phantom) -> np.ndarray:
    """Where any volume of the phantom is not 0."""
    return np.any([phantom.study[modality].array != 0 for modality in phantom.study], axis=0)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_case_becomes_a_label_map_a_slicer_segmentation_and_a_summary(
    command, case: Path, out: Path, phantom
) -> None:
    outcome = command("segment", case, "--out", out)
    assert outcome.code == 0, outcome.err
    assert names_in(out) == sorted(NAMES)
    labels = read_volume(out / "PATIENT-1_seg.nii.gz")
    assert labels.geometry.same_grid(phantom.study.reference_volume.geometry)
    assert (labels.array == 2 * brain_of(phantom)).all()
    assert (sitk.GetArrayFromImage(sitk.ReadImage(str(out / "PATIENT-1.seg.nrrd"))) == labels.array).all()


def test_people_see_volumes_and_where_the_files_lie(command, case: Path, out: Path) -> None:
    outcome = command("segment", case, "--out", out)
    volume = json.loads((out / "PATIENT-1.json").read_text())["volumes_ml"]["WT"]
    rows = [line.split() for line in outcome.out.splitlines()]
    assert ["WT", "Whole", "tumor", f"{volume:.1f}"] in rows
    assert ["ET", "Enhancing", "tumor", "0.0"] in rows
    assert "by all-edema 1.2.3 on cpu" in outcome.out
    assert str(out / "PATIENT-1_seg.nii.gz") in outcome.out
    assert "Research use only, not a medical device; made for pre-operative glioma." in outcome.out


def test_the_progress_goes_to_standard_error_a_line_for_each_step(command, case: Path, out: Path) -> None:
    lines = command("segment", case, "--out", out).err.splitlines()
    assert [line.split("%  ")[1] for line in lines] == ["load the model", "check", "prepare", "stage 1", "restore"]


def test_machines_get_json_and_nothing_else(command, case: Path, out: Path, phantom) -> None:
    outcome = command("segment", case, "--out", out, "--json")
    summary = outcome.json
    assert summary == json.loads((out / "PATIENT-1.json").read_text())
    volume = brain_of(phantom).sum() * 0.216
    assert summary["volumes_ml"] == pytest.approx({"NCR": 0, "ED": volume, "ET": 0, "WT": volume, "TC": 0})
    assert (summary["empty"], summary["name"], summary["regions"]) == (False, "PATIENT-1", [])
    package = find_package("all-edema")
    assert summary["package"] == {"name": "all-edema", "version": "1.2.3", "sha256": package.sha256}
    assert summary["versions"]["braintumorvaeseg"] == __version__
    steps = {"read", "check", "prepare", "stage 1", "restore", "judge", "write", "measure", "total"}
    assert steps == set(summary["timings_s"])
    assert summary["files"]["labels"] == "PATIENT-1_seg.nii.gz"


def test_the_summary_holds_measures_of_the_lesions_and_people_see_the_targets(
    command, case: Path, out: Path, shipped: Path
) -> None:
    write_model(shipped, "all-enhancing", (5.0, 5.0, 5.0))
    outcome = command("segment", case, "--out", out, "--model", "all-enhancing")
    summary = json.loads((out / "PATIENT-1.json").read_text())
    measures = summary["measures"]
    assert (measures["necrotic_share"], measures["enhancing_share"]) == (0, 1)
    lesion, *others = measures["enhancing"]["lesions"]
    assert lesion["volume_ml"] == pytest.approx(summary["volumes_ml"]["ET"]) and others == []
    found = lesion["diameters"]
    assert 100 < found["perpendicular_mm"] < found["longest_mm"] < 200 and lesion["target"]
    assert lesion["side"]["left_share"] == pytest.approx(0.5, abs=0.05)
    size = f"{found['longest_mm']:.1f} x {found['perpendicular_mm']:.1f}".split()
    rows = [line.split() for line in outcome.out.splitlines()]
    product = f"{found['product_mm2']:.0f}"
    assert ["ET", "1", lesion["side"]["side"], str(found["slice"]), *size, product] in rows
    assert ["sum", product] in rows


def test_the_summary_tells_numbers_as_a_reader_would_write_them(command, case: Path, out: Path, shipped: Path) -> None:
    write_model(shipped, "all-enhancing", (5.0, 5.0, 5.0))
    summary = command("segment", case, "--out", out, "--model", "all-enhancing", "--json").json
    assert summary["measures"]["enhancing"]["lesions"]
    assert summary == as_written(summary) == json.loads((out / "PATIENT-1.json").read_text())


def test_what_a_library_prints_does_not_disturb_the_json(command, case: Path, out: Path, monkeypatch) -> None:
    from BrainTumorVAESegLib.cases import reading

    read_study = reading.read_study

    def chatty(*arguments: object) -> object:
        print("hello from a library")
        return read_study(*arguments)

    monkeypatch.setattr(reading, "read_study", chatty)
    outcome = command("segment", case, "--out", out, "--json")
    assert outcome.json["name"] == "PATIENT-1"
    assert "hello from a library" in outcome.err


def test_an_empty_segmentation_is_said_plainly_and_is_no_error(command, case: Path, out: Path) -> None:
    outcome = command("segment", case, "--out", out, "--model", "nothing")
    assert outcome.code == 0
    assert "No tumor was found: the segmentation is empty." in outcome.out
    assert outcome.out.count("the segmentation is empty") == 1
    assert "Whole tumor" not in outcome.out
    assert json.loads((out / "PATIENT-1.json").read_text())["empty"] is True
    assert not read_volume(out / "PATIENT-1_seg.nii.gz").array.any()


def test_four_files_serve_as_well_as_a_folder(command, case: Path, out: Path) -> None:
    files = [f"--{m}={case / f'PATIENT-1_{m}.nii.gz'}" for m in ("t1", "t1ce", "t2", "flair")]
    outcome = command("segment", *files, "--out", out)
    assert outcome.code == 0, outcome.err
    assert names_in(out) == sorted(NAMES)


def test_the_name_of_the_results_can_be_chosen(command, case: Path, out: Path) -> None:
    assert command("segment", case, "--out", out, "--name", "follow-up.2").code == 0
    assert names_in(out) == ["follow-up.2.json", "follow-up.2.seg.nrrd", "follow-up.2_seg.nii.gz"]


@pytest.mark.parametrize(("numbering", "value"), [("msd", 1), ("brats2021", 2)])
def test_the_label_map_has_the_values_asked_for(command, case: Path, out: Path, numbering: str, value: int) -> None:
    assert command("segment", case, "--out", out, "--labels", numbering).code == 0
    assert set(read_volume(out / "PATIENT-1_seg.nii.gz").array.ravel().tolist()) == {0, value}
    assert json.loads((out / "PATIENT-1.json").read_text())["labels"] == numbering


def test_probabilities_and_a_picture_are_written_on_request(command, case: Path, out: Path) -> None:
    outcome = command("segment", case, "--out", out, "--probabilities", "--montage")
    assert outcome.code == 0, outcome.err
    assert names_in(out) == sorted([*NAMES, "PATIENT-1.png", "PATIENT-1_probabilities.nii.gz"])
    assert (out / "PATIENT-1.png").read_bytes().startswith(b"\x89PNG")
    probabilities = sitk.ReadImage(str(out / "PATIENT-1_probabilities.nii.gz"))
    assert probabilities.GetSize() == (28, 34, 26, 3)


def test_results_that_exist_are_replaced_only_on_request(command, case: Path, out: Path) -> None:
    out.mkdir(parents=True)
    edited = out / "PATIENT-1.seg.nrrd"
    edited.write_text("edited by hand")
    refused = command("segment", case, "--out", out)
    assert (refused.code, edited.read_text(), names_in(out)) == (7, "edited by hand", [edited.name])
    assert "--overwrite" in refused.error
    assert command("segment", case, "--out", out, "--overwrite").code == 0
    assert names_in(out) == sorted(NAMES)
    assert edited.read_bytes().startswith(b"NRRD")


@pytest.mark.parametrize("named", [False, True], ids=["folder", "files"])
def test_a_model_that_can_do_without_an_image_goes_on_and_says_so(
    command, case: Path, out: Path, tmp_path: Path, undemanding: str, named: bool
) -> None:
    folder = Path(shutil.copytree(case, tmp_path / "mine"))
    (folder / "PATIENT-1_t1ce.nii.gz").unlink()
    given = [f"--{m}={folder / f'PATIENT-1_{m}.nii.gz'}" for m in ("t1", "t2", "flair")] if named else [folder]
    outcome = command("segment", *given, "--out", out, "--model", undemanding, "--json")
    assert outcome.code == 0, outcome.err
    summary = outcome.json
    assert summary["reference"] == "FLAIR" and sorted(summary["images"]) == ["FLAIR", "T1", "T2"]
    (finding,) = [finding for finding in summary["findings"] if finding["code"] == "missing"]
    assert (finding["severity"], finding["modality"]) == ("warning", "T1ce")
    assert any("without T1ce" in note and "less sure" in note for note in summary["notes"])
    shown = command("segment", *given, "--out", out, "--model", undemanding, "--overwrite").out
    assert "T1ce: there is no such volume; the model goes on without it." in " ".join(shown.split())


def test_the_summary_tells_the_images_by_name_and_hash_and_no_folder(command, case: Path, out: Path) -> None:
    summary = command("segment", case, "--out", out, "--json").json
    for told in summary["images"].values():
        assert told["sha256"] == hashlib.sha256((case / told["file"]).read_bytes()).hexdigest()
    assert str(case.parent) not in (out / "PATIENT-1.json").read_text()


def test_a_name_that_another_process_writes_is_refused_before_computing(command, case: Path, out: Path) -> None:
    with claim(out, "PATIENT-1"):
        outcome = command("segment", case, "--out", out, "--overwrite")
    assert outcome.code == 7 and "another process is writing this" in outcome.err
    assert not out.exists() and not outcome.out


@pytest.mark.parametrize("name", ["a\udcff", "a" * 260, "loop/a"])
def test_a_folder_that_can_never_be_written_is_told_before_computing(command, case: Path, tmp_path, name) -> None:
    (tmp_path / "loop").symlink_to("loop")
    outcome = command("segment", case, "--out", tmp_path / name)
    assert outcome.code == 7 and "cannot be written" in outcome.err and "load the model" not in outcome.err


def test_the_frames_of_one_file_are_segmented_in_the_order_that_is_told(
    command, case: Path, out: Path, tmp_path: Path
) -> None:
    from BrainTumorVAESegLib.core.modalities import MODALITIES

    images = [sitk.ReadImage(str(next(case.glob(f"*_{modality.value.lower()}.nii.gz")))) for modality in MODALITIES]
    path = tmp_path / "P-7.nii.gz"
    sitk.WriteImage(sitk.JoinSeries([images[3], *images[:3]]), str(path))
    outcome = command("segment", path, "--out", out)
    assert (outcome.code, outcome.out) == (3, "") and "give --frames" in outcome.error and not out.exists()
    outcome = command("segment", path, "--out", out, "--frames", "flair,T1,T1ce,T2")
    assert outcome.code == 0, outcome.err
    assert "P-7.nii.gz: frames 0 FLAIR, 1 T1, 2 T1ce, 3 T2, as given" in outcome.err.splitlines()
    command("segment", case, "--out", out)
    mine, theirs = (read_volume(out / f"{name}_seg.nii.gz").array for name in ("P-7", "PATIENT-1"))
    assert (mine == theirs).all() and mine.any()


@pytest.mark.parametrize(
    "arguments", [("--frames", "FLAIR,T1,T1,T2"), ("--frames", "a,b"), ("--frames", "FLAIR,T1,T1ce,T2")]
)
def test_an_order_of_frames_that_cannot_be_meant_is_refused(command, case: Path, out: Path, arguments) -> None:
    outcome = command("segment", case, "--out", out, *arguments)
    assert (outcome.code == 2 and "--frames" in outcome.error) or "modality" in outcome.error


def test_a_case_given_by_a_link_keeps_its_given_name(command, case: Path, out: Path, tmp_path: Path) -> None:
    (tmp_path / "GIVEN").symlink_to(case)
    assert command("segment", tmp_path / "GIVEN", "--out", out).code == 0
    assert "GIVEN_seg.nii.gz" in names_in(out)
