"""The panel as a person uses it, with a client that answers when a test says so; no process, no network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from BrainTumorVAESegLib.core.findings import Finding, Severity
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.protocol import Check, Segment, WorkerError
from BrainTumorVAESegLib.slicer.installed import Installed

SELECTORS = {modality: f"{modality.value.lower()}Selector" for modality in MODALITIES}


@pytest.fixture
def opened(module: Any, client: Any, monkeypatch: pytest.MonkeyPatch, host: Any) -> Any:
    """The module's widget, entered, with the test's client in place of a worker."""
    from BrainTumorVAESegLib.slicer import segmenting

    monkeypatch.setattr(segmenting, "WorkerClient", lambda: client)
    representation = module.widgetRepresentation()
    representation.show()
    representation.enter()
    host.app.processEvents()
    return representation.self()


@pytest.fixture
def assigned(opened: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool]) -> Any:
    """The panel with the patient's four volumes chosen and checked."""
    opened.panel.assign()
    assert process_events(lambda: opened.ui.applyButton.enabled and "Checking" not in opened.ui.findingsLabel.text)
    return opened


@pytest.fixture
def running(assigned: Any, client: Any, process_events: Callable[..., bool]) -> Any:
    """The panel with a segmentation that waits for the worker."""
    assigned.ui.applyButton.click()
    assert process_events(lambda: any(isinstance(request[0], Segment) for request in client.requests))
    return assigned


def test_a_fresh_panel_says_what_to_choose_and_hides_what_does_not_apply(opened: Any) -> None:
    ui = opened.ui
    assert not ui.applyButton.enabled
    assert ui.applyButton.toolTip.splitlines() == [f"Choose the {modality} volume." for modality in MODALITIES]
    for name in ("progressBar", "messageLabel", "logButton", "forceCheckBox", "resultsTable", "noticeFrame"):
        assert not getattr(ui, name).visible, name


def test_volumes_are_assigned_by_their_names_with_their_facts(assigned: Any, volumes: dict[Modality, Any]) -> None:
    for modality in MODALITIES:
        assert getattr(assigned.ui, SELECTORS[modality]).currentNode() is volumes[modality]
        text = getattr(assigned.ui, f"{modality.value.lower()}Facts").text
        assert "68x80x64 at 2.5x2.5x2.5 mm" in text and "by its name" in text


def test_what_a_person_chose_is_not_assigned_anew_on_entering(
    opened: Any, volumes: dict[Modality, Any], host: Any
) -> None:
    parameters = opened.logic.getParameterNode()
    parameters.t1 = volumes[Modality.FLAIR]
    opened.exit()
    opened.enter()
    assert opened.ui.t1Selector.currentNode() is volumes[Modality.FLAIR]


def test_a_volume_chosen_twice_is_told_at_both(assigned: Any, volumes: dict[Modality, Any]) -> None:
    assigned.ui.t2Selector.setCurrentNode(volumes[Modality.FLAIR])
    assert not assigned.ui.applyButton.enabled
    assert "Patient FLAIR is chosen for FLAIR as well" in assigned.ui.applyButton.toolTip
    assert "as well" in assigned.ui.t2Facts.text and "as well" in assigned.ui.flairFacts.text


def test_a_finding_stands_at_its_volume_and_an_error_forbids_until_forced(
    opened: Any, client: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool]
) -> None:
    client.findings = (
        Finding("not_stripped", Severity.ERROR, "Patient T2 looks <not> skull-stripped.", "Remove it.", Modality.T2),
        Finding("any", Severity.WARNING, "Something general.", "Look at it."),
    )
    opened.panel.assign()
    ui = opened.ui
    assert process_events(lambda: "skull-stripped" in ui.t2Facts.text)
    assert "&lt;not&gt;" in ui.t2Facts.text and "skull" not in ui.t1Facts.text
    assert "Something general." in ui.findingsLabel.text
    assert not ui.applyButton.enabled and "have errors" in ui.applyButton.toolTip
    ui.forceCheckBox.checked = True
    assert ui.applyButton.enabled
    ui.applyButton.click()
    assert process_events(lambda: any(isinstance(r[0], Segment) and r[0].force for r in client.requests))


