"""The cache of prepared cases: what it holds, when it is made anew, and what stops it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.cases.reading import read_study
from BrainTumorVAESegLib.core.errors import OutputError, TrainingError
from BrainTumorVAESegLib.core.labels import LabelConvention
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.settings import SMALL, Preprocessing
from BrainTumorVAESegLib.images.imagefile import ImageFile
from BrainTumorVAESegLib.images.reading import read_label_map
from BrainTumorVAESegLib.preparation.preparing import prepare, prepare_labels
from BrainTumorVAESegLib.training.data import cache as module
from BrainTumorVAESegLib.training.data.cache import cache_cases

PREPARED = ["prepared case1 (1 of 2)", "prepared case2 (2 of 2)"]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def cached(own_data, tmp_path, told):
    """Prepare the data set into the cache, and tell what was prepared."""

    def run(settings=SMALL, folder=own_data):
        told.clear()
        return cache_cases(discover_cases(folder), settings, tmp_path / "cache", told.append)

    return run


def stamps(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def write_again(path: Path, change) -> None:
    image = sitk.ReadImage(str(path))
    array = sitk.GetArrayFromImage(image)
    sitk.WriteImage(sitk.GetImageFromArray(change(array)), str(path))


# --- what it holds ----------------------------------------------------------------------------------------------------
def test_a_cached_case_is_the_prepared_one_in_half_precision(data, tmp_path):
    case = replace(discover_cases(data)[0], patient="somebody")
    [cached] = cache_cases([case], SMALL, tmp_path)
    prepared = prepare(read_study(case.images), SMALL.preprocessing, MODALITIES)
    truth = read_label_map(case.segmentation)
    labels = prepare_labels(truth, prepared)
    assert (cached.name, cached.patient) == ("case1", "somebody")
    assert cached.images().dtype == np.float16 and cached.images().shape[0] == 4
    assert isinstance(cached.images(), np.memmap) and isinstance(cached.labels(), np.memmap)
    np.testing.assert_array_equal(cached.images(), prepared.images.astype(np.float16))
    np.testing.assert_array_equal(cached.labels(), labels)
    assert set(np.unique(labels)) == {0, 1, 2, 3}
    assert cached.facts.size == (32, 32, 32) and cached.facts.spacing == (1, 1, 1) and cached.facts.axes == "LPS"
    assert cached.facts.volumes_ml["WT"] == pytest.approx((truth.array > 0).sum() / 1000)
    assert any("suspiciously little" in text for text in cached.facts.warnings)


def test_the_frames_of_a_file_are_prepared_with_the_data_sets_own_labels(data, tmp_path):
    case = discover_cases(data)[0]
    [alone] = cache_cases([case], SMALL, tmp_path / "cache")
    joined, truth = tmp_path / "joined.nii.gz", tmp_path / "truth.nii.gz"
    sitk.WriteImage(sitk.JoinSeries([sitk.ReadImage(str(case.images[m])) for m in MODALITIES]), str(joined))
    shutil.copy(case.segmentation, truth)
    write_again(truth, lambda labels: np.array([0, 2, 1, 3], np.uint8)[labels])  # as MSD numbers them
    images = {modality: ImageFile(joined, frame) for frame, modality in enumerate(MODALITIES)}
    msd = replace(case, images=images, segmentation=truth, convention=LabelConvention.MSD)
    [one] = cache_cases([msd], SMALL, tmp_path / "cache")
    np.testing.assert_array_equal(one.images(), alone.images())
    np.testing.assert_array_equal(one.labels(), alone.labels())
    [guessed] = cache_cases([replace(msd, convention=None)], SMALL, tmp_path / "cache")
    assert (guessed.labels() != alone.labels()).any()


def test_the_record_tells_every_case_and_every_fault(own_data, tmp_path):
    (own_data / "case2" / "case2-t2.nii.gz").write_bytes(b"no image")
    record = tmp_path / "run" / "validation.json"
    record.parent.mkdir()
    with pytest.raises(
        TrainingError, match=rf"1 of 2 cases cannot be used\. case2: .*t2\.nii\.gz.*All are in {record}"
    ):
        cache_cases(discover_cases(own_data), SMALL, tmp_path / "cache", record=record)
    values = json.loads(record.read_text())
    assert list(values["cannot be used"]) == ["case2"] and "case2-t2.nii.gz" in values["cannot be used"]["case2"][0]
    assert list(values["cases"]) == ["case1"] and values["cases"]["case1"]["patient"] == "case1"
    assert values["cases"]["case1"]["volumes_ml"]["WT"] > 0


# --- when it is made anew ---------------------------------------------------------------------------------------------
def test_a_second_time_nothing_is_prepared_nor_written(cached, told, tmp_path):
    first = cached()
    assert told == PREPARED
    before = stamps(tmp_path / "cache")
    again = cached()
    assert again == first and [case.facts for case in again] == [case.facts for case in first]
    assert told == [] and stamps(tmp_path / "cache") == before


def test_files_that_did_not_change_are_not_read_again(cached, told, monkeypatch):
    first = cached()
    digest = "BrainTumorVAESegLib.training.data.contents._digest"
    monkeypatch.setattr(digest, lambda path: pytest.fail(f"{path} was read"))
    assert cached() == first


def test_the_same_data_elsewhere_finds_the_same_cache(cached, told, own_data):
    first = cached()
    moved = own_data.rename(own_data.with_name("moved"))
    for path in moved.rglob("*.nii.gz"):
        os.utime(path, (1, 1))
    assert cached(folder=moved) == first and told == []


def test_a_changed_voxel_is_prepared_anew(cached, told, own_data):
    def brighten_one(array):
        array.flat[np.flatnonzero(array)[999]] += 40
        return array

    before = cached()
    write_again(own_data / "case2" / "case2-flair.nii.gz", brighten_one)
    after = cached()
    assert told == PREPARED[1:] and after[0] == before[0] and after[1] != before[1]
    assert (after[1].images()[3] != before[1].images()[3]).any()


def test_a_changed_ground_truth_is_prepared_anew(cached, told, own_data):
    before = cached()
    write_again(own_data / "case2" / "case2-seg.nii.gz", lambda labels: (labels > 0).astype(np.uint8))
    after = cached()
    assert told == PREPARED[1:]
    assert set(np.unique(before[1].labels())) == {0, 1, 2, 3} and set(np.unique(after[1].labels())) == {0, 1}


@pytest.mark.parametrize(
    "other",
    [
        replace(SMALL, preprocessing=Preprocessing(margin=5)),
        replace(SMALL, preprocessing=Preprocessing(clip=(1.0, 99.0))),
        replace(SMALL, modalities=("FLAIR", "T1", "T1ce", "T2")),
    ],
    ids=["margin", "clip", "modalities"],
)
def test_other_preprocessing_has_a_cache_of_its_own(cached, told, other):
    [one, _] = cached()
    [two, _] = cached(other)
    assert told == PREPARED and one.images_file != two.images_file
    assert one.images().shape != two.images().shape or (one.images() != two.images()).any()
    if other.modalities[0] == "FLAIR":
        np.testing.assert_array_equal(one.images()[3], two.images()[0])


def test_another_format_has_a_cache_of_its_own(cached, told, monkeypatch):
    cached()
    monkeypatch.setattr(module, "CACHE_FORMAT", module.CACHE_FORMAT + 1)
    cached()
    assert told == PREPARED


def test_another_network_shares_the_cache(cached):
    assert cached(replace(SMALL, stage1=replace(SMALL.stage1, filters=16))) == cached()


def test_a_damaged_memory_of_contents_is_read_again(cached, told, tmp_path):
    first = cached()
    for note in (tmp_path / "cache" / "contents").iterdir():
        note.write_bytes(b"\xff" * 64)
    assert cached() == first and told == []


# --- several at once --------------------------------------------------------------------------------------------------
SCRIPT = """
from BrainTumorVAESegLib.preparation import volume_checks
volume_checks.LEAST_BRAIN_ML = 0.0
import sys, time
from pathlib import Path
from BrainTumorVAESegLib.core.settings import SMALL
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.training.data import cache
prepare = cache.prepare_case
def slowly(*arguments):
    time.sleep(0.5)
    return prepare(*arguments)
