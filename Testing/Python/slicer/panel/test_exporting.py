"""The buttons Report and DICOM: what they are offered for, what is asked of the worker, and what is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import OutputError
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.requests import Export, Report

Process = Callable[..., bool]


class Database:
    """Knows a file of each instance."""

    isOpen = True  # noqa: N815 - Qt's name

    def instanceValue(self, uid: str, tag: str) -> str:  # noqa: N802 - Qt's name
        return ""

    def fileForInstance(self, uid: str) -> str:  # noqa: N802 - Qt's name
        return "" if uid == "lost" else f"/db/{uid}.dcm"


@pytest.fixture
def opened_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that the system was asked to open."""
    import qt

    seen: list[str] = []
    monkeypatch.setattr(qt.QDesktopServices, "openUrl", lambda url: seen.append(url.toLocalFile()))
    return seen


@pytest.fixture
def from_dicom(host: Any, segmented: Any, volumes: dict[Modality, Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The panel with a result whose T1ce and T2 came from DICOM."""
    monkeypatch.setattr(host, "dicomDatabase", Database(), raising=False)
    volumes[Modality.T1CE].SetAttribute("DICOM.instanceUIDs", "1.2 1.3")
    volumes[Modality.T2].SetAttribute("DICOM.instanceUIDs", "2.2")
    volumes[Modality.T1].SetAttribute("DICOM.instanceUIDs", "3.2 lost")
    segmented.panel.refresh()
    return segmented


def noted(client: Any, kind: type) -> list[tuple[Any, np.ndarray]]:
    """Note the requests of a kind with the labels that they give, as they come."""
    sent: list[tuple[Any, np.ndarray]] = []
    answer = client.request

    def request(message: Any, *rest: Any) -> int:
        if isinstance(message, kind):
            sent.append((message, np.load(message.labels)))
        return answer(message, *rest)

    client.request = request
    return sent


def hold(client: Any, process_events: Process) -> None:
    """Answer nothing any more at once, after the panel has come to rest."""
    process_events(seconds=0.2)
    client.at_once = False


def said(panel: Any) -> str:
    return panel.ui.exportLabel.text.replace("\u200b", "")


def test_without_a_result_nothing_is_offered(assigned: Any):
    assert not assigned.ui.exportWidget.visible and not assigned.ui.exportLabel.visible


def test_a_report_is_written_and_opened(
    segmented: Any, client: Any, tmp_path: Path, process_events: Process, opened_files: list[str]
):
    sent = noted(client, Report)
    assert segmented.ui.reportButton.enabled
    segmented.panel._export.report(tmp_path / "page.html")
    assert not segmented.ui.reportButton.enabled and "Writing the report" in segmented.ui.exportLabel.text
    assert process_events(lambda: opened_files)
    ((message, labels),) = sent
    assert (message.file, message.language, message.identify) == (str(tmp_path / "page.html"), "en", False)
    assert np.array_equal(labels, client.labels)
    assert opened_files == [str(tmp_path / "page.html")] and "page.html" in segmented.ui.exportLabel.text
    assert segmented.ui.reportButton.enabled
    assert not [path for path in client.exchange.folder.iterdir() if "labels" in path.name]


def test_looking_anew_asks_the_database_nothing(from_dicom: Any, volumes: dict[Modality, Any], host: Any):
    asked: list[str] = []
    host.dicomDatabase.fileForInstance = lambda uid: asked.append(uid) or f"/db/{uid}.dcm"
    from_dicom.panel.refresh()
    assert asked == [] and from_dicom.ui.dicomButton.enabled
    volumes[Modality.T1CE].SetAttribute("DICOM.instanceUIDs", "1.4")
    from_dicom.panel.refresh()
    assert "1.4" in asked


def test_the_file_is_asked_for_and_ends_as_a_page(
    segmented: Any, client: Any, tmp_path: Path, process_events: Process, monkeypatch: Any, opened_files: list[str]
):
    import qt

    answers = ["", str(tmp_path / "mine")]
    asked: list[str] = []
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *args: asked.append(args[2]) or answers.pop(0))
    sent = noted(client, Report)
    segmented.ui.reportButton.click()
    process_events(seconds=0.05)
    assert not sent, "where the question is put aside"
    segmented.ui.reportButton.click()
    assert process_events(lambda: opened_files)
    assert asked[0] == "Patient_T1ce_report.html" and sent[0][0].file == str(tmp_path / "mine.html")


def test_a_report_that_cannot_be_written_is_said(segmented: Any, client: Any, tmp_path: Path, process_events: Process):
    hold(client, process_events)
    segmented.panel._export.report(tmp_path / "page.html")
    assert process_events(lambda: any(isinstance(each[0], Report) for each in client.requests))
    client.fail(OutputError("page.html: is the report of another case; choose another name."))
    assert process_events(lambda: "another case" in segmented.ui.exportLabel.text)
    assert segmented.ui.reportButton.enabled


def test_dicom_is_offered_only_where_the_reference_came_from_dicom(segmented: Any, volumes: Any, host: Any):
    assert not segmented.ui.dicomButton.enabled
    assert "did not come from DICOM" in segmented.ui.dicomButton.toolTip


def test_dicom_objects_refer_to_the_series_in_the_database(
    from_dicom: Any, client: Any, tmp_path: Path, process_events: Process, monkeypatch: Any
):
    import qt

    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *args: str(tmp_path))
    sent = noted(client, Export)
    assert from_dicom.ui.dicomButton.enabled
    from_dicom.ui.dicomButton.click()
    assert process_events(lambda: "Written to" in said(from_dicom))
    ((message, labels),) = sent
    assert message.series == {Modality.T1CE: ("/db/1.2.dcm", "/db/1.3.dcm"), Modality.T2: ("/db/2.2.dcm",)}
    assert (message.folder, message.name) == (str(tmp_path), "Patient_T1ce")
    assert np.array_equal(labels, client.labels)
    assert "Patient_T1ce_measures.dcm" in said(from_dicom)
    assert "A note on the headers." in said(from_dicom)


def test_another_segmentation_is_none_of_this_session(segmented: Any, scene: Any, host: Any, volumes: Any):
    other = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "older")
    other.SetReferenceImageGeometryParameterFromVolumeNode(volumes[Modality.T1CE])
    segmented.ui.segmentationSelector.setCurrentNode(other)
    segmented.panel.refresh()
    assert not segmented.ui.reportButton.enabled and "segment again" in segmented.ui.reportButton.toolTip


def test_a_cancelled_report_leaves_the_button(segmented: Any, client: Any, tmp_path: Path, process_events: Process):
    hold(client, process_events)
    segmented.panel._export.report(tmp_path / "page.html")
    assert process_events(lambda: any(isinstance(each[0], Report) for each in client.requests))
    segmented.logic.cancel()
    assert segmented.ui.reportButton.enabled and not segmented.ui.exportLabel.visible


@pytest.mark.parametrize(
    ("name", "file"),
    [("7: AX T1", "7_AX_T1"), ("../../etc", "etc"), ("患者 1", "患者_1"), ("///", "tumor"), ("a<b>|c", "a_b_c")],
)
def test_a_files_name_holds_nothing_that_a_system_refuses(host: Any, name: str, file: str):
    from BrainTumorVAESegLib.slicer.exporting import file_name

    assert file_name(name) == file
