"""`braintumorvaeseg evaluate`: a package on labeled cases, and a folder of segmentations against another."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.core.labels import LABEL_BY_KEY, LabelConvention
from BrainTumorVAESegLib.core.rounding import as_written
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.evaluation.comparing import compare
from BrainTumorVAESegLib.images.itk import image_from_array, orient
from BrainTumorVAESegLib.images.reading import read_volume
from BrainTumorVAESegLib.images.writing import write_label_map, write_volume
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom

FILES = ["evaluation.csv", "evaluation.json", "evaluation.png"]
CASES = ("P-1", "P-2", "P-3")


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


@pytest.fixture
def predictions(phantom, tmp_path: Path) -> Path:
    """Segmentations of three cases, as `segment` names them, in BraTS 2023's numbers; the first one is perfect."""
    for n, case in enumerate(CASES):
        labels = np.roll(phantom.labels, n, axis=2)
        segmentation = Segmentation(labels, phantom.study.reference_volume.geometry)
        write_label_map(segmentation, tmp_path / f"mine/{case}_seg.nii.gz", LabelConvention.BRATS2023)
        (tmp_path / f"mine/{case}.json").write_text("{}")
    return tmp_path / "mine"


@pytest.fixture
def truth(phantom, tmp_path: Path) -> Path:
    """The same truth for each case, in folders, in BraTS 2021's numbers, its axes turned."""
    labels, grid = orient(phantom.labels, phantom.study.reference_volume.geometry, "RAS")
    for case in CASES:
        folder = tmp_path / "truth" / case
        folder.mkdir(parents=True)
        turned = Segmentation(np.ascontiguousarray(labels), grid)
        write_label_map(turned, folder / f"{case}-seg.nii.gz", LabelConvention.BRATS2021)
        (folder / f"{case}-t1n.nii.gz").touch()
    return tmp_path / "truth"


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()


