"""The examples run as a person runs them, and do what their page says."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.images.reading import read_label_map, read_volume
from BrainTumorVAESegLib.models.package import read_package
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings

EXAMPLES = Path(__file__).resolve().parents[3] / "Examples"


def milliliters(printed: str) -> dict[str, float]:
    """Return the volumes that a script prints, by key."""
    return {
        key: float(value) for key, value in re.findall(r"^ *(NCR|ED|ET|WT|TC) +([\d.]+) ml$", printed, re.MULTILINE)
    }


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return float(2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b)))


def test_a_case_is_segmented_and_written_for_slicer_too(run_example, made_cases: Path, tmp_path: Path) -> None:
    printed = run_example("segment_case.py", made_cases / "phantom-000", "--out", tmp_path, "--model", "fast")
    found = read_label_map(tmp_path / "phantom-000_seg.nii.gz")
    truth = read_label_map(made_cases / "phantom-000" / "phantom-000_truth_seg.nii.gz")
    assert found.geometry.same_grid(truth.geometry)
    assert dice(found.array > 0, truth.array > 0) > 0.7
    whole = np.count_nonzero(found.array) * found.geometry.voxel_volume
    assert milliliters(printed)["WT"] == pytest.approx(whole, abs=0.006)
    assert np.array_equal(read_volume(tmp_path / "phantom-000.seg.nrrd").array, found.array)
    assert "segmented by fast" in printed


def test_without_a_case_a_made_one_is_segmented(run_example, all_edema: Path, tmp_path: Path) -> None:
    printed = run_example("segment_case.py", "--out", tmp_path, "--model", all_edema, "--spacing", 6)
    assert milliliters(printed)["ED"] > 1000
    assert {"phantom-000", "phantom-000_seg.nii.gz", "phantom-000.seg.nrrd"} == {p.name for p in tmp_path.iterdir()}


def test_a_case_that_cannot_be_read_ends_the_script_with_one_sentence(run_example, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"^error: .*gone: no such folder"):
        run_example("segment_case.py", tmp_path / "gone", "--out", tmp_path / "out")


def test_a_folder_gives_a_table_and_one_case_that_fails_stops_no_other(
    run_example, cases: Path, all_edema: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (cases / "phantom-000" / "phantom-000_t2.nii.gz").unlink()
    with pytest.raises(SystemExit) as ended:
        run_example("segment_folder.py", cases, "--out", tmp_path / "out", "--model", all_edema)
    printed = capsys.readouterr().out
    assert ended.value.code == 1 and "phantom-000 was left out:" in printed and "T2" in printed
    with (tmp_path / "out" / "volumes.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["case"] == "phantom-001" and row["WT"] == row["ED"] and float(row["WT"]) > 1000
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == ["phantom-001.seg.nrrd", "volumes.csv"]


@pytest.mark.slow
def test_a_training_on_made_cases_gives_a_package_that_segments(run_example, tmp_path: Path) -> None:
    pytest.importorskip("lightning")
    printed = run_example("train_on_phantoms.py", "--out", tmp_path, "--steps", 3, "--spacing", 6)
    package = read_package(tmp_path / "run" / "package" / "tiny")
    assert package.settings.stage2 is not None and "phantom-100" in package.card
    assert re.search(r"^tiny 0\.1\.0 finds [\d.]+ ml of tumor$", printed, re.MULTILINE)


@pytest.mark.slow
def test_slicers_console_gets_segments_and_volumes(
    run_example, module, host, made_cases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from BrainTumorVAESegLib.slicer import samples

    printed = run_example("from_slicers_console.py", made_cases / "phantom-001")
    (node,) = host.util.getNodesByClass("vtkMRMLSegmentationNode")
    segments = node.GetSegmentation()
    names = [segments.GetNthSegment(n).GetName() for n in range(segments.GetNumberOfSegments())]
    assert len(names) == 3 and printed.splitlines()[:3] == names
    assert milliliters(printed)["WT"] > 10

    make, coarse = samples.load_phantom, PhantomSettings(seed=1, size=(60, 60, 39), spacing=4.0)
    monkeypatch.setattr(samples, "load_phantom", lambda: make(coarse))  # the whole one takes seconds
    assert milliliters(run_example("from_slicers_console.py")) == milliliters(printed)


def test_slicer_has_what_the_script_for_its_console_calls(host) -> None:
    from slicerapi.api import Api
    from slicerapi.check import check_code

    assert check_code(EXAMPLES / "from_slicers_console.py", Api.load(), {}, host) == []


def test_the_page_names_every_script_and_no_other() -> None:
    named = set(re.findall(r"\(([\w.]+\.py)\)", (EXAMPLES / "README.md").read_text("utf-8")))
    assert named == {path.name for path in EXAMPLES.glob("*.py")}
