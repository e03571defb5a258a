"""A package's answers on a folder of labelled cases, held against the truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.settings import CascadeSettings, StageSettings
from BrainTumorVAESegLib.evaluation.dice import region_dice
from BrainTumorVAESegLib.evaluation.scoring import CaseScore, mean_dice, score_package
from BrainTumorVAESegLib.images.cases import discover_cases
from BrainTumorVAESegLib.images.phantom import PhantomSettings, make_phantom
from BrainTumorVAESegLib.images.reading import read_label_map, read_study
from BrainTumorVAESegLib.inference.segmenting import Options, segment
from BrainTumorVAESegLib.models.package import ModelPackage
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet

ON_CPU = Options("cpu")


def write(array: np.ndarray, path: Path, origin: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> None:
    image = sitk.GetImageFromArray(array)
    image.SetOrigin(origin)
    sitk.WriteImage(image, str(path))


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Two labelled cases in BraTS 2021's names and numbers; the second one has no tumour in its truth."""
    folder = tmp_path_factory.mktemp("data")
    for number in (1, 2):
        phantom = make_phantom(PhantomSettings(seed=number, size=(32, 40, 32)))
        place = folder / f"case{number}"
        place.mkdir()
        for modality in phantom.study:
            write(phantom.study[modality].array, place / f"case{number}_{modality.value.lower()}.nii.gz")
        labels = phantom.labels if number == 1 else np.zeros_like(phantom.labels)
        write(np.where(labels == 3, 4, labels).astype(np.uint8), place / f"case{number}_seg.nii.gz")
    return folder


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> ModelPackage:
    settings = CascadeSettings(stage1=StageSettings(filters=8, groups=4, blocks_down=(1, 1, 1, 1)), stage2=None)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = NvNet(settings.stage1).eval()
    return write_package(tmp_path_factory.mktemp("packages") / "tiny", "tiny", "1.0", settings, network, None, "# tiny")


def test_every_case_is_segmented_and_compared_with_its_truth(package, data):
    told: list[CaseScore] = []
    cases = discover_cases(data)
    scores = score_package(package, cases, ON_CPU, told.append)
    assert [score.name for score in scores] == ["case1", "case2"] and told == scores
    for case, score in zip(cases, scores, strict=True):
        mine = segment(read_study(case.images), package, ON_CPU).segmentation
        truth = read_label_map(case.segmentation).array
        assert score.dice == region_dice(mine.labels, truth)
        assert score.volumes == mine.volumes_ml()
        assert score.true_volumes["WT"] == pytest.approx(np.count_nonzero(truth) / 1000)
        assert score.seconds > 0
    assert 0 < scores[0].dice["WT"] < 1 and scores[0].true_volumes["ET"] > 0, "labels 4 are enhancing tumour"
    assert scores[1].dice["WT"] == 0, "a tumour where the truth has none"


def test_a_truth_on_another_grid_is_refused_by_name(package, data, tmp_path):
    [case, _] = discover_cases(data)
    moved = tmp_path / "moved_seg.nii.gz"
    write(sitk.GetArrayFromImage(sitk.ReadImage(str(case.segmentation))), moved, origin=(5.0, 0.0, 0.0))
    with pytest.raises(InputError, match=r"moved_seg\.nii\.gz: lies on another grid than T1ce"):
        score_package(package, [replace(case, segmentation=moved)], ON_CPU)


def test_the_mean_is_over_the_cases_region_by_region():
    def score(wt: float, tc: float, et: float) -> CaseScore:
        return CaseScore("case", {"WT": wt, "TC": tc, "ET": et}, {}, {}, 1.0)

    assert mean_dice([score(1.0, 0.5, 0.0), score(0.5, 0.25, 1.0)]) == {"WT": 0.75, "TC": 0.375, "ET": 0.5}
