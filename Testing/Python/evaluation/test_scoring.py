"""A package's answers on a folder of labelled cases, held against the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
import torch
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.cases.reading import read_study
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.labels import LabelConvention, convert_labels
from BrainTumorVAESegLib.core.settings import CascadeSettings, StageSettings
from BrainTumorVAESegLib.evaluation.comparing import compare
from BrainTumorVAESegLib.evaluation.dice import region_dice
from BrainTumorVAESegLib.evaluation.pairing import Pair
from BrainTumorVAESegLib.evaluation.scoring import CaseScore, pick_cases, score_package, score_predictions
from BrainTumorVAESegLib.images.itk import image_from_array, orient
from BrainTumorVAESegLib.images.reading import read_label_map
from BrainTumorVAESegLib.inference.segmenting import Options, segment
from BrainTumorVAESegLib.models.package import ModelPackage
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom

ON_CPU = Options("cpu")


def write(array: np.ndarray, path: Path, origin: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> None:
    image = sitk.GetImageFromArray(array)
    image.SetOrigin(origin)
    sitk.WriteImage(image, str(path))


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Two labelled cases in BraTS 2021's names and numbers; the second one has no tumor in its truth."""
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
        assert score.regions == compare(mine.labels, truth, (1.0, 1.0, 1.0))
        assert score.volumes == mine.volumes_ml()
        assert score.true_volumes["WT"] == pytest.approx(np.count_nonzero(truth) / 1000)
        assert score.seconds > 0
    assert 0 < scores[0].dice["WT"] < 1 and scores[0].true_volumes["ET"] > 0, "labels 4 are enhancing tumor"
    assert scores[1].dice["WT"] == 0, "a tumor where the truth has none"


def test_a_truth_on_another_grid_is_refused_by_name(package, data, tmp_path):
    [case, _] = discover_cases(data)
    moved = tmp_path / "moved_seg.nii.gz"
    write(sitk.GetArrayFromImage(sitk.ReadImage(str(case.segmentation))), moved, origin=(5.0, 0.0, 0.0))
    with pytest.raises(InputError, match=r"moved_seg\.nii\.gz: lies on another grid than T1ce"):
        score_package(package, [replace(case, segmentation=moved)], ON_CPU)


GRID = Geometry((24, 20, 16), (0.8, 1.0, 2.0), (-30.0, 12.0, 5.0))


@pytest.fixture
def pair(tmp_path) -> Callable[..., Pair]:
    """Write a case's prediction and truth (z, y, x; the library's values) and return the pair."""

    def make(
        prediction: np.ndarray, truth: np.ndarray, grid: Geometry = GRID, true_grid: Geometry = GRID, name: str = "case"
    ) -> Pair:
        paths = [tmp_path / f"{name}_{what}.nii.gz" for what in ("pred", "seg")]
        for path, array, geometry in zip(paths, (prediction, truth), (grid, true_grid), strict=True):
            sitk.WriteImage(image_from_array(array, geometry), str(path))
        return Pair(name, *paths)

    return make


@pytest.fixture(scope="module")
def label_maps() -> tuple[np.ndarray, np.ndarray]:
    """A prediction and a truth that differ along every axis."""
    truth = np.zeros(GRID.shape, np.uint8)
    truth[3:12, 4:15, 5:20], truth[5:10, 6:12, 7:16], truth[6:9, 7:11, 8:13] = 2, 1, 3
    prediction = np.zeros_like(truth)
    prediction[2:12, 4:14, 5:22], prediction[5:11, 6:12, 7:15], prediction[6:9, 8:11, 8:13] = 2, 1, 3
    return prediction, truth


def test_files_are_compared_on_their_own_spacing(pair, label_maps):
    prediction, truth = label_maps
    [score] = score_predictions([pair(prediction, truth)])
    for key, region in compare(prediction, truth, (2.0, 1.0, 0.8)).items():
        assert asdict(score.regions[key]) == pytest.approx(asdict(region), rel=1e-6)
    assert score.name == "case" and score.seconds is None
    assert score.dice == {key: region.dice for key, region in score.regions.items()}
    assert score.volumes["WT"] == pytest.approx(1.6e-3 * np.count_nonzero(prediction))
    assert score.true_volumes["ED"] == pytest.approx(1.6e-3 * np.count_nonzero(truth == 2))