def test_findings_are_forgotten_with_the_volume_that_they_are_of(
    opened: Any, client: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool], scene: Any
) -> None:
    client.findings = (Finding("x", Severity.WARNING, "Odd.", "", Modality.T2),)
    opened.panel.assign()
    assert process_events(lambda: "Odd." in opened.ui.t2Facts.text)
    opened.ui.t1Selector.setCurrentNode(None)
    assert "Odd." not in opened.ui.t2Facts.text


def test_the_button_becomes_cancel_and_progress_names_its_stage(running: Any, client: Any) -> None:
    ui = running.ui
    assert ui.applyButton.text == "Cancel" and ui.applyButton.enabled and ui.progressBar.visible
    assert not ui.t1Selector.enabled and not ui.modelComboBox.enabled and not ui.styleComboBox.enabled
    client.progress("stage 2, region 1 of 2", 0.5)
    assert ui.progressBar.format.startswith("Stage 2, region 1 of 2") and 40 < ui.progressBar.value < 60


def test_cancel_makes_the_panel_ready_again(running: Any, client: Any, process_events: Callable[..., bool]) -> None:
    ui = running.ui
    ui.applyButton.click()
    assert client.cancelled == 1 and ui.applyButton.text == "Segment" and ui.applyButton.enabled
    assert "Cancelled" in ui.messageLabel.text and not ui.progressBar.visible and ui.t1Selector.enabled
    ui.applyButton.click()
    assert process_events(lambda: any(isinstance(request[0], Segment) for request in client.requests))


def test_a_cancelled_check_is_made_again(
    running: Any, client: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool]
) -> None:
    volumes[Modality.T1].GetImageData().Modified()
    running.panel.refresh()
    assert "Checking" in running.ui.findingsLabel.text
    process_events(seconds=0.4)
    running.ui.applyButton.click()
    assert process_events(lambda: not running.ui.findingsLabel.visible)