def rows_of(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_every_case_of_every_folder_is_scored(command, case: Path, healthy: Path) -> None:
    outcome = command("evaluate", "--data", case.parent, "--data", healthy, "--model", "nothing")
    assert outcome.code == 0, outcome.err
    rows = rows_of(outcome.out)
    missed, right = [*["0.000"] * 3, *["373.13"] * 3], [*["1.000"] * 3, *["0.00"] * 3]
    assert ["PATIENT-1", *missed] in rows and ["HEALTHY", *right] in rows
    assert ["mean", *["0.500"] * 3, *["186.56"] * 3] in rows
    assert ["95", "%", "from", *["0.000"] * 3, *["0.00"] * 3] in rows
    assert ["Lesions", "missed", *["0.50"] * 3] in rows
    assert "2 cases by nothing 1.2.3" in outcome.out and "fewer than 20 cases" in outcome.out
    assert all(len(line) <= 100 for line in outcome.out.splitlines())
    assert [line for line in outcome.err.splitlines() if "of 2" in line] == [
        "  0 %  PATIENT-1, 1 of 2",
        " 50 %  HEALTHY, 2 of 2",
    ]


def test_the_best_and_the_worst_case_are_drawn(command, case: Path, healthy: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores"
    arguments = ["evaluate", "--data", case.parent, "--data", healthy, "--out", out, "--pictures", "outlines"]
    outcome = command(*arguments)
    assert outcome.code == 0
    pictures = ["evaluation-best.png", "evaluation-worst.png"]
    assert sorted(path.name for path in out.iterdir()) == sorted([*FILES, *pictures])
    assert all(name in outcome.out for name in (*FILES, *pictures))
    (out / "evaluation.csv").unlink(), (out / "evaluation.json").unlink(), (out / "evaluation.png").unlink()
    assert command(*arguments).code == 7, "a picture is there already"


def test_stage_1_may_answer_alone(command, case: Path) -> None:
    report = command("evaluate", "--data", case.parent, "--first-stage", "--json").json
    assert report["first_stage_alone"] is True
    assert "stage 1 alone" in command("evaluate", "--data", case.parent, "--first-stage").out


def test_two_packages_are_compared_case_by_case(command, case: Path, healthy: Path) -> None:
    """On the healthy brain `nothing` is right and `all-edema` wrong; on the other one it is the other way round."""
    arguments = ["evaluate", "--data", case.parent, "--data", healthy, "--model", "all-edema", "--against", "nothing"]
    outcome = command(*arguments)
    assert outcome.code == 0, outcome.err
    report = command(*arguments, "--json").json
    found = report["cases"][0]["regions"]["WT"]["dice"]
    difference = report["against"]["differences"]["WT"]["dice"]
    assert report["against"]["package"]["name"] == "nothing" and 0 < found < 1
    assert difference["mean"] == pytest.approx((found - 1) / 2)
    assert (difference["low"], difference["high"]) == pytest.approx((-1, found))
    assert (difference["larger"], difference["smaller"]) == (1, 1)
    assert report["against"]["cases"][1]["regions"]["WT"]["dice"] == 1
    mean = f"{(found - 1) / 2:+.3f}"
    assert ["Dice", "WT", mean, "-1.000", f"{found:+.3f}", "1", "1"] in rows_of(outcome.out)
    assert "by nothing 1.2.3" in outcome.out and all(len(line) <= 100 for line in outcome.out.splitlines())


def test_the_scores_for_machines(command, case: Path, phantom) -> None:
    report = command("evaluate", "--data", case.parent, "--json").json
    (score,) = report["cases"]
    assert score["name"] == "PATIENT-1" and score["seconds"] > 0
    whole = score["regions"]["WT"]
    assert whole["true_volume_ml"] == pytest.approx((phantom.labels > 0).sum() * 0.216)
    overlap = 2 * whole["true_volume_ml"] / (whole["true_volume_ml"] + whole["volume_ml"])
    assert whole["dice"] == as_written(overlap) and score["regions"]["ET"]["dice"] == 0
    statistic = report["summary"]["WT"]["dice"]
    assert statistic == {"count": 1, "mean": whole["dice"], "median": whole["dice"], "low": None, "high": None}
    assert report["package"]["name"] == "all-edema"
    assert report["bootstrap"] == {
        "of": "mean over cases", "interval": "percentile", "resamples": 10000, "seed": 0, "level": 0.95,
    }  # fmt: skip
    assert "373.13" in report["rules"]["hd95"] and {"monai", "scipy"} <= set(report["versions"])


def test_a_folder_of_segmentations_is_compared_with_one_of_truths(
    command, predictions: Path, truth: Path, out: Path, phantom
) -> None:
    outcome = command("evaluate", "--predictions", predictions, "--truth", truth, "--out", out)
    assert outcome.code == 0, outcome.err
    assert sorted(path.name for path in out.iterdir()) == FILES
    assert "3 cases by mine" in outcome.out and str(out / FILES[0]) in outcome.out
    expected = compare(np.roll(phantom.labels, 1, axis=2), phantom.labels, (6.0, 6.0, 6.0))
    with (out / FILES[0]).open(newline="") as stream:
        rows = {(row["case"], row["region"]): row for row in csv.DictReader(stream)}
    assert len(rows) == 9
    for key, region in expected.items():
        assert float(rows["P-1", key]["dice"]) == 1
        assert float(rows["P-2", key]["dice"]) == pytest.approx(region.dice, rel=1e-4)
        assert float(rows["P-2", key]["hd95"]) == pytest.approx(region.hd95, rel=1e-4)
    values = json.loads((out / FILES[1]).read_text())
    assert (values["predictions"], values["truth"]) == ("mine", "truth")
    assert values == as_written(values)
    assert values["cases"][0]["seconds"] is None
    dice = [float(rows[name, "WT"]["dice"]) for name in CASES]
    assert values["summary"]["WT"]["dice"]["mean"] == pytest.approx(np.mean(dice), rel=1e-5)
    assert (out / FILES[2]).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_numbers_of_the_labels_may_be_given(command, predictions: Path, truth: Path) -> None:
    def dice(*options: str) -> dict[str, float]:
        report = command("evaluate", "--predictions", predictions, "--truth", truth, "--json", *options).json
        return {key: report["cases"][0]["regions"][key]["dice"] for key in ("WT", "TC", "ET")}

    assert dice("--labels", "brats2023", "--truth-labels", "brats2021") == {"WT": 1, "TC": 1, "ET": 1}
    confused = dice("--labels", "MSD")
    assert confused["WT"] == confused["ET"] == 1 and confused["TC"] < 1, "edema and core change places"
    outcome = command("evaluate", "--predictions", predictions, "--truth", truth, "--truth-labels", "brats2023")
    assert (outcome.code, outcome.out) == (3, "")
    assert all(f"{case}-seg.nii.gz" in outcome.error for case in CASES)


def test_cases_that_do_not_match_are_named_before_any_is_computed(command, predictions: Path, truth: Path) -> None:
    (predictions / "P-2_seg.nii.gz").rename(predictions / "P-9_seg.nii.gz")
    outcome = command("evaluate", "--predictions", predictions, "--truth", truth)
    assert (outcome.code, outcome.out, outcome.err.splitlines()) == (3, "", [outcome.error])
    assert "no prediction for P-2; no ground truth for P-9" in outcome.error
    outcome = command("evaluate", "--predictions", predictions, "--truth", truth, "--partial")
    assert outcome.code == 0 and "2 cases by mine" in outcome.out
    shutil.copy(predictions / "P-1_seg.nii.gz", predictions / "P-1.nii.gz")
    outcome = command("evaluate", "--predictions", predictions, "--truth", truth, "--partial")
    assert outcome.code == 3 and "P-1.nii.gz" in outcome.error and "P-1_seg.nii.gz" in outcome.error


def test_a_case_on_another_grid_is_named_and_the_others_are_scored(
    command, predictions: Path, truth: Path, out: Path, phantom
) -> None:
    geometry = phantom.study.reference_volume.geometry
    cut = Segmentation(phantom.labels[1:], geometry.sub_grid(Box.at((1, 0, 0), (25, 34, 28))))
    write_label_map(cut, predictions / "P-3_seg.nii.gz", LabelConvention.BRATS2023)
    outcome = command("evaluate", "--predictions", predictions, "--truth", truth, "--out", out)
    assert outcome.code == 3 and sorted(path.name for path in out.iterdir()) == FILES
    assert "2 cases by mine" in outcome.out
    assert "1 of 3 cases cannot be used." in outcome.error and "The other 2 were scored." in outcome.error
    assert "P-3_seg.nii.gz: lies on another grid" in outcome.error and "P-1" not in outcome.error
    [fault] = json.loads((out / FILES[1]).read_text())["faults"]
    assert fault["case"] == "P-3" and "another grid" in fault["message"]


def test_a_case_that_is_incomplete_or_fails_the_check_leaves_the_others_scored(
    command, case: Path, healthy: Path, tmp_path: Path
) -> None:
    """The one has no FLAIR, the other an image of no brain; neither is offered --force, which evaluate has not."""
    data = tmp_path / "data"
    shutil.copytree(case, data / "whole")
    shutil.copytree(case, data / "lame")
    next((data / "lame").glob("*_flair*")).unlink()
    shutil.copytree(healthy / "HEALTHY", data / "blank")
    blank = next((data / "blank").glob("*_t2.nii.gz"))
    volume = read_volume(blank)
    write_volume(replace(volume, array=np.zeros_like(volume.array)), blank)
    outcome = command("evaluate", "--data", data, "--model", "nothing", "--json")
    assert outcome.code == 3 and [each["name"] for each in outcome.json["cases"]] == ["whole"]
    assert {fault["case"] for fault in outcome.json["faults"]} == {"lame", "blank"}
    assert "2 of 3 cases cannot be used." in outcome.error and str(data / "blank") in outcome.error
    assert str(data / "lame") in outcome.error and "--force" not in outcome.error
    shutil.rmtree(data / "lame")
    assert command("evaluate", "--data", data, "--model", "nothing").code == 4, "only the check was in the way"
    shutil.rmtree(data / "whole")
    outcome = command("evaluate", "--data", data, "--model", "nothing")
    assert (outcome.code, outcome.out) == (4, "") and "1 of 1 cases" in outcome.error


def test_a_resection_cavity_is_no_enhancing_tumor_and_is_told(command, phantom, tmp_path: Path) -> None:
    """BraTS 2024 calls it 4; a case whose name tells the data set holds no enhancing tumor, another one holds both."""
    geometry = phantom.study.reference_volume.geometry
    found = np.where(phantom.labels == 3, 1, phantom.labels).astype(np.uint8)
    cavity = found.copy()
    cavity[2:5, 2:5, 2:5] = 4
    (tmp_path / "truth").mkdir()
    named, both = "BraTS-GLI-02060-100", "P-9"
    for side, labels in (("mine", found), ("truth", cavity)):
        write_volume(Volume(labels, geometry), tmp_path / side / f"{named}.nii.gz")
    for side, labels in (("mine", cavity), ("truth", np.where(phantom.labels == 3, 3, cavity))):
        write_volume(Volume(labels.astype(np.uint8), geometry), tmp_path / side / f"{both}.nii.gz")
    folders = ("evaluate", "--predictions", tmp_path / "mine", "--truth", tmp_path / "truth")
    report = command(*folders, "--json").json
    first, second = report["cases"]
    assert (first["regions"]["ET"]["dice"], first["regions"]["ET"]["hd95"]) == (1, 0)
    assert first["regions"]["WT"]["dice"] == 1 and first["numbering"] == {
        "prediction": "brats2023", "truth": "brats2024",
    }  # fmt: skip
    assert first["cavity_ml"] == {"truth": pytest.approx(27 * 0.216)}
    assert second["numbering"] == {"prediction": "brats2024", "truth": "brats2024"}
    assert second["regions"]["ET"]["volume_ml"] == 0 < second["regions"]["ET"]["true_volume_ml"]
    text = command(*folders).out
    assert "truth brats2024" in text and "a resection cavity (label 4) is in no region" in text and "5.8 ml" in text


def test_slicers_segmentations_are_compared_by_their_segments_names(command, phantom, tmp_path: Path) -> None:
    """Slicer numbers segments in the order in which they were drawn: here ET, ED, NCR."""
    write_drawn(tmp_path / "truth" / "P-1.seg.nrrd", phantom, ("ET", "ED", "NCR"))
    write_drawn(tmp_path / "mine" / "P-1" / "edited.seg.nrrd", phantom, ("ED", "ET", "NCR"))
    folders = ("--predictions", tmp_path / "mine", "--truth", tmp_path / "truth")
    report = command("evaluate", *folders, "--json").json
    assert {key: region["dice"] for key, region in report["cases"][0]["regions"].items()} == {"WT": 1, "TC": 1, "ET": 1}
    assert report["cases"][0]["numbering"] == {"prediction": "named segments", "truth": "named segments"}


def test_a_truth_of_slicers_is_read_by_its_segments_names(command, case: Path, phantom, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "P-1"
    shutil.copytree(case, folder)
    plain = command("evaluate", "--data", folder.parent, "--json").json["cases"][0]
    next(folder.glob("*_seg.nii.gz")).unlink()
    write_drawn(folder / "P-1.seg.nrrd", phantom, ("ET", "ED", "NCR"))
    drawn = command("evaluate", "--data", folder.parent, "--json").json["cases"][0]
    assert drawn["true_volumes_ml"] == plain["true_volumes_ml"] and drawn["regions"] == plain["regions"]


def write_drawn(path: Path, phantom, order: tuple[str, ...]) -> None:
    """Write a phantom's truth as Slicer does a segmentation whose segments were drawn in an order."""
    labels = np.zeros_like(phantom.labels)
    for number, key in enumerate(order, start=1):
        labels[phantom.labels == LABEL_BY_KEY[key].value] = number
    image = image_from_array(labels, phantom.study.reference_volume.geometry)
    for number, key in enumerate(order):
        keys = {"ID": f"Segment_{number + 1}", "Name": LABEL_BY_KEY[key].name, "LabelValue": number + 1, "Layer": 0}
        for name, value in keys.items():
            image.SetMetaData(f"Segment{number}_{name}", str(value))
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path), True)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--data", "a", "--predictions", "b", "--truth", "c"],
        ["--predictions", "b"],
        ["--truth", "c"],
        ["--predictions", "b", "--truth", "c", "--model", "nothing"],
        ["--data", "a", "--labels", "msd"],
        ["--data", "a", "--partial"],
        ["--predictions", "b", "--truth", "c", "--first-stage"],
        ["--predictions", "b", "--truth", "c", "--against", "nothing"],
        ["--data", "a", "--pictures", "images"],
        ["--predictions", "b", "--truth", "c", "--out", "d", "--pictures", "images"],
        ["--data", "a", "--out", "d", "--pictures", "something"],
    ],
)
def test_the_two_ways_of_use_are_not_mixed(command, arguments: list[str]) -> None:
    outcome = command("evaluate", *arguments)
    assert (outcome.code, outcome.out, len(outcome.err.splitlines())) == (2, "", 1)


