"""Two examinations on one page: what changed, side by side, with what the networks do not know."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError, OutputError
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.volume import Study
from BrainTumorVAESegLib.images.dicom_patient import Patient
from BrainTumorVAESegLib.measures.changes import Change
from BrainTumorVAESegLib.reporting.report.followup import Examination, Followup, compare_results
from BrainTumorVAESegLib.reporting.report.followup_contents import change_rows
from BrainTumorVAESegLib.reporting.report.followup_writing import write_comparison
from BrainTumorVAESegLib.reporting.report.language import Language, Translator
from BrainTumorVAESegLib.reporting.report.writing import ReportOptions


@pytest.fixture(scope="module")
def before(phantom, segmentation: Segmentation) -> Examination:
    return Examination(phantom.study, segmentation, {"name": "DOE_1", "package": {"name": "a", "version": "1"}})


@pytest.fixture(scope="module")
def after(phantom, segmentation: Segmentation) -> Examination:
    """The same head a little brighter, half of the edema gone, a small lesion where there was none."""
    volumes = {m: replace(v, array=v.array * np.float32(1.02)) for m, v in phantom.study.volumes.items()}
    labels = segmentation.labels.copy()
    labels[: labels.shape[0] // 2][labels[: labels.shape[0] // 2] == 2] = 0
    labels[20:22, 36:38, 10:12] = 3
    summary = {"name": "DOE_2", "package": {"name": "b", "version": "2", "sha256": "x"}}
    return Examination(Study(volumes), replace(segmentation, labels=labels), summary)


@pytest.fixture(scope="module")
def followup(before: Examination, after: Examination) -> Followup:
    return compare_results(before, after)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_a_change_of_a_volume_has_the_decimals_that_its_larger_volume_has_elsewhere():
    changes = {"WT": Change(20.04, 10.0), "TC": Change(0.5, 0.25), "ET": Change(0.0, 0.003)}
    rows = change_rows(changes, Translator(Language.EN), "ml")
    told = [("20.0", "10.0", "-10.0"), ("0.50", "0.25", "-0.25"), ("0.000", "0.003", "+0.003")]
    assert [row[3:6] for row in rows] == told


@pytest.mark.parametrize("language", Language)
def test_the_page_tells_changes_and_that_no_treated_brain_is_known(followup, tmp_path: Path, language) -> None:
    path = tmp_path / "page.html"
    write_comparison(followup, path, options=ReportOptions(language))
    page = path.read_text("utf-8")
    text = words(page)
    said = {Language.EN: "The networks know no treated brain", Language.ZH: "网络不了解治疗后的脑"}
    assert said[language] in text and not re.search("DOE", re.sub(r'"data:[^"]*"', "", page))
    change = followup.changes.volumes_ml["ED"]
    assert f"{change.before:.1f} {change.after:.1f} -{-change.difference:.1f} {change.percent:.0f}" in text
    assert page.count("<svg") == 4 * (3 + 1)  # three planes, and the new lesion, of ET and of WT in one
    rows = page.split('<div class="row">')[1:]
    assert [row.count("<line ") for row in rows] == [0, 0, 0, 4 * 4]  # a frame around it in each of its pictures
    assert all(address.startswith("data:image/png;base64,") for address in re.findall(r'(?:href|src)="([^"]*)"', page))


def test_new_lesions_and_other_packages_are_told(followup: Followup, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_comparison(followup, path, options=ReportOptions(identify=True))
    text = words(path.read_text("utf-8"))
    assert [each.region for each in followup.changes.new] == ["ET", "WT"] and followup.changes.vanished == ()
    assert "The two results are of different model packages" in text and "DOE_1 DOE_2" in text
    assert "new ET" in text and "None." in text and "nothing was registered" in text


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (("17", "18"), "are of different patients"),
        (("17", ""), "Nothing in the images tells whether both examinations are of one patient"),
        (("17", "17"), ""),
    ],
)
def test_whether_both_are_of_one_patient_is_said(followup: Followup, numbers, said: str, tmp_path: Path) -> None:
    both = [
        replace(e, patient=Patient(number=n)) for e, n in zip((followup.before, followup.after), numbers, strict=True)
    ]
    path = tmp_path / "page.html"
    write_comparison(replace(followup, before=both[0], after=both[1]), path)
    text = words(path.read_text("utf-8"))
    assert (said in text) if said else ("different patients" not in text and "one patient" not in text)


def test_an_empty_result_is_compared_as_well(before: Examination, after: Examination, tmp_path: Path) -> None:
    labels = np.zeros_like(after.segmentation.labels)
    gone = replace(after, segmentation=replace(after.segmentation, labels=labels))
    followup = compare_results(before, gone)
    write_comparison(followup, tmp_path / "page.html")
    assert followup.changes.volumes_ml["WT"].percent == -100 and len(followup.changes.vanished) >= 2


def test_the_same_images_twice_are_refused(before: Examination) -> None:
    with pytest.raises(InputError, match="Both results are of the same images; give results of two examinations"):
        compare_results(before, before)


def test_a_page_of_other_examinations_is_not_replaced(followup: Followup, before, after, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_comparison(followup, path)
    write_comparison(followup, path)
    with pytest.raises(OutputError, match="is the report of another case"):
        write_comparison(compare_results(after, before), path)