@pytest.mark.parametrize("mine", list(LabelConvention))
@pytest.mark.parametrize("theirs", list(LabelConvention))
def test_label_maps_of_any_convention_are_compared(pair, label_maps, mine, theirs):
    """Those of BraTS are told by their values; MSD's has to be said."""
    arrays = [
        convert_labels(array, LabelConvention.BRATS2023, convention)
        for array, convention in zip(label_maps, (mine, theirs), strict=True)
    ]
    said = [convention if convention is LabelConvention.MSD else None for convention in (mine, theirs)]
    [score] = score_predictions([pair(*arrays)], convention=said[0], true_convention=said[1])
    assert score.dice == region_dice(*label_maps)


@pytest.mark.parametrize("codes", ["RAS", "PSR", "LAI"])
def test_axes_that_are_turned_on_the_same_grid_change_nothing(pair, label_maps, codes):
    prediction, truth = label_maps
    turned, grid = orient(prediction, GRID, codes)
    assert not grid.same_grid(GRID)
    [score] = score_predictions([pair(np.ascontiguousarray(turned), truth, grid)])
    [plain] = score_predictions([pair(prediction, truth, name="plain")])
    for key, region in plain.regions.items():
        assert asdict(score.regions[key]) == pytest.approx(asdict(region))


def test_every_case_at_fault_is_named_and_the_others_are_reported(pair, label_maps):
    prediction, truth = label_maps
    moved = replace(GRID, origin=(-29.0, 12.0, 5.0))
    pairs = [
        pair(prediction, truth, moved, name="moved"),
        pair(prediction, truth, name="good"),
        pair(prediction * 5, truth, name="odd"),
        pair(prediction[:-1], truth, replace(GRID, size=(24, 20, 15)), name="cut"),
        Pair("gone", Path("gone.nii.gz"), Path("gone_seg.nii.gz")),
    ]
    told: list[CaseScore] = []
    with pytest.raises(InputError) as caught:
        score_predictions(pairs, told.append)
    message = str(caught.value)
    assert [score.name for score in told] == ["good"]
    assert message.startswith("4 of 5 cases cannot be used.") and "\n" not in message
    for part in (
        "moved_pred.nii.gz: lies on another grid (24x20x16 at 0.8x1x2 mm, LPS)",
        "than its ground truth",
        "odd_pred.nii.gz: The label map holds 5, 10, 15",
        "cut_pred.nii.gz: lies on another grid (24x20x15",
        "gone.nii.gz: no such file",
    ):
        assert part in message
    assert "good" not in message


def test_a_package_may_be_held_against_truths_of_msd(package, data, tmp_path):
    case = discover_cases(data)[0]
    brats, msd = read_label_map(case.segmentation), tmp_path / "seg.nii.gz"
    array = convert_labels(brats.array, LabelConvention.BRATS2023, LabelConvention.MSD)
    sitk.WriteImage(image_from_array(array, brats.geometry), str(msd))
    [score] = score_package(package, [replace(case, segmentation=msd)], ON_CPU, convention=LabelConvention.MSD)
    told = replace(case, segmentation=msd, convention=LabelConvention.MSD)
    assert [score.dice] == [other.dice for other in score_package(package, [told], ON_CPU)]
    assert [score.true_volumes] == [other.true_volumes for other in score_package(package, [case], ON_CPU)]


@pytest.mark.parametrize(
    ("values", "picked"),
    [
        ((0.2, 0.9, 0.5, 0.4, 0.6), {"best": 0.9, "worst": 0.2, "median": 0.5}),
        ((0.2, 0.9), {"best": 0.9, "worst": 0.2}),
        ((0.3,), {"best": 0.3}),
        ((), {}),
    ],
)
def test_the_best_the_median_and_the_worst_case_are_picked_each_once(values, picked):
    scores = [CaseScore(str(value), dict.fromkeys(("WT", "TC", "ET"), value), {}, {}) for value in values]
    assert {name: score.dice["WT"] for name, score in pick_cases(scores).items()} == picked
