"""The cache of prepared cases and the folds."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.settings import FAST, Preprocessing
from BrainTumorVAESegLib.images.cases import discover_cases
from BrainTumorVAESegLib.images.preparing import prepare, prepare_labels
from BrainTumorVAESegLib.images.reading import read_label_map, read_study
from BrainTumorVAESegLib.training.cases import cache_cases, split_folds
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture
def own_data(data, tmp_path) -> Path:
    """A copy of two cases that a test may change."""
    for name in ("case1", "case2"):
        shutil.copytree(data / name, tmp_path / "data" / name)
    return tmp_path / "data"


def stamps(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_cached_case_is_the_prepared_one_in_half_precision(data, tmp_path):
    case = discover_cases(data)[0]
    [cached] = cache_cases([case], FAST, tmp_path)
    prepared = prepare(read_study(case.images), FAST.preprocessing, MODALITIES)
    labels = prepare_labels(read_label_map(case.segmentation), prepared)
    assert cached.name == "case1"
    assert cached.images().dtype == np.float16 and cached.images().shape[0] == 4
    np.testing.assert_array_equal(cached.images(), prepared.images.astype(np.float16))
    np.testing.assert_array_equal(cached.labels(), labels)
    assert set(np.unique(labels)) == {0, 1, 2, 3}


def test_a_second_time_nothing_is_prepared_nor_written(own_data, tmp_path):
    told: list[str] = []
    first = cache_cases(discover_cases(own_data), FAST, tmp_path / "cache", told.append)
    assert told == ["prepare case1", "prepare case2"]
    before = stamps(tmp_path / "cache")
    assert cache_cases(discover_cases(own_data), FAST, tmp_path / "cache", told.append) == first
    assert len(told) == 2 and stamps(tmp_path / "cache") == before


def test_a_case_that_was_interrupted_is_prepared_again_and_the_others_are_not(own_data, tmp_path):
    """Killed while it wrote: the labels are there, of the images only a part under another name."""
    cache = tmp_path / "cache"
    first, second = cache_cases(discover_cases(own_data), FAST, cache)
    whole = second.images_file.read_bytes()
    second.images_file.unlink()
    second.images_file.with_name(f".99.{second.images_file.name}").write_bytes(whole[:100])
    before, told = stamps(cache), []
    cache_cases(discover_cases(own_data), FAST, cache, told.append)
    assert told == ["prepare case2"]
    assert second.images_file.read_bytes() == whole
    assert stamps(cache)[first.images_file.name] == before[first.images_file.name]


def test_a_changed_file_is_prepared_anew(own_data, tmp_path):
    before = cache_cases(discover_cases(own_data), FAST, tmp_path / "cache")
    path = own_data / "case2" / "case2-seg.nii.gz"
    image = sitk.ReadImage(str(path))
    sitk.WriteImage(sitk.Cast(image > 0, sitk.sitkUInt8), str(path))
    told: list[str] = []
    after = cache_cases(discover_cases(own_data), FAST, tmp_path / "cache", told.append)
    assert told == ["prepare case2"] and after[0] == before[0] and after[1] != before[1]
    assert set(np.unique(before[1].labels())) == {0, 1, 2, 3} and set(np.unique(after[1].labels())) == {0, 1}


def test_a_file_written_again_with_as_many_bytes_is_prepared_anew(own_data, tmp_path):
    cache_cases(discover_cases(own_data), FAST, tmp_path / "cache")
    os.utime(own_data / "case1" / "case1-t2.nii.gz", (1, 1))
    told: list[str] = []
    cache_cases(discover_cases(own_data), FAST, tmp_path / "cache", told.append)
    assert told == ["prepare case1"]


@pytest.mark.parametrize(
    "other",
    [
        replace(FAST, preprocessing=Preprocessing(margin=5)),
        replace(FAST, modalities=("FLAIR", "T1", "T1ce", "T2")),
    ],
    ids=["margin", "modalities"],
)
def test_other_preprocessing_has_a_cache_of_its_own(own_data, tmp_path, other):
    [one, _] = cache_cases(discover_cases(own_data), FAST, tmp_path / "cache")
    [two, _] = cache_cases(discover_cases(own_data), other, tmp_path / "cache")
    assert one.images_file != two.images_file
    assert one.images().shape != two.images().shape or (one.images()[0] == two.images()[1]).all()


def test_another_network_shares_the_cache(own_data, tmp_path):
    one = cache_cases(discover_cases(own_data), FAST, tmp_path / "cache")
    wider = replace(FAST, stage1=replace(FAST.stage1, filters=16))
    assert cache_cases(discover_cases(own_data), wider, tmp_path / "cache") == one


def test_a_case_that_cannot_be_prepared_is_named(own_data, tmp_path):
    case = discover_cases(own_data)[0]
    broken = own_data / "case1" / "broken-t2.nii.gz"
    broken.write_bytes(b"no image")
    case = replace(case, images={**case.images, Modality.T2: broken})
    with pytest.raises(TrainingError, match=r"case1: .*broken-t2\.nii\.gz"):
        cache_cases([case], FAST, tmp_path / "cache")
    assert stamps(tmp_path / "cache") == {}


@given(st.sets(st.text("abc123", min_size=1), min_size=2, max_size=20), st.integers(2, 6), st.integers(0, 99))
def test_the_folds_are_a_partition_into_equal_parts_whatever_the_names_order(names, folds, seed):
    folds = min(folds, len(names))
    parts = split_folds(sorted(names), folds, seed)
    assert len(parts) == folds and sorted(name for part in parts for name in part) == sorted(names)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert split_folds(sorted(names, reverse=True), folds, seed) == parts


def test_another_seed_deals_otherwise():
    names = [f"case{n}" for n in range(20)]
    assert split_folds(names, 2, 0) != split_folds(names, 2, 1)


@pytest.mark.parametrize("folds", [0, 1, 4])
def test_too_few_cases_for_the_folds_are_refused(folds):
    with pytest.raises(TrainingError, match=r"3 cases cannot be split into \d folds; choose 2 to 3"):
        split_folds(["a", "b", "c"], folds, 0)
