"""Report and DICOM objects by the worker: of the study segmented last, with labels that may have been edited since."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.answers import Written
from BrainTumorVAESegLib.core.choices import Shading
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.preparation import Alignment, Outcome, Prepared
from BrainTumorVAESegLib.core.requests import Export, Report, Segment
from BrainTumorVAESegLib.worker.answering import Answerer


@pytest.fixture
def labels(tmp_path) -> str:
    return str(tmp_path / "labels.npy")


@pytest.fixture
def answerer(files, tiny, labels) -> Answerer:
    """An answerer in this process that has segmented the small study as request 5."""
    made = Answerer(lambda progress: None)
    made.answer(Segment(files, str(tiny.folder), labels, "cpu", force=True, id=5))
    return made


def edit(labels: str) -> np.ndarray:
    """Put a block of enhancing tumor into the labels' file."""
    array = np.zeros_like(np.load(labels))
    array[14:22, 18:28, 12:22] = 3
    np.save(labels, array)
    return array


def test_a_report_tells_of_the_labels_as_they_are_now(answerer, labels, tmp_path, tiny):
    pytest.importorskip("jinja2")
    edit(labels)
    page = tmp_path / "out" / "report.html"
    page.parent.mkdir()
    assert answerer.answer(Report(5, labels, str(page), id=6)) == Written(6, (str(page),))
    text = page.read_text("utf-8")
    assert tiny.name in text and "ET 1" in text and "node T1ce" not in text, "no name unless asked for"
    answerer.answer(Report(5, labels, str(page), "zh", identify=True))
    assert 'lang="zh' in page.read_text("utf-8")


def test_a_report_knows_another_mask_of_the_same_volumes(answerer, labels, tmp_path):
    pytest.importorskip("jinja2")
    page, words = tmp_path / "report.html", "The mask was edited after it was segmented"
    answerer.answer(Report(5, labels, str(page)))
    assert words not in page.read_text("utf-8")
    array = np.load(labels)
    assert array.any()
    np.save(labels, array[:, :, ::-1].copy())
    answerer.answer(Report(5, labels, str(page)))
    assert words in page.read_text("utf-8")


def test_a_report_tells_what_was_done_to_the_images(answerer, labels, tmp_path):
    pytest.importorskip("jinja2")
    page, kept = tmp_path / "report.html", answerer._last
    aligned = {Modality.T2: Alignment(Outcome.ALIGNED, 0.5, 0.5)}
    prepared = Prepared(aligned, "HD-BET", 1234.0, shading=Shading.AUTO, evened=(Modality.T1,))
    answerer._last = replace(kept, result=replace(kept.result, prepared=prepared))
    answerer.answer(Report(5, labels, str(page)))
    text = page.read_text("utf-8")
    for sentence in (
        "T2 lay in place.", "The brain mask comes from HD-BET and has 1234 ml.", "Weak shading was taken from T1."
    ):  # fmt: skip
        assert sentence in text


def test_a_report_in_another_language_is_refused(answerer, labels, tmp_path):
    with pytest.raises(InputError, match="'xx' is no language of reports; choose en or zh"):
        answerer.answer(Report(5, labels, str(tmp_path / "report.html"), "xx"))


@pytest.mark.parametrize("id", [4, 6])
def test_what_is_no_longer_kept_is_refused(answerer, labels, tmp_path, id):
    for request in (Report(id, labels, "a.html"), Export(id, labels, {}, str(tmp_path), "a")):
        with pytest.raises(InputError, match="no longer kept; segment it again"):
            answerer.answer(request)


def test_dicom_objects_hold_the_labels_as_they_are_now(answerer, labels, study, tmp_path):
    pydicom, hd = pytest.importorskip("pydicom"), pytest.importorskip("highdicom")
    from dicomstudies import TAGS, write_series

    uid = write_series(study.reference_volume, tmp_path / "dicom", **TAGS[Modality.T1CE])
    series = tuple(str(path) for path in (tmp_path / "dicom").iterdir())
    array = edit(labels)
    told = answerer.answer(Export(5, labels, {Modality.T1CE: series}, str(tmp_path / "out"), "case", 7))
    assert {Path(file).name for file in told.files} == {
        f"case_{kind}.dcm" for kind in ("labels", "regions", "lesions", "measures")
    }
    seg = hd.seg.segread(next(file for file in told.files if file.endswith("_labels.dcm")))
    pixels = seg.pixel_array
    assert int(np.count_nonzero(pixels)) == int(np.count_nonzero(array))
    report = pydicom.dcmread(next(file for file in told.files if file.endswith("_measures.dcm")))
    assert uid in str(report)


def test_intervals_go_with_the_labels_that_they_are_of(answerer, labels, study, tmp_path):
    pydicom = pytest.importorskip("pydicom")
    pytest.importorskip("highdicom")
    from dicomstudies import TAGS, write_series

    write_series(study.reference_volume, tmp_path / "dicom", **TAGS[Modality.T1CE])
    series = tuple(str(path) for path in (tmp_path / "dicom").iterdir())
    kept = answerer._last
    answerer._last = replace(kept, trust=replace(kept.trust, intervals_ml={"WT": (0.0, 1e6)}))

    def measures() -> str:
        told = answerer.answer(Export(5, labels, {Modality.T1CE: series}, str(tmp_path / "out"), "case", 7))
        return str(pydicom.dcmread(next(file for file in told.files if file.endswith("_measures.dcm"))))

    assert "range of upper measurement uncertainty" in measures()
    edit(labels)
    assert "measurement uncertainty" not in measures()


def test_dicom_objects_need_a_reference_from_dicom(answerer, labels, tmp_path):
    pytest.importorskip("highdicom")
    with pytest.raises(InputError, match="T1ce did not come from DICOM"):
        answerer.answer(Export(5, labels, {Modality.T2: ("a.dcm",)}, str(tmp_path), "case"))


def test_a_file_of_the_series_that_is_no_image_is_said(answerer, labels, tmp_path):
    pytest.importorskip("highdicom")
    (tmp_path / "a.dcm").write_bytes(b"nothing")
    with pytest.raises(InputError, match="is no image any more; load the series again"):
        answerer.answer(Export(5, labels, {Modality.T1CE: (str(tmp_path / "a.dcm"),)}, str(tmp_path), "case"))
