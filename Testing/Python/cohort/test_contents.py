from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest
from BrainTumorVAESegLib.cohort.contents import SETTLED_NS, Identity, settings_key, stamp_of
from BrainTumorVAESegLib.cohort.settings import CohortOptions
from BrainTumorVAESegLib.core.labels import LabelConvention

LATER = time.time_ns() + 10**13


def test_the_stamp_changes_with_size_time_and_place(found):
    case, other = found
    before = stamp_of(case, LATER)
    assert before and before == stamp_of(case, LATER) != stamp_of(other, LATER)
    path = case.paths[0]
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert stamp_of(case, LATER) != before


def test_a_content_put_in_its_place_with_the_same_times_is_seen(found):
    case = found[0]
    path = case.paths[0]
    status, data = path.stat(), bytearray(path.read_bytes())
    before = stamp_of(case, LATER)
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert stamp_of(case, LATER) != before


def test_files_changed_just_now_have_no_stamp(found):
    times = [path.stat() for path in found[0].paths]
    newest = max(max(each.st_mtime_ns, each.st_ctime_ns) for each in times)
    assert stamp_of(found[0], newest + SETTLED_NS - 1) == ""
    assert stamp_of(found[0], newest + SETTLED_NS) != ""


def test_files_that_are_gone_have_no_stamp(found):
    found[0].paths[0].unlink()
    assert stamp_of(found[0], LATER) == ""


def test_which_image_is_which_is_part_of_the_stamp(found):
    case = found[0]
    swapped = dict(zip(case.images, reversed(case.images.values()), strict=True))
    assert stamp_of(replace(case, images=swapped), LATER) != stamp_of(case, LATER)


def test_a_dicom_folder_has_a_stamp_of_all_its_files(found):
    case, folder = found[0], found[0].paths[0].parent
    dicom = replace(case, images={}, dicom=folder)
    before = stamp_of(dicom, LATER)
    (folder / "one more").write_bytes(b"")
    assert before and stamp_of(dicom, LATER) != before


def test_names_of_files_do_not_make_another_result_but_contents_do():
    told = {"T1": {"file": "a.nii", "sha256": "1"}, "T2": {"file": "b.nii", "sha256": "2", "frame": 3}}
    renamed = {"T2": {"file": "d.nii", "sha256": "2", "frame": 3}, "T1": {"file": "c.nii", "sha256": "1"}}
    changed = {**told, "T2": {**told["T2"], "frame": 2}}
    first = Identity(told, "package", {}).key
    assert Identity(renamed, "package", {}).key == first
    assert len({first, Identity(changed, "package", {}).key, Identity(told, "other", {}).key}) == 3


@pytest.mark.parametrize(
    ("options", "same"),
    [
        (CohortOptions(device="cuda", memory=1, threads=3, precision="fp32"), True),
        (CohortOptions(labels=LabelConvention.MSD), False),
        (CohortOptions(probabilities=True), False),
        (CohortOptions(force=True), False),
    ],
)
def test_where_and_how_fast_it_is_computed_makes_no_other_result(options, same):
    assert (settings_key("p", options) == settings_key("p", CohortOptions())) is same
