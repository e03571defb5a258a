"""Lists of cases in JSON: by name or folder as `split.json`, by file as MSD's and MONAI's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.cases.reading import read_study
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.labels import LabelConvention, convert_labels
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.images.imagefile import ImageFile
from BrainTumorVAESegLib.images.reading import read_label_map
from BrainTumorVAESegLib.phantom.phantom import Phantom, PhantomSettings, make_phantom

ENDINGS = ("_t1", "_t1ce", "_t2", "_flair", "_seg")
ORDER = {"0": "FLAIR", "1": "T1w", "2": "t1gd", "3": "T2w"}
LABELS = {"0": "background", "1": "edema", "2": "non-enhancing tumor", "3": "enhancing tumour"}
FRAMES = (Modality.FLAIR, Modality.T1, Modality.T1CE, Modality.T2)


def make_case(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for ending in ENDINGS:
        (folder / f"{folder.name}{ending}.nii.gz").write_bytes(b"x")
    return folder


def write_list(path: Path, **values: Any) -> Path:
    path.write_text(json.dumps(values))
    return path


@pytest.fixture
def tree(tmp_path) -> Path:
    """Cases at several depths, one name twice, and a folder that is no labeled case."""
    for place in ("case1", "a/case2", "a/b/case3", "a/twice", "b/twice"):
        make_case(tmp_path / place)
    (tmp_path / "native").mkdir()
    (tmp_path / "native" / "t1.nii.gz").write_bytes(b"x")
    return tmp_path


def test_names_and_folders_are_found_below_the_list_at_any_depth(tree):
    path = write_list(tree / "split.json", train=["case3", "a/case2"], validation=["case1", "b/twice"])
    assert [case.folder for case in discover_cases(path)] == [tree / "a/case2", tree / "a/b/case3"]
    assert [case.folder for case in discover_cases(path, "validation")] == [tree / "case1", tree / "b/twice"]


def test_a_folder_elsewhere_may_be_listed(tree, tmp_path_factory):
    place = tmp_path_factory.mktemp("list")
    [case] = discover_cases(write_list(place / "split.json", train=[str(tree / "a/case2")]))
    assert (case.name, case.folder) == ("case2", tree / "a/case2")


@pytest.mark.parametrize(("said", "asked"), [("training", "train"), ("val", "validation"), ("testing", "test")])
def test_a_part_has_several_names(tree, said, asked):
    path = write_list(tree / "split.json", **{said: ["case1"]})
    assert [case.name for case in discover_cases(path, asked)] == ["case1"]


def test_every_entry_at_fault_is_named_at_once(tree):
    entries = ["case1", "case1", "twice", "gone", 7, "native/t1.nii.gz", "native"]
    with pytest.raises(InputError) as caught:
        discover_cases(write_list(tree / "split.json", train=entries))
    text = str(caught.value)
    assert "6 of 7 cases cannot be used" in text
    assert "'case1' is listed twice; keep one." in text
    assert f"'twice' is the name of several cases ({tree / 'a/twice'}, {tree / 'b/twice'}); list their folders" in text
    assert f"'gone' is no case below {tree}" in text and "7 is no name or folder of a case" in text
    assert "'native/t1.nii.gz' is an image without a ground truth" in text
    assert "native: no segmentation" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read as a list of cases"),
        ("[1, 2]", "is no list of cases; it must look like"),
        ('{"train": "case1"}', "its part train is no list of cases; correct the file"),
        ('{"folds": [], "rest": []}', "has no part train; its parts are folds, rest"),
        ('{"train": []}', "holds no case"),
        ('{"train": [{"image": "a.nii.gz"}]}', "has no image and label"),
        ('{"train": [{"image": [], "label": "a.nii.gz"}]}', "has no image and label"),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path, text, message):
    path = tmp_path / "split.json"
    path.write_text(text)
    with pytest.raises(InputError, match=rf"split\.json: .*{message}"):
        discover_cases(path)


# --- MSD Task01 -------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(PhantomSettings(seed=4, size=(20, 18, 16)))


@pytest.fixture
def msd(tmp_path, phantom) -> Path:
    """A data set as MSD's Task01, of two cases and one without a ground truth."""
    root = tmp_path / "Task01_BrainTumour"
    for folder in ("imagesTr", "labelsTr", "imagesTs"):
        (root / folder).mkdir(parents=True)
    frames = sitk.JoinSeries([sitk.GetImageFromArray(phantom.study[modality].array) for modality in FRAMES])
    truth = convert_labels(phantom.labels, LabelConvention.BRATS2023, LabelConvention.MSD)
    for name in ("BRATS_457", "BRATS_306"):
        sitk.WriteImage(frames, str(root / "imagesTr" / f"{name}.nii.gz"))
        sitk.WriteImage(sitk.GetImageFromArray(truth), str(root / "labelsTr" / f"{name}.nii.gz"))
        (root / "imagesTr" / f"._{name}.nii.gz").write_bytes(b"x")
    sitk.WriteImage(frames, str(root / "imagesTs" / "BRATS_557.nii.gz"))
    training = [entry("BRATS_457"), entry("BRATS_306")]
    write_list(
        root / "dataset.json", modality=ORDER, labels=LABELS, training=training, test=["./imagesTs/BRATS_557.nii.gz"]
    )
    return root


