"""What a case must be to be trained on, and what two cases must not have in common."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.cases.discovery import LabelledCase, discover_cases
from BrainTumorVAESegLib.cases.reading import read_labelled
from BrainTumorVAESegLib.core.errors import BrainTumorVAESegError, TrainingError
from BrainTumorVAESegLib.core.labels import LabelConvention
from BrainTumorVAESegLib.core.settings import SMALL
from BrainTumorVAESegLib.training.data.cache import cache_cases
from BrainTumorVAESegLib.training.data.entries import CachedCase, CaseFacts
from BrainTumorVAESegLib.training.data.validation import find_duplicates, prepare_case, require_apart


@pytest.fixture
def own(data, tmp_path) -> LabelledCase:
    """A case that a test may change."""
    shutil.copytree(data / "case1", tmp_path / "data" / "case1")
    return discover_cases(tmp_path / "data")[0]


def change(path: Path, how: Callable[[np.ndarray], np.ndarray], spacing: float = 1.0) -> None:
    array = how(sitk.GetArrayFromImage(sitk.ReadImage(str(path))))
    image = sitk.GetImageFromArray(array)
    image.SetSpacing((spacing,) * 3)
    sitk.WriteImage(image, str(path))


def all_files(case: LabelledCase) -> list[Path]:
    return [*case.folder.iterdir()]


def refusal(case: LabelledCase) -> str:
    """What is said of a case that is refused."""
    with pytest.raises(BrainTumorVAESegError) as caught:
        prepare_case(case, SMALL)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_truncated_image_and_a_wrong_label_map_of_one_case_are_told_together(own):
    path = own.folder / "case1-t1.nii.gz"
    path.write_bytes(path.read_bytes()[:-20])
    change(own.segmentation, lambda labels: labels + np.uint8(7))
    text = refusal(own)
    assert "case1-t1.nii.gz: is damaged or truncated" in text
    assert "case1-seg.nii.gz: The label map holds 7" in text


def test_an_image_with_values_that_are_not_finite_is_refused(own):
    def spoil(array: np.ndarray) -> np.ndarray:
        array = array.astype(np.float32)
        array[16, 16, 16:19] = np.nan
        return array

    change(own.folder / "case1-t2.nii.gz", spoil)
    assert "T2 (case1/case1-t2.nii.gz): 3 voxels are NaN or infinite" in refusal(own)


def test_an_empty_brain_is_refused(own):
    for name in ("t1", "t1ce", "t2", "flair"):
        change(own.folder / f"case1-{name}.nii.gz", np.zeros_like)
    assert "T1, T1ce, T2, FLAIR (case1): the image is empty" in refusal(own)


def test_an_image_given_for_two_modalities_is_refused(own):
    shutil.copy(own.folder / "case1-t1.nii.gz", own.folder / "case1-t2.nii.gz")
    same = "the image is the same as that given for T1 (case1/case1-t1.nii.gz)"
    assert f"T2 (case1/case1-t2.nii.gz): {same}" in refusal(own)


def test_a_head_that_is_not_stripped_is_refused(own):
    noise = np.random.default_rng(0).integers(1, 200, (32, 32, 32)).astype(np.int16)
    change(own.folder / "case1-flair.nii.gz", lambda array: np.where(array == 0, noise, array))
    assert "FLAIR (case1/case1-flair.nii.gz): the image looks not skull-stripped" in refusal(own)


@pytest.mark.parametrize("how", [lambda labels: labels[:-2], lambda labels: np.pad(labels, 3)])
def test_a_label_map_of_another_size_is_refused(own, how):
    change(own.segmentation, how)
    text = refusal(own)
    assert "case1-seg.nii.gz: lies on another grid (" in text and "than T1ce (32x32x32 at 1x1x1 mm, LPS)" in text


def test_a_label_map_of_another_spacing_is_refused(own):
    change(own.segmentation, lambda labels: labels, spacing=1.2)
    assert "lies on another grid (32x32x32 at 1.2x1.2x1.2 mm, LPS)" in refusal(own)


def test_images_that_lie_apart_are_refused(own):
    path = own.folder / "case1-t2.nii.gz"
    image = sitk.ReadImage(str(path))
    image.SetOrigin((500.0, 0.0, 0.0))
    sitk.WriteImage(image, str(path))
    assert "T2 (case1/case1-t2.nii.gz): the image overlaps with that of T1ce not at all" in refusal(own)


@pytest.mark.parametrize("value", [3, 7])
def test_labels_that_the_convention_does_not_have_are_refused(own, value):
    change(own.segmentation, lambda labels: np.where(labels == 3, value, labels).astype(np.uint8))
    text = refusal(replace(own, convention=LabelConvention.BRATS2021))
    assert f"case1-seg.nii.gz: The label map holds {value}, no label of the convention brats2021" in text


def test_a_label_map_of_another_brain_is_refused(own):
    change(
        own.segmentation, lambda labels: np.eye(32, dtype=np.uint8)[None].repeat(32, 0) * (np.indices((32,) * 3)[1] < 4)
    )
    assert "% of its tumor lie within the brain; check that it is the case's own and not mirrored" in refusal(own)


def test_a_brain_that_is_too_small_is_refused(own):
    def corner(array: np.ndarray) -> np.ndarray:
        array[:10] = 0
        array[20:] = 0
        return array

    for path in all_files(own):
        change(path, corner)
    assert "The brain is only " in refusal(own) and "x10 voxels of 1 mm, too small to train on" in refusal(own)


def test_a_case_without_a_tumor_is_strange_but_used(own):
    change(own.segmentation, np.zeros_like)
    _, labels, facts = prepare_case(own, SMALL)
    assert not labels.any() and facts.volumes_ml["WT"] == 0
    assert [text for text in facts.warnings if "case1-seg.nii.gz: marks no tumor" in text]


def test_images_on_different_grids_are_strange_but_used(own):
    path = own.folder / "case1-t2.nii.gz"
    sitk.WriteImage(sitk.Expand(sitk.ReadImage(str(path)), [2, 2, 2], sitk.sitkNearestNeighbor), str(path))
    images, _, facts = prepare_case(own, SMALL)
    assert images.shape[0] == 4
    assert [text for text in facts.warnings if "(case1/case1-t2.nii.gz): the grid is another than that of T1ce" in text]


def test_all_bad_cases_of_a_data_set_are_named_before_any_training(data, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(data, folder)
    (folder / "case1" / "case1-t1.nii.gz").write_bytes(b"x")
    change(folder / "case2" / "case2-seg.nii.gz", lambda labels: labels[1:])
    (folder / "case4" / "case4-seg.nii.gz").write_bytes(b"")
    told: list[str] = []
    with pytest.raises(TrainingError) as caught:
        cache_cases(discover_cases(folder), SMALL, tmp_path / "cache", told.append)
    text = str(caught.value)
    assert text.startswith("3 of 4 cases cannot be used. case1: ") and "\n" not in text
    assert "case2: " in text and "case4: " in text and "case3" not in text
    assert told == ["prepared case3 (3 of 4)"]


# --- between cases ----------------------------------------------------------------------------------------------------
def test_two_cases_of_the_same_images_are_both_named(data, tmp_path):
    for name in ("case1", "case2"):
        shutil.copytree(data / name, tmp_path / "data" / name)
    copy = tmp_path / "data" / "copy"
    copy.mkdir()
    for path in (data / "case1").iterdir():
        sitk.WriteImage(sitk.Cast(sitk.ReadImage(str(path)), sitk.sitkFloat32), str(copy / path.name))
    with pytest.raises(
        TrainingError, match=r"1 of 3 cases cannot be used\. case1 and copy hold the same image; remove"
    ):
        cache_cases(discover_cases(tmp_path / "data"), SMALL, tmp_path / "cache")


def test_cases_of_two_data_sets_with_one_name_are_both_named(data, tmp_path):
    [first, *_] = discover_cases(data)
    shutil.copytree(data / "case2", tmp_path / "data" / "case1")
    [second] = discover_cases(tmp_path / "data")
    with pytest.raises(TrainingError) as caught:
        cache_cases([first, second], SMALL, tmp_path / "cache")
    assert f"{first.folder} and {second.folder}: two cases have the name case1; rename one." in str(caught.value)


def case(name: str, images: str = "", patient: str = "") -> CachedCase:
    facts = CaseFacts((1, 1, 1), (1.0, 1.0, 1.0), "LPS", {}, tuple(images))
    return CachedCase(name, Path("images"), Path("labels"), patient, facts)


def test_one_shared_image_is_enough_and_each_pair_is_told_once():
    faults = find_duplicates([case("a", "1234"), case("b", "5236"), case("c", "7896")])
    assert [fault.message for fault in faults] == [
        "a and b hold the same image; remove one of the cases.",
        "b and c hold the same image; remove one of the cases.",
    ]


def test_held_out_cases_must_be_apart_from_those_trained_on():
    training = [case("a", "12"), case("b", "34", "p1")]
    require_apart(training, [case("c", "56", "p2"), case("d")])
    with pytest.raises(TrainingError) as caught:
        require_apart(training, [case("a", "78"), case("e", "94"), case("f", "0x", "p1"), case("c", "56", "p2")])
    assert "a is among both. e holds the same image as b. f is of the same patient as b. Remove" in str(caught.value)


def test_real_cases_are_usable_and_apart(data_folder, tmp_path):
    found = discover_cases(data_folder / "split.json", "validation")
    held_out = cache_cases(found, SMALL, tmp_path)
    few = [each for each in discover_cases(data_folder / "split.json") if each.name.startswith("UPENN")]
    training = cache_cases(few, SMALL, tmp_path)
    require_apart(training, held_out)
    assert all(each.facts.warnings == () for each in [*training, *held_out])
    for each, prepared in zip(found, held_out, strict=True):
        tumor = sitk.GetArrayFromImage(sitk.ReadImage(str(each.segmentation))) > 0
        assert prepared.facts.volumes_ml["WT"] == pytest.approx(tumor.sum() / 1000)


def test_a_ground_truth_of_slicers_is_read_by_its_segments_names(own):
    """Slicer numbers segments in the order in which they were drawn: here ET, ED, NCR."""
    image = sitk.ReadImage(str(own.segmentation))
    labels = sitk.GetArrayFromImage(image)
    drawn = np.zeros_like(labels, dtype=np.uint8)
    values = np.unique(labels[labels > 0]).tolist()  # NCR, ED, ET
    for number, (value, name) in enumerate(zip(reversed(values), ("ET", "ED", "NCR"), strict=True)):
        drawn[labels == value] = number + 1
        for key, text in {"ID": f"S{number}", "Name": name, "LabelValue": number + 1, "Layer": 0}.items():
            image.SetMetaData(f"Segment{number}_{key}", str(text))
    made = sitk.GetImageFromArray(drawn)
    made.CopyInformation(image)
    for key in image.GetMetaDataKeys():
        if key.startswith("Segment"):
            made.SetMetaData(key, image.GetMetaData(key))
    path = own.segmentation.with_name("drawn.seg.nrrd")
    sitk.WriteImage(made, str(path))
    _, plain = read_labelled(own)
    own.segmentation.unlink()
    [case] = discover_cases(own.folder.parent)
    assert case.segmentation == path
    np.testing.assert_array_equal(read_labelled(case)[1].array, plain.array)
    prepare_case(case, SMALL)
