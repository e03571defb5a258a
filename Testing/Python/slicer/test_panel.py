"""The panel as a person uses it, with a client that answers when a test says so: choosing, running, the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.amounts import format_volume
from BrainTumorVAESegLib.core.errors import WorkerError
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.requests import Segment


def test_a_fresh_panel_says_what_to_choose_and_hides_what_does_not_apply(opened: Any) -> None:
    ui = opened.ui
    assert not ui.applyButton.enabled
    assert ui.applyButton.toolTip.splitlines() == [f"Choose the {modality} volume." for modality in MODALITIES]
    for name in ("progressBar", "messageLabel", "logButton", "forceCheckBox", "resultsTable", "noticeFrame"):
        assert not getattr(ui, name).visible, name


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
    voxels = np.bincount(client.labels.ravel(), minlength=4) * client.geometry.voxel_volume
    assert rows == [
        ["Necrotic and non-enhancing core", format_volume(voxels[1])],
        ["Edema", format_volume(voxels[2])],
        ["Enhancing tumor", format_volume(voxels[3])],
        ["Tumor core", format_volume(voxels[1] + voxels[3])],
        ["Whole tumor", format_volume(voxels[1:].sum())],
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
    from BrainTumorVAESegLib.slicer.nodes.display import is_3d_shown

    ui = running.ui
    client.answer()
    assert process_events(lambda: ui.applyButton.text == "Segment")
    node = ui.segmentationSelector.currentNode()
    ui.show3dCheckBox.checked = True
    assert is_3d_shown(node)
    ui.show3dCheckBox.checked = False
    assert not is_3d_shown(node)


def test_the_views_turn_to_a_new_result_and_to_the_tumor_on_request(
    running: Any, client: Any, slices: list[Any], volumes: dict[Modality, Any], process_events: Callable[..., bool]
) -> None:
    client.answer()
    assert process_events(lambda: running.ui.applyButton.text == "Segment")
    offsets = [node.GetSliceOffset() for node in slices]
    assert all(offsets) and {layer.GetBackgroundVolumeID() for layer in layers_of(slices)} == {
        volumes[Modality.T1CE].GetID()
    }
    for node in slices:
        node.SetSliceOffset(-7)
    running.ui.goToTumorButton.click()
    assert [node.GetSliceOffset() for node in slices] == pytest.approx(offsets)


def layers_of(slices: list[Any]) -> list[Any]:
    scene = slices[0].GetScene()
    return [scene.GetNthNodeByClass(n, "vtkMRMLSliceCompositeNode") for n in range(len(slices))]


def test_the_views_stay_where_another_module_is_open(
    running: Any, client: Any, slices: list[Any], process_events: Callable[..., bool]
) -> None:
    running.exit()
    client.answer()
    assert process_events(lambda: not running.logic.segmenting.busy)
    assert [node.GetSliceOffset() for node in slices] == [0, 0, 0]


def test_a_segmentation_without_a_tumor_is_told_when_asked_to_go_there(
    running: Any, client: Any, slices: list[Any], process_events: Callable[..., bool]
) -> None:
    client.labels = client.labels * 0
    client.answer()
    assert process_events(lambda: running.ui.applyButton.text == "Segment")
    assert "Done in" in running.panel.explanation
    running.ui.goToTumorButton.click()
    assert running.panel.explanation == "Patient T1ce tumor holds no tumor."


def test_the_cameras_turn_to_surfaces_that_are_shown_for_the_first_time(
    segmented: Any, monkeypatch: pytest.MonkeyPatch, process_events: Callable[..., bool]
) -> None:
    from BrainTumorVAESegLib.slicer.panel import display

    turned: list[int] = []
    monkeypatch.setattr(display, "center_3d_views", lambda: turned.append(1))
    ui = segmented.ui
    for on in (True, False, True):
        ui.show3dCheckBox.checked = on
        assert len(turned) == 1
    ui.styleComboBox.currentIndex = 1
    assert process_events(lambda: ui.applyButton.text == "Segment")
    assert len(turned) == 1


def test_the_cameras_turn_to_a_result_that_comes_with_surfaces(
    assigned: Any, client: Any, monkeypatch: pytest.MonkeyPatch, process_events: Callable[..., bool]
) -> None:
    from BrainTumorVAESegLib.slicer.panel import display

    turned: list[int] = []
    monkeypatch.setattr(display, "center_3d_views", lambda: turned.append(1))
    assigned.logic.getParameterNode().show3d = True
    for _run in range(2):
        assigned.ui.applyButton.click()
        assert process_events(lambda: client.requests)
        client.answer()
        assert process_events(lambda: assigned.ui.applyButton.text == "Segment")
    assert len(turned) == 1


def test_what_was_said_of_a_scene_is_taken_back_when_it_changes(
    running: Any, scene: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool]
) -> None:
    running.ui.applyButton.click()
    assert running.ui.messageLabel.visible and "Cancelled; the scene is as it was." in running.panel.explanation
    running.panel.refresh()
    assert running.ui.messageLabel.visible
    scene.RemoveNode(volumes[Modality.T2])
    assert process_events(lambda: running.panel.explanation == "Choose the T2 volume.")
    assert not running.ui.messageLabel.visible


def test_done_is_taken_back_with_its_segmentation(
    segmented: Any, scene: Any, process_events: Callable[..., bool]
) -> None:
    assert "Done in" in segmented.ui.messageLabel.text
    scene.RemoveNode(segmented.ui.segmentationSelector.currentNode())
    assert process_events(lambda: not segmented.ui.messageLabel.visible)


def test_a_failure_is_one_sentence_and_offers_the_log_where_the_worker_is_at_fault(
    running: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    client.fail(WorkerError("The worker ended unexpectedly; try again."))
    assert process_events(lambda: "ended unexpectedly" in running.ui.messageLabel.text)
    assert running.ui.logButton.visible and running.ui.applyButton.text == "Segment" and running.ui.applyButton.enabled


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
    from BrainTumorVAESegLib.slicer.nodes.segments import fill

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