def test_a_folder_without_labeled_cases_is_refused(command, case: Path, tmp_path: Path) -> None:
    assert command("evaluate", "--data", tmp_path / "gone").code == 3
    unlabeled = tmp_path / "set" / "case-7"
    unlabeled.mkdir(parents=True)
    outcome = command("evaluate", "--data", unlabeled.parent, "--json")
    assert (outcome.code, outcome.out) == (3, "")


def test_two_cases_of_one_name_are_refused(command, case: Path, tmp_path: Path) -> None:
    shutil.copytree(case, tmp_path / "again" / case.name)
    outcome = command("evaluate", "--data", case.parent, "--data", tmp_path / "again")
    assert outcome.code == 3 and "one name" in outcome.error and str(tmp_path / "again") in outcome.error


def test_a_folder_that_is_given_twice_is_scored_once(command, case: Path) -> None:
    once = case.parent / case.name / ".."
    report = command("evaluate", "--data", case.parent, "--data", once, "--model", "nothing", "--json").json
    assert [each["name"] for each in report["cases"]] == [case.name]


def test_of_a_list_one_part_is_scored(command, case: Path, tmp_path: Path) -> None:
    shutil.copytree(case, tmp_path / "cases" / "A")
    shutil.copytree(case, tmp_path / "cases" / "B")
    (tmp_path / "cases" / "split.json").write_text('{"train": ["A"], "validation": ["B"]}')
    for options, name in (((), "B"), (("--part", "train"), "A")):
        listed = tmp_path / "cases" / "split.json"
        report = command("evaluate", "--data", listed, "--model", "nothing", "--json", *options).json
        assert [score["name"] for score in report["cases"]] == [name]