def test_the_device_is_named_and_one_that_is_not_there_is_told(
    assigned: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    ui = assigned.ui
    assert ui.deviceLabel.text == "cpu (2 threads), 8.0 GB of memory free"
    client.probed = replace(client.probed, wish_met=False, problem="This PyTorch is a build for the CPU alone.")
    ui.deviceComboBox.currentIndex = 1
    assert process_events(lambda: not ui.applyButton.enabled)
    assert ui.applyButton.toolTip == "This PyTorch is a build for the CPU alone."
    client.probed = replace(client.probed, wish_met=True, problem=None)
    ui.deviceComboBox.currentIndex = 0
    assert process_events(lambda: ui.applyButton.enabled)


def test_a_result_is_chosen_and_its_volumes_are_shown(
    running: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    ui = running.ui
    client.answer()
    assert process_events(lambda: ui.applyButton.text == "Segment")
    assert ui.segmentationSelector.currentNode().GetName() == "Patient T1ce tumor"
    rows = [
        [ui.resultsTable.item(row, column).text() for column in range(2)] for row in range(ui.resultsTable.rowCount)
    ]
    assert rows == [
        ["Necrotic and non-enhancing core", "1.00"],
        ["Edema", "2.00"],
        ["Enhancing tumor", "3.00"],
        ["Tumor core", "5.00"],
        ["Whole tumor", "4.00"],
    ]
    assert "A note." in ui.resultLabel.text and "Done in" in ui.messageLabel.text
    assert "not a medical device" in ui.domainLabel.text


def test_nested_segments_are_a_choice_before_and_after(
    running: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    ui = running.ui
    client.answer()
    assert process_events(lambda: ui.applyButton.text == "Segment")
    ui.styleComboBox.currentIndex = 1
    segmentation = ui.segmentationSelector.currentNode().GetSegmentation()
    assert process_events(lambda: segmentation.GetSegment("WT") is not None)
    assert process_events(lambda: ui.applyButton.text == "Segment")
    assert segmentation.GetSegment("NCR") is None and color_of(ui.resultsTable.item(4, 0)).green() > 100


def color_of(item: Any) -> Any:
    return item.icon().pixmap(14, 14).toImage().pixelColor(7, 7)


def test_the_fill_follows_the_slider(running: Any, client: Any, process_events: Callable[..., bool]) -> None:
    ui = running.ui
    client.answer()
    assert process_events(lambda: ui.applyButton.text == "Segment")
    ui.opacitySlider.value = 0.6
    display = ui.segmentationSelector.currentNode().GetDisplayNode()
    assert display.GetOpacity2DFill() == pytest.approx(0.6)


def test_surfaces_are_made_and_dropped_on_request(
    running: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    from BrainTumorVAESegLib.slicer.display import is_3d_shown

    ui = running.ui
    client.answer()
    assert process_events(lambda: ui.applyButton.text == "Segment")
    node = ui.segmentationSelector.currentNode()
    ui.show3dCheckBox.checked = True
    assert is_3d_shown(node)
    ui.show3dCheckBox.checked = False
    assert not is_3d_shown(node)


def test_a_failure_is_one_sentence_and_offers_the_log_where_the_worker_is_at_fault(
    running: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    client.fail(WorkerError("The worker ended unexpectedly; try again."))
    assert process_events(lambda: "ended unexpectedly" in running.ui.messageLabel.text)
    assert running.ui.logButton.visible and running.ui.applyButton.text == "Segment" and running.ui.applyButton.enabled


def test_a_result_is_chosen_also_where_another_module_was_opened_meanwhile(
    running: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    running.exit()
    client.answer()
    assert process_events(lambda: not running.logic.segmenting.busy)
    running.enter()
    assert running.ui.segmentationSelector.currentNode().GetName() == "Patient T1ce tumor"
    assert running.ui.resultsTable.rowCount == 5 and running.ui.applyButton.text == "Segment"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("vtkMRMLLabelMapVolumeNode", "Other is a label map; choose the MR image itself."),
        ("vtkMRMLVectorVolumeNode", "Other holds several values in each voxel; choose a gray-scale MR image."),
        ("vtkMRMLScalarVolumeNode", "Other holds no image; load it again."),
    ],
)
def test_a_volume_that_will_not_do_is_told_beside_it_and_at_the_button(
    assigned: Any, scene: Any, kind: str, sentence: str
) -> None:
    assigned.logic.getParameterNode().t2 = scene.AddNewNodeByClass(kind, "Other")
    assert assigned.ui.applyButton.toolTip == sentence and not assigned.ui.applyButton.enabled
    assert sentence in assigned.ui.t2Facts.text


def test_without_any_model_the_panel_says_where_to_get_one(
    opened: Any, volumes: dict[Modality, Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from BrainTumorVAESegLib.models import library

    monkeypatch.setenv(library.ENVIRONMENT_VARIABLE, str(tmp_path / "none"))
    monkeypatch.setattr(library, "shipped_folder", lambda: tmp_path / "none shipped")
    opened.exit()
    opened.enter()
    opened.panel.assign()
    assert opened.ui.applyButton.toolTip == "No model package is installed: import one under Model."


def test_a_model_that_is_imported_is_chosen_and_can_be_removed(
    opened: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer
    from BrainTumorVAESegLib.models import library
    from BrainTumorVAESegLib.models.package import read_package
    from BrainTumorVAESegLib.models.writing import write_zip

    monkeypatch.setenv(library.ENVIRONMENT_VARIABLE, str(tmp_path / "models"))
    path = write_zip(read_package(a_copy(tmp_path, "mine")), tmp_path / "mine.zip")
    opened.panel.models.install(path)
    parameters, ui = opened.logic.getParameterNode(), opened.ui
    assert parameters.model == "mine" and ui.modelComboBox.currentText == "mine 0.1.0" and ui.removeModelButton.enabled
    assert "fast" in ui.modelCardBrowser.toPlainText()
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text: False)
    ui.removeModelButton.click()
    assert parameters.model == "mine"
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text: "mine" in text)
    ui.removeModelButton.click()
    assert parameters.model == "" and not (tmp_path / "models" / "mine").exists()


def test_a_damaged_zip_is_refused_in_the_panel(opened: Any, tmp_path: Any) -> None:
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    opened.panel.models.install(tmp_path / "bad.zip")
    assert "bad.zip" in opened.ui.modelLabel.text and opened.ui.modelLabel.visible


def test_a_closed_scene_stops_it_and_leaves_an_empty_panel(
    running: Any, client: Any, scene: Any, process_events: Callable[..., bool]
) -> None:
    scene.Clear()
    process_events(seconds=0.1)
    assert client.cancelled >= 1 and running.ui.applyButton.text == "Segment"
    assert "scene was closed" in running.ui.messageLabel.text and running.ui.t1Selector.currentNode() is None


def test_a_removed_volume_stops_it_and_is_named(
    running: Any, scene: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool]
) -> None:
    scene.RemoveNode(volumes[Modality.T2])
    process_events(seconds=0.1)
    assert "Patient T2 was removed" in running.ui.messageLabel.text
    assert running.ui.applyButton.text == "Segment" and "Choose the T2 volume." in running.ui.applyButton.toolTip


def test_a_model_of_a_loaded_scene_that_is_not_installed_is_told(assigned: Any) -> None:
    assigned.logic.getParameterNode().model = "mine"
    assigned.exit()
    assigned.enter()
    assert "mine is not installed" in assigned.ui.applyButton.toolTip
    assert assigned.ui.modelComboBox.currentText == "mine (not installed)"


def a_copy(folder: Any, name: str) -> Any:
    """A copy of the package that ships, under another name."""
    import json
    import shutil

    from BrainTumorVAESegLib.models.library import shipped_folder
    from BrainTumorVAESegLib.models.manifest import MANIFEST, digest

    shutil.copytree(shipped_folder() / "fast", folder / name)
    values = {**json.loads((folder / name / MANIFEST).read_text()), "name": name}
    (folder / name / MANIFEST).write_text(json.dumps({**values, "sha256": digest(values)}))
    return folder / name


def test_a_model_removed_while_chosen_is_told(
    opened: Any, volumes: dict[Modality, Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    from BrainTumorVAESegLib.models.library import ENVIRONMENT_VARIABLE

    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path))
    folder = a_copy(tmp_path, "mine")
    opened.logic.getParameterNode().model = "mine"
    opened.exit()
    opened.enter()
    opened.panel.assign()
    assert opened.ui.applyButton.enabled, opened.ui.applyButton.toolTip
    shutil.rmtree(folder)
    opened.ui.applyButton.click()
    assert not opened.ui.applyButton.enabled and "mine is no longer there" in opened.ui.applyButton.toolTip


@pytest.fixture
def segmented(running: Any, client: Any, process_events: Callable[..., bool]) -> Any:
    """The panel with a result."""
    client.answer()
    assert process_events(lambda: running.ui.applyButton.text == "Segment")
    return running


def second_case(small_study: Any) -> dict[Modality, Any]:
    """Another case's four volume nodes."""
    import numpy as np
    import slicer

    matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ small_study.reference_volume.geometry.index_to_physical
    return {m: slicer.util.addVolumeFromArray(small_study[m].array, matrix, f"Second {m}") for m in small_study}


def test_a_removed_segmentation_leaves_a_new_one_to_be_made_and_not_anothers_to_be_replaced(
    segmented: Any, scene: Any, process_events: Callable[..., bool]
) -> None:
    scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Of another patient")
    scene.RemoveNode(segmented.ui.segmentationSelector.currentNode())
    process_events(seconds=0.1)
    assert segmented.ui.segmentationSelector.currentNode() is None


def test_another_case_gets_a_segmentation_of_its_own(
    segmented: Any, small_study: Any, process_events: Callable[..., bool]
) -> None:
    first = segmented.ui.segmentationSelector.currentNode()
    for modality, node in second_case(small_study).items():
        setattr(segmented.logic.getParameterNode(), modality.value.lower(), node)
    process_events(seconds=0.1)
    assert segmented.ui.segmentationSelector.currentNode() is None
    segmented.ui.segmentationSelector.setCurrentNode(first)
    process_events(seconds=0.1)
    assert segmented.ui.segmentationSelector.currentNode() is first, "a person may choose it all the same"


def test_errors_are_not_overlooked_in_another_case(
    opened: Any, client: Any, volumes: dict[Modality, Any], small_study: Any, process_events: Callable[..., bool]
) -> None:
    client.findings = (Finding("not_stripped", Severity.ERROR, "It has a skull.", "", Modality.T2),)
    opened.panel.assign()
    assert process_events(lambda: opened.ui.forceCheckBox.visible)
    opened.ui.forceCheckBox.checked = True
    assert opened.ui.applyButton.enabled
    for modality, node in second_case(small_study).items():
        setattr(opened.logic.getParameterNode(), modality.value.lower(), node)
    assert process_events(lambda: opened.ui.forceCheckBox.visible)
    assert not opened.ui.forceCheckBox.checked and not opened.ui.applyButton.enabled


def test_a_check_is_made_also_where_the_module_was_left_before_it_began(
    opened: Any, client: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool]
) -> None:
    opened.panel.assign()
    opened.exit()
    process_events(seconds=0.4)
    opened.enter()
    assert process_events(lambda: any(isinstance(request, Check) for request in client.seen), 2)
    assert process_events(lambda: "Checking" not in opened.ui.findingsLabel.text, 2)


def test_what_shows_the_result_cannot_be_changed_while_another_is_made(segmented: Any, client: Any) -> None:
    segmented.ui.applyButton.click()
    assert not segmented.ui.show3dCheckBox.enabled and not segmented.ui.opacitySlider.enabled


def test_a_slot_left_open_on_purpose_stays_open(assigned: Any) -> None:
    assigned.ui.t2Selector.setCurrentNode(None)
    assigned.exit()
    assigned.enter()
    assert assigned.ui.t2Selector.currentNode() is None and assigned.ui.t1Selector.currentNode() is not None


def test_edits_are_measured_when_the_segments_are_arranged_anew(
    segmented: Any, process_events: Callable[..., bool]
) -> None:
    ui = segmented.ui
    node = ui.segmentationSelector.currentNode()
    node.GetSegmentation().RemoveSegment("ED")
    ui.styleComboBox.currentIndex = 1
    assert process_events(lambda: node.GetSegmentation().GetSegment("WT") is not None)
    assert process_events(lambda: ui.applyButton.text == "Segment")
    volumes = {ui.resultsTable.item(row, 0).text(): float(ui.resultsTable.item(row, 1).text()) for row in range(5)}
    assert volumes["Edema"] == 0 and volumes["Whole tumor"] == volumes["Tumor core"] > 0
    assert ui.resultLabel.text.endswith("Edited since.")


def test_the_choices_follow_the_segmentation_that_is_chosen(
    segmented: Any, scene: Any, volumes: dict[Modality, Any], client: Any, process_events: Callable[..., bool]
) -> None:
    from BrainTumorVAESegLib.slicer.choices import Style
    from BrainTumorVAESegLib.slicer.segments import fill

    nested = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Nested")
    for _step in fill(nested, client.labels, volumes[Modality.T1CE], Style.NESTED, opacity=0.7):
        pass
    segmented.ui.segmentationSelector.setCurrentNode(nested)
    process_events(seconds=0.1)
    assert segmented.ui.styleComboBox.currentIndex == 1
    assert segmented.ui.opacitySlider.value == pytest.approx(0.7)
    assert nested.GetSegmentation().GetSegment("WT") is not None and not segmented.logic.segmenting.busy


def test_a_callback_that_fails_does_not_leave_cancel_on_the_button(
    assigned: Any, client: Any, process_events: Callable[..., bool], errors_in_slots: list[str]
) -> None:
    def fail(outcome: Any) -> None:
        raise ValueError("in a script")

    nodes = assigned.panel.nodes
    assigned.logic.start(*(nodes[modality] for modality in MODALITIES), finished=fail)
    assert process_events(lambda: client.requests)
    client.answer()
    assert process_events(lambda: assigned.ui.applyButton.text == "Segment")
    assert "in a script" in errors_in_slots.pop()


def test_choices_survive_a_scene_that_is_added(
    assigned: Any, scene: Any, host: Any, volumes: dict[Modality, Any], tmp_path: Any
) -> None:
    other = tmp_path / "other.mrml"
    other.write_text('<MRML version="Slicer5" userTags=""></MRML>', encoding="utf-8")
    assigned.ui.t2Selector.setCurrentNode(None)
    scene.SetURL(str(other))
    scene.Import()
    host.app.processEvents()
    assert assigned.ui.t1Selector.currentNode() is volumes[Modality.T1]
    assert assigned.ui.t2Selector.currentNode() is None


def test_nothing_is_installed_while_the_worker_holds_it(
    module: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from BrainTumorVAESegLib.slicer import requirements, segmenting

    class Shop(requirements.Installer):
        def has_extension(self) -> bool:
            return True

        def install_torch(self, torch: Any) -> bool:
            assert client.stopped == 1
            return True

        def remove_torch(self) -> None:
            raise AssertionError("there was none")

    monkeypatch.setattr(segmenting, "WorkerClient", lambda: client)
    monkeypatch.setattr(requirements, "Installed", NoTorch)
    monkeypatch.setattr(requirements, "Installer", Shop)
    monkeypatch.setattr("slicer.util.confirmOkCancelDisplay", lambda *_, **__: True)
    representation = module.widgetRepresentation()
    representation.enter()
    representation.self().ui.installButton.click()
    assert client.stopped == 1


class NoTorch(Installed):
    """A Python without PyTorch."""

    def version(self, name: str) -> str | None:
        return None if name == "torch" else super().version(name)

    def importable(self, module: str) -> bool:
        return module != "torch" and super().importable(module)

    def whole(self, name: str) -> bool:
        return name == "torch" or super().whole(name)


def test_without_torch_the_panel_says_so_and_offers_to_get_it(
    module: Any, client: Any, monkeypatch: pytest.MonkeyPatch, volumes: dict[Modality, Any]
) -> None:
    from BrainTumorVAESegLib.slicer import requirements, segmenting

    monkeypatch.setattr(segmenting, "WorkerClient", lambda: client)
    monkeypatch.setattr(requirements, "Installed", NoTorch)
    representation = module.widgetRepresentation()
    representation.show()
    representation.enter()
    ui = representation.self().ui
    assert ui.noticeFrame.visible and "PyTorch" in ui.noticeLabel.text and ui.installButton.visible
    assert not ui.applyButton.enabled and "PyTorch" in ui.applyButton.toolTip.splitlines()[0]
    assert not any(not isinstance(request, Check) for request in client.seen)


def test_a_saved_scene_restores_the_choices(assigned: Any, scene: Any, tmp_path: Any, host: Any) -> None:
    parameters = assigned.logic.getParameterNode()
    assigned.ui.styleComboBox.currentIndex = 1
    assigned.ui.deviceComboBox.currentIndex = 2
    assigned.ui.opacitySlider.value = 0.5
    assert (parameters.style.name, parameters.device.name, parameters.opacity) == ("NESTED", "CPU", 0.5)
    path = tmp_path / "scene.mrb"
    assert host.util.saveScene(str(path))
    scene.Clear()
    assert assigned.ui.styleComboBox.currentIndex == 0
    host.util.loadScene(str(path))
    host.app.processEvents()
    assert assigned.ui.styleComboBox.currentIndex == 1 and assigned.ui.deviceComboBox.currentIndex == 2
    assert assigned.ui.t1Selector.currentNode().GetName() == "Patient T1"
