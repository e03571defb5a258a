"""How robust a package is: every case under every change, and what is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.cases.faults import Fault
from BrainTumorVAESegLib.cases.labelled import LabelledCase
from BrainTumorVAESegLib.core.errors import CheckError, InputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.settings import CascadeSettings, StageSettings
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.evaluation.changes import CHANGES, Change
from BrainTumorVAESegLib.evaluation.robustness import ChangeScore, score_changes, summarize_changes, to_csv
from BrainTumorVAESegLib.evaluation.scoring import score_package
from BrainTumorVAESegLib.images.itk import image_from_array, orient
from BrainTumorVAESegLib.images.writing import write_volume
from BrainTumorVAESegLib.inference.segmenting import Options
from BrainTumorVAESegLib.models.package import ModelPackage
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom

BY_KEY: Mapping[str, Change] = {change.key: change for change in CHANGES}
MADE = PhantomSettings(seed=1, size=(32, 40, 32))


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> list[LabelledCase]:
    """Two labelled cases."""
    folder = tmp_path_factory.mktemp("data")
    for number in (1, 2):
        made = make_phantom(replace(MADE, seed=number))
        place = folder / f"case{number}"
        place.mkdir()
        for modality in made.study:
            write_volume(made.study[modality], place / f"case{number}_{modality.value.lower()}.nii.gz")
        write_volume(Volume(made.labels, made.study.reference_volume.geometry), place / f"case{number}_seg.nii.gz")
    return discover_cases(folder)


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> ModelPackage:
    settings = CascadeSettings(stage1=StageSettings(filters=4, groups=2, blocks_down=(1, 1, 1, 1)), stage2=None)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = NvNet(settings.stage1).eval()
    return write_package(tmp_path_factory.mktemp("packages") / "tiny", "tiny", "1.0", settings, network, None, "# tiny")


@pytest.fixture(scope="module")
def scores(package: ModelPackage, cases: list[LabelledCase]) -> list[ChangeScore]:
    """Those of both cases under every change."""
    return list(score_changes(package, cases, CHANGES, Options("cpu")))


def test_every_case_is_scored_under_every_change(scores: list[ChangeScore]) -> None:
    assert [(score.case, score.change) for score in scores] == [
        (case, change.key) for case in ("case1", "case2") for change in CHANGES
    ]


def test_the_unchanged_cases_have_the_dice_of_an_evaluation(
    package: ModelPackage, cases: list[LabelledCase], scores: list[ChangeScore]
) -> None:
    # The phantom is smaller than a brain; an evaluation of it would end at its check were that an error.
    expected = {score.name: score.dice for score in score_package(package, cases, Options("cpu"))}
    assert {score.case: score.dice for score in scores if score.change == "unchanged"} == expected
    assert 0 < expected["case1"]["WT"] < 1


def test_storage_along_other_axes_changes_no_dice_and_other_changes_do(scores: list[ChangeScore]) -> None:
    dice = {(score.case, score.change): score.dice for score in scores}
    for case in ("case1", "case2"):
        assert dice[case, "sagittal-storage"] == dice[case, "unchanged"]
        for key in ("bias", "noise", "gamma-1.5", "slices-3mm", "rotated-15"):
            assert dice[case, key] != dice[case, "unchanged"], key


def test_findings_stop_nothing(package: ModelPackage, cases: list[LabelledCase]) -> None:
    case = replace(cases[0], images={modality: cases[0].images[Modality.T1] for modality in MODALITIES})
    with pytest.raises(CheckError, match="image is the same"):
        score_package(package, [case], Options("cpu"))
    [score] = score_changes(package, [case], [BY_KEY["unchanged"]], Options("cpu"))
    assert score.case == "case1"


def test_values_that_are_not_finite_count_as_zero(
    package: ModelPackage, cases: list[LabelledCase], tmp_path: Path
) -> None:
    old = make_phantom(MADE).study[Modality.T1]
    brightest = old.array == old.array.max()

    def scored(value: float) -> list[ChangeScore]:
        array = np.where(brightest, np.float32(value), old.array.astype(np.float32))
        sitk.WriteImage(image_from_array(array, old.geometry), str(tmp_path / "t1.mha"))
        case = replace(cases[0], images={**cases[0].images, Modality.T1: tmp_path / "t1.mha"})
        return list(score_changes(package, [case], [BY_KEY["gamma-0.7"]], Options("cpu")))

    assert scored(np.nan) == scored(np.inf) == scored(0.0)


def test_a_truth_may_be_stored_along_other_axes_but_not_lie_elsewhere(
    package: ModelPackage, cases: list[LabelledCase], scores: list[ChangeScore], tmp_path: Path
) -> None:
    made = make_phantom(MADE)
    array, grid = orient(made.labels, made.study.reference_volume.geometry, "RAS")

    def score(place: Geometry) -> ChangeScore:
        write_volume(Volume(np.ascontiguousarray(array), place), tmp_path / "turned_seg.nii.gz")
        case = replace(cases[0], segmentation=tmp_path / "turned_seg.nii.gz")
        return next(score_changes(package, [case], CHANGES, Options("cpu")))

    assert score(grid) == scores[0]
    with pytest.raises(InputError, match=r"turned_seg\.nii\.gz: lies on another grid than T1ce"):
        score(replace(grid, origin=(5.0, 0.0, 0.0)))


def made_score(change: str, case: str, wt: float, tc: float, et: float) -> ChangeScore:
    return ChangeScore(change, case, {"WT": wt, "TC": tc, "ET": et})


SCORES = [
    made_score("unchanged", "a", 0.9, 0.8, 0.7),
    made_score("noise", "a", 0.9, 0.8, 0.4),
    made_score("unchanged", "b", 0.5, 0.4, 0.3),
    made_score("noise", "b", 0.7, 0.3, 1 / 3),
]


def test_means_differences_and_the_case_that_falls_most() -> None:
    plain, noise = summarize_changes(SCORES)
    assert (plain.change, noise.change) == ("unchanged", "noise")
    assert plain.dice == pytest.approx({"WT": 0.7, "TC": 0.6, "ET": 0.5})
    assert set(plain.difference.values()) == {0} and plain.drop == 0
    assert noise.dice == pytest.approx({"WT": 0.8, "TC": 0.55, "ET": 11 / 30})
    assert noise.difference == pytest.approx({"WT": 0.1, "TC": -0.05, "ET": 11 / 30 - 0.5})
    assert (noise.worst, noise.drop) == ("a", pytest.approx(0.1))


def test_the_table_has_a_row_for_each_change_and_case() -> None:
    assert to_csv(SCORES).splitlines() == [
        "change,case,WT,TC,ET",
        "unchanged,a,0.9,0.8,0.7",
        "noise,a,0.9,0.8,0.4",
        "unchanged,b,0.5,0.4,0.3",
        "noise,b,0.7,0.3,0.333333",
    ]


def test_a_case_that_cannot_be_read_leaves_the_others_scored(package, cases, tmp_path):
    first, second = cases
    lost = replace(first, segmentation=tmp_path / "gone_seg.nii.gz")
    told: list[Fault] = []
    found = list(score_changes(package, [lost, second], [BY_KEY["unchanged"]], Options("cpu"), told.append))
    assert [score.case for score in found] == [second.name]
    assert [fault.case for fault in told] == [lost.name] and str(first.folder) in told[0].message
    with pytest.raises(InputError, match="gone_seg"):
        list(score_changes(package, [lost, second], [BY_KEY["unchanged"]], Options("cpu")))


def test_a_name_that_a_spreadsheet_would_compute_is_text():
    score = ChangeScore("unchanged", "=cmd()", {"WT": 0.5, "TC": 1.0, "ET": 0.0})
    assert to_csv([score]).splitlines()[1] == "unchanged,'=cmd(),0.5,1,0"
