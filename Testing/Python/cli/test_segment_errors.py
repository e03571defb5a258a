"""Bad input to `braintumorvaeseg segment`: one line, the right exit code, and nothing left behind."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.cli import app
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.images.reading import read_volume
from BrainTumorVAESegLib.images.writing import write_volume

FILES = {m: f"PATIENT-1_{m}.nii.gz" for m in ("t1", "t1ce", "t2", "flair")}


@pytest.fixture
def my_case(case: Path, tmp_path: Path) -> Path:
    """A copy of the case that a test may spoil."""
    return Path(shutil.copytree(case, tmp_path / "mine"))


@pytest.fixture
def refuses(command, out: Path, monkeypatch):
    """Call the command, see that it fails in one line before any computing, and return its exit code and that line."""
    from BrainTumorVAESegLib.inference.engine import Engine

    def compute(*_: object) -> None:
        raise AssertionError("nothing may be computed")

    monkeypatch.setattr(Engine, "run", compute)

    def call(*arguments: object) -> tuple[int, str]:
        outcome = command("segment", *arguments)
        assert outcome.out == ""
        assert "Traceback" not in outcome.err
        assert not out.exists()
        return outcome.code, outcome.error

    return call


def given(folder: Path, **changes: Path) -> list[str]:
    return [f"--{m}={changes.get(m, folder / name)}" for m, name in FILES.items()]


def test_a_missing_folder(refuses, tmp_path, out) -> None:
    code, line = refuses(tmp_path / "nowhere", "--out", out)
    assert (code, "nowhere" in line) == (3, True)


def test_a_folder_that_lacks_a_modality(refuses, my_case, out) -> None:
    (my_case / FILES["flair"]).unlink()
    code, line = refuses(my_case, "--out", out)
    assert (code, "FLAIR" in line) == (3, True)


def test_a_folder_of_cases_in_place_of_a_case(refuses, my_case, out) -> None:
    code, line = refuses(my_case.parent, "--out", out)
    assert (code, f"one case, such as {my_case}, or give all of them to cohort." in line) == (3, True)


def test_a_folder_with_one_file_in_place_of_that_file(refuses, my_case, out) -> None:
    for modality in ("t1", "t2", "flair"):
        (my_case / FILES[modality]).unlink()
    only = (my_case / FILES["t1ce"]).rename(my_case / "all.nii.gz")
    for other in set(my_case.iterdir()) - {only}:
        other.unlink()
    code, line = refuses(my_case, "--out", out)
    assert (code, f"where it holds all four, give {only} itself;" in line) == (3, True)


def test_a_folder_with_two_files_of_one_modality(refuses, my_case, out) -> None:
    shutil.copy(my_case / FILES["t2"], my_case / "PATIENT-1_again_t2.nii.gz")
    code, line = refuses(my_case, "--out", out)
    assert code == 3
    assert "PATIENT-1_again_t2.nii.gz" in line
    assert "T2" in line


def test_files_without_one_modality(refuses, case, out) -> None:
    code, line = refuses(*given(case)[1:], "--out", out)
    assert (code, line) == (3, "error: T1 is missing; give T1, T1ce, T2 and FLAIR.")


def test_an_image_that_even_an_undemanding_model_needs(refuses, my_case, out, undemanding) -> None:
    (my_case / FILES["t1ce"]).unlink()
    (my_case / FILES["flair"]).unlink()
    code, line = refuses(my_case, "--out", out, "--model", undemanding)
    assert (code, "no file looks like FLAIR (" in line) == (3, True)
    code, line = refuses(*given(my_case)[:1], "--out", out, "--model", undemanding)
    assert (code, line) == (3, "error: FLAIR is missing; give T1 and FLAIR (T1ce and T2 may be absent).")


def test_a_missing_image_chosen_as_the_reference(refuses, my_case, out, undemanding) -> None:
    (my_case / FILES["t1ce"]).unlink()
    code, line = refuses(my_case, "--out", out, "--model", undemanding, "--reference", "T1ce")
    assert (code, "The reference T1ce is not among the study's volumes" in line) == (3, True)


def test_one_modality_given_twice(refuses, case, out) -> None:
    code, line = refuses(*given(case), "--t2", case / FILES["flair"], "--out", out)
    assert (code, "T2 was given twice" in line) == (2, True)


def test_one_file_given_for_two_modalities(refuses, case, out, tmp_path) -> None:
    link = tmp_path / "link.nii.gz"
    link.symlink_to(case / FILES["t1"])
    code, line = refuses(*given(case, t2=link), "--out", out)
    assert code == 3
    assert "for T1 and for T2" in line


def test_a_folder_and_files_at_once(refuses, case, out) -> None:
    code, line = refuses(case, *given(case), "--out", out)
    assert (code, "one or the other" in line) == (2, True)


def test_no_images_at_all(refuses, out) -> None:
    assert refuses("--out", out)[0] == 2


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "a:b"])
def test_a_name_that_no_file_can_have(refuses, case, out, name) -> None:
    assert refuses(case, "--out", out, "--name", name)[0] == 2


def test_a_file_that_does_not_exist(refuses, case, out, tmp_path) -> None:
    code, line = refuses(*given(case, t1ce=tmp_path / "gone.nii.gz"), "--out", out)
    assert (code, "gone.nii.gz" in line) == (3, True)


def test_a_truncated_image(refuses, my_case, out) -> None:
    file = my_case / FILES["t1"]
    file.write_bytes(file.read_bytes()[:-2000])
    code, line = refuses(my_case, "--out", out)
    assert (code, file.name in line) == (3, True)


def test_a_file_that_is_no_image(refuses, my_case, out) -> None:
    (my_case / FILES["t2"]).write_text("dear diary")
    code, line = refuses(my_case, "--out", out)
    assert (code, FILES["t2"] in line) == (3, True)


def test_results_below_a_file(refuses, case, tmp_path, out) -> None:
    file = tmp_path / "file"
    file.write_text("")
    code, line = refuses(case, "--out", file / "results")
    assert (code, str(file) in line) == (7, True)


def test_results_in_a_file(refuses, case, tmp_path) -> None:
    file = tmp_path / "file"
    file.write_text("kept")
    assert refuses(case, "--out", file)[0] == 7
    assert file.read_text() == "kept"


def test_a_folder_in_the_place_of_a_result(command, case, out) -> None:
    (out / "PATIENT-1.json").mkdir(parents=True)
    outcome = command("segment", case, "--out", out, "--overwrite")
    assert (outcome.code, "PATIENT-1.json" in outcome.error) == (7, True)
    assert [path.name for path in out.iterdir()] == ["PATIENT-1.json"]


def test_an_unknown_model(refuses, case, out) -> None:
    code, line = refuses(case, "--out", out, "--model", "unheard-of")
    assert code == 5
    assert "unheard-of" in line
    assert "all-edema" in line


def test_a_damaged_model(refuses, case, out, shipped) -> None:
    weights = shipped / "all-edema" / "models" / "stage1.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    code, line = refuses(case, "--out", out, "--model", "all-edema")
    assert (code, "stage1.safetensors" in line) == (5, True)


def test_no_model_at_all(refuses, case, out, shipped) -> None:
    shutil.rmtree(shipped)
    assert refuses(case, "--out", out)[0] == 5


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA GPU")
@pytest.mark.parametrize("device", ["cuda", "cuda:3"])
def test_a_device_that_is_not_there(refuses, case, out, device) -> None:
    code, line = refuses(case, "--out", out, "--device", device)
    assert (code, "--device cpu" in line) == (6, True)


def test_too_little_memory(command, case, out) -> None:
    outcome = command("segment", case, "--out", out, "--memory", "100K", "--device", "cpu")
    assert (outcome.code, outcome.out) == (6, "")
    assert "--memory" in outcome.error
    assert not out.exists()


def test_a_picture_without_matplotlib(refuses, case, out, monkeypatch) -> None:
    monkeypatch.setattr("BrainTumorVAESegLib.cli.support.dependencies.importlib.util.find_spec", lambda name: None)
    code, line = refuses(case, "--out", out, "--montage")
    assert (code, "braintumorvaeseg[report]" in line) == (9, True)


def test_an_error_of_the_check_stops_unless_forced(command, my_case, out) -> None:
    file = my_case / FILES["t2"]
    volume = read_volume(file)
    write_volume(Volume(np.zeros_like(volume.array), volume.geometry), file)
    outcome = command("segment", my_case, "--out", out)
    assert (outcome.code, outcome.out, out.exists()) == (4, "", False)
    assert "T2" in outcome.error
    assert "--force" in outcome.error
    forced = command("segment", my_case, "--out", out, "--force", "--json")
    assert forced.code == 0, forced.err
    errors = [finding for finding in forced.json["findings"] if finding["severity"] == "error"]
    assert "T2" in {finding["modality"] for finding in errors}


def test_a_disk_that_fills_up_while_writing(command, case, out, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("BrainTumorVAESegLib.images.writing.write_segmentation_nrrd", fail)
    outcome = command("segment", case, "--out", out)
    assert (outcome.code, outcome.out, out.exists()) == (7, "", False)
    assert "disk is full" in outcome.error


def test_with_json_an_error_leaves_standard_output_empty(refuses, case, out) -> None:
    assert refuses(case, "--out", out, "--model", "unheard-of", "--json")[0] == 5


def test_on_a_terminal_each_finding_is_a_line_and_one_of_several_images_is_told_once(
    command, my_case, out, monkeypatch
) -> None:
    for name in ("t1", "t2"):
        volume = read_volume(my_case / FILES[name])
        write_volume(Volume(np.zeros_like(volume.array), volume.geometry), my_case / FILES[name])
    volume = read_volume(my_case / FILES["flair"])
    noise = np.random.default_rng(0).integers(1, 300, volume.array.shape).astype(np.int16)
    write_volume(Volume(noise, volume.geometry), my_case / FILES["flair"])
    monkeypatch.setattr(app, "_on_terminal", lambda: True)
    outcome = command("segment", my_case, "--out", out)
    first, *lines = outcome.err[outcome.err.index("error:") :].splitlines()
    assert (outcome.code, out.exists()) == (4, False) and "--force" in first
    assert lines[0] == f"  T1, T2 ({my_case.name}): the image is empty: every voxel is 0. Choose the image itself."
    assert all(line.startswith(f"  FLAIR ({my_case.name}/{FILES['flair']}): ") for line in lines[1:]) and lines[1:]


def test_elsewhere_the_findings_are_one_line(command, my_case, out) -> None:
    for name in ("t1", "t2"):
        volume = read_volume(my_case / FILES[name])
        write_volume(Volume(np.zeros_like(volume.array), volume.geometry), my_case / FILES[name])
    outcome = command("segment", my_case, "--out", out)
    assert f"T1, T2 ({my_case.name}): the image is empty" in outcome.error and outcome.error.count("empty") == 1