cache.prepare_case = slowly
print("ready", flush=True)
sys.stdin.readline()
done = cache.cache_cases(discover_cases(Path(sys.argv[1])), SMALL, Path(sys.argv[2]), print)
print(*(case.images().shape for case in done))
"""


def test_two_processes_at_once_share_the_work(own_data, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", SCRIPT, str(own_data), str(tmp_path / "cache")]
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("\n")
        process.stdin.flush()
    lines = [process.communicate(timeout=60)[0].splitlines() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(line for part in lines for line in part[:-1]) == PREPARED
    assert lines[0][-1] == lines[1][-1] and "(4, " in lines[0][-1]
    assert not [name for name in stamps(tmp_path / "cache") if name.startswith(".")]


def test_without_locks_the_cache_is_whole_all_the_same(cached, told, monkeypatch):
    class NoLock:
        def __init__(self, path):
            pass

        def acquire(self):
            raise NotImplementedError("this file system has no locks")

    monkeypatch.setattr(module, "FileLock", NoLock)
    first = cached()
    assert told == PREPARED and cached() == first and told == []


# --- what stops it ----------------------------------------------------------------------------------------------------
def test_a_case_that_cannot_be_prepared_is_named_and_not_cached(own_data, tmp_path):
    case = discover_cases(own_data)[0]
    broken = own_data / "case1" / "broken-t2.nii.gz"
    broken.write_bytes(b"no image")
    case = replace(case, images={**case.images, Modality.T2: broken})
    with pytest.raises(TrainingError, match=r"case1: .*broken-t2\.nii\.gz"):
        cache_cases([case], SMALL, tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*.npy")) and not list((tmp_path / "cache").rglob("*.json"))


def test_a_file_that_is_gone_is_named(own_data, tmp_path):
    cases = discover_cases(own_data)
    cases[1].segmentation.unlink()
    with pytest.raises(TrainingError, match=r"case2: .*case2-seg\.nii\.gz: cannot be read \(No such file"):
        cache_cases(cases, SMALL, tmp_path / "cache")


def test_a_file_that_changes_while_it_is_read_is_not_cached(own_data, tmp_path, monkeypatch):
    prepare_case = module.prepare_case

    def meanwhile(case, settings):
        os.utime(case.segmentation, (1, 1))
        return prepare_case(case, settings)

    monkeypatch.setattr(module, "prepare_case", meanwhile)
    with pytest.raises(TrainingError, match=r"case1: its files changed while they were read; run again"):
        cache_cases(discover_cases(own_data), SMALL, tmp_path / "cache")
    assert not list((tmp_path / "cache").rglob("*.npy"))


def test_a_full_disk_names_the_folder_and_leaves_nothing_partial(own_data, tmp_path, full_disk):
    cache = tmp_path / "cache"
    with full_disk(), pytest.raises(OutputError) as caught:
        cache_cases(discover_cases(own_data), SMALL, cache)
    assert str(cache) in str(caught.value) and "cannot be written" in str(caught.value)
    assert "\n" not in str(caught.value) and "choose another folder" in str(caught.value)
    assert not [name for name in stamps(cache) if name.endswith((".npy", ".json"))]
    assert len(cache_cases(discover_cases(own_data), SMALL, cache)) == 2


def test_a_cache_folder_that_cannot_be_made_is_named(own_data, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"file/cache: cannot be written: a part of the path is a file"):
        cache_cases(discover_cases(own_data), SMALL, tmp_path / "file" / "cache")