def entry(name: str) -> dict[str, str]:
    return {"image": f"./imagesTr/{name}.nii.gz", "label": f"./labelsTr/{name}.nii.gz"}


@pytest.mark.parametrize("given", ["", "dataset.json", ".."])
def test_msd_is_read_frame_by_frame_with_its_own_labels(msd, phantom, given):
    cases = discover_cases((msd / given).resolve())
    assert [(case.name, case.patient) for case in cases] == [(name, name) for name in ("BRATS_306", "BRATS_457")]
    assert cases[0].images == {m: ImageFile(msd / "imagesTr/BRATS_306.nii.gz", n) for n, m in enumerate(FRAMES)}
    for case in cases:
        assert case.convention is LabelConvention.MSD
        study = read_study(case.images, name=case.name)
        for modality in MODALITIES:
            np.testing.assert_array_equal(study[modality].array, phantom.study[modality].array)
        np.testing.assert_array_equal(read_label_map(case.segmentation, case.convention).array, phantom.labels)


def test_a_name_in_a_list_may_be_a_case_of_msd(msd):
    path = write_list(msd.parent / "split.json", train=["BRATS_306"])
    [case] = discover_cases(path)
    assert (case.name, case.convention) == ("BRATS_306", LabelConvention.MSD)


def test_the_scans_of_msd_without_a_truth_are_no_cases(msd):
    with pytest.raises(InputError, match=r"BRATS_557\.nii\.gz' is an image without a ground truth"):
        discover_cases(msd / "dataset.json", "test")


@pytest.mark.parametrize(
    ("labels", "convention"),
    [
        ({"1": "necrotic and non-enhancing core", "2": "peritumoral edema", "4": "GD-enhancing tumor"}, "brats2021"),
        ({"background": 0, "NCR": 1, "ED": 2, "ET": 3}, "brats2023"),
        ({"background": 0, "Oedema": 1, "non-enhancing": 2, "enhancing": 3}, "msd"),
    ],
)
def test_the_table_of_labels_makes_the_convention(msd, labels, convention):
    write_list(msd / "dataset.json", modality=ORDER, labels=labels, training=[entry("BRATS_306")])
    assert discover_cases(msd)[0].convention == LabelConvention(convention)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": None}, "its labels None do not tell the values of edema"),
        ({"labels": {"1": "tumor"}}, "do not tell the values of edema"),
        ({"labels": {**LABELS, "3": "edema", "1": "enhancing tumor"}}, "do not tell the values of edema"),
        ({"modality": None}, r"does not name the frames of BRATS_306\.nii\.gz"),
        ({"modality": {"FLAIR": 0}}, r"does not name the frames of BRATS_306\.nii\.gz"),
        ({"modality": {**ORDER, "3": "T1"}}, "two frames are called T1"),
        ({"modality": {"0": "FLAIR", "1": "T1"}}, "T1ce, T2 missing"),
        ({"training": [entry("BRATS_306"), entry("BRATS_999")]}, r"BRATS_999: no such file: .*BRATS_999\.nii\.gz, "),
    ],
)
def test_a_dataset_json_that_does_not_tell_enough_is_refused(msd, change, message):
    values = {"modality": ORDER, "labels": LABELS, "training": [entry("BRATS_306")], **change}
    write_list(msd / "dataset.json", **{key: value for key, value in values.items() if value is not None})
    with pytest.raises(InputError, match=rf"dataset\.json: .*{message}"):
        discover_cases(msd)