def test_results_that_cannot_be_written_or_exist_are_refused_before_the_computing(
    command, predictions: Path, truth: Path, tmp_path: Path, out: Path
) -> None:
    given = ("evaluate", "--predictions", predictions, "--truth", truth)
    (tmp_path / "file").write_text("")
    outcome = command(*given, "--out", tmp_path / "file" / "scores")
    assert (outcome.code, outcome.err.splitlines()) == (7, [outcome.error])
    out.mkdir(parents=True)
    (out / FILES[1]).write_text("old")
    outcome = command(*given, "--out", out)
    assert (outcome.code, outcome.err.splitlines()) == (7, [outcome.error])
    assert FILES[1] in outcome.error and (out / FILES[1]).read_text() == "old"
    assert command(*given, "--out", out, "--overwrite").code == 0
    assert json.loads((out / FILES[1]).read_text())["cases"]


def test_a_figure_that_fails_leaves_no_table_behind(
    command, predictions: Path, truth: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib.figure import Figure

    def fill_the_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", fill_the_disk)
    outcome = command("evaluate", "--predictions", predictions, "--truth", truth, "--out", out)
    assert (outcome.code, outcome.out) == (7, "") and "disk is full" in outcome.error
    assert not out.exists()


def test_a_library_that_is_missing_is_told_before_the_computing(
    command, predictions: Path, truth: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from BrainTumorVAESegLib.cli.support import dependencies

    find = dependencies.importlib.util.find_spec
    monkeypatch.setattr(dependencies.importlib.util, "find_spec", lambda name: None if name == "monai" else find(name))
    outcome = command("evaluate", "--predictions", predictions, "--truth", truth)
    assert (outcome.code, outcome.err.splitlines()) == (9, [outcome.error])
    assert "monai is not installed; pip install" in outcome.error