# --- nnU-Net ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def nnunet(tmp_path, phantom) -> Path:
    """A data set as nnU-Net's, its labels told by regions: two cases, a third one without a ground truth elsewhere."""
    root = tmp_path / "Dataset137_BraTS"
    for folder in ("imagesTr", "labelsTr", "imagesTs"):
        (root / folder).mkdir(parents=True)
    truth = convert_labels(phantom.labels, LabelConvention.BRATS2023, LabelConvention.MSD)
    for name, part in (("P_2", "Tr"), ("P_1", "Tr"), ("P_3", "Ts")):
        for number, modality in enumerate(FRAMES):
            image = sitk.GetImageFromArray(phantom.study[modality].array)
            sitk.WriteImage(image, str(root / f"images{part}" / f"{name}_{number:04d}.nii.gz"))
        if part == "Tr":
            sitk.WriteImage(sitk.GetImageFromArray(truth), str(root / "labelsTr" / f"{name}.nii.gz"))
    regions = {"background": 0, "whole tumor": [1, 2, 3], "tumor core": [2, 3], "enhancing tumor": [3]}
    return write_list(root / "dataset.json", channel_names=ORDER, labels=regions, numTraining=2, file_ending=".nii.gz")


@pytest.mark.parametrize("given", ["", "dataset.json", ".."])
def test_nnunets_numbered_files_are_read_by_its_channels(nnunet, phantom, given):
    cases = discover_cases((nnunet.parent / given).resolve())
    assert [case.name for case in cases] == ["P_1", "P_2"]
    for case in cases:
        assert case.convention is LabelConvention.MSD
        study = read_study(case.images, name=case.name)
        for modality in MODALITIES:
            np.testing.assert_array_equal(study[modality].array, phantom.study[modality].array)
        np.testing.assert_array_equal(read_label_map(case.segmentation, case.convention).array, phantom.labels)


def test_what_nnunets_folders_lack_is_named(nnunet):
    (nnunet.parent / "labelsTr" / "P_1.nii.gz").unlink()
    (nnunet.parent / "imagesTr" / "P_2_0003.nii.gz").unlink()
    with pytest.raises(InputError) as caught:
        discover_cases(nnunet.parent)
    assert "P_1: no such file:" in str(caught.value) and "P_2: T2 missing" in str(caught.value)


# --- MONAI's lists ----------------------------------------------------------------------------------------------------
def test_a_list_of_files_by_case_is_read_by_the_files_names(tree):
    folder = tree / "a/case2"
    listed = {
        "fold": 0,
        "image": [f"a/case2/case2{e}.nii.gz" for e in reversed(ENDINGS[:4])],
        "label": "a/case2/case2_seg.nii.gz",
    }
    [case] = discover_cases(write_list(tree / "folds.json", training=[listed]))
    assert (case.name, case.folder, case.convention) == ("case2", folder, None)
    assert case.images == {m: folder / f"case2{e}.nii.gz" for m, e in zip(MODALITIES, ENDINGS, strict=False)}


def test_a_list_of_files_with_two_of_one_modality_is_refused(tree):
    images = [f"a/case2/case2{ending}.nii.gz" for ending in ENDINGS[:4]]
    listed = {"image": [*images, "case1/case1_t2.nii.gz"], "label": "a/case2/case2_seg.nii.gz"}
    with pytest.raises(InputError, match="both look like T2; keep one"):
        discover_cases(write_list(tree / "folds.json", training=[listed]))
