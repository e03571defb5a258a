"""The Inspect section: a map over the images, the doubtful slices, and what happens to it while a person looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import WorkerError
from BrainTumorVAESegLib.core.inspection import MAPS
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from inspectedpanel import *  # noqa: F403  (its fixtures)
from inspectedpanel import PLACES, explained, overlay_of, shown_key
from slicerhost.modules import unload


# --- maps -------------------------------------------------------------------------------------------------------------
def test_nothing_is_asked_for_before_the_section_is_opened(segmented: Any, client: Any) -> None:
    segmented.panel.refresh()
    assert explained(client) == []


def test_without_a_result_the_section_says_how_to_get_one(assigned: Any) -> None:
    assigned.ui.inspectCollapsibleButton.collapsed = False
    assert "segment" in assigned.ui.inspectLabel.text
    assert not assigned.ui.thresholdSlider.enabled and not assigned.ui.nextDoubtfulButton.enabled


def test_a_map_is_shown_over_the_images_with_its_colors_and_its_legend(
    choose: Any, inspecting: Any, layers: list[Any], volumes: dict[Modality, Any], host: Any
) -> None:
    node = choose("uncertainty")
    assert [layer.GetForegroundVolumeID() for layer in layers] == [node.GetID()] * 3
    assert [layer.GetForegroundOpacity() for layer in layers] == pytest.approx([0.7] * 3)
    assert host.util.arrayFromVolume(node).shape == host.util.arrayFromVolume(volumes[Modality.T1CE]).shape
    display = node.GetDisplayNode()
    assert (display.GetWindowLevelMin(), display.GetWindowLevelMax()) == pytest.approx((0, 1))
    assert display.GetColorNode().GetAttribute("BrainTumorVAESeg.colors") == "inferno"
    legend = host.modules.colors.logic().GetColorLegendDisplayNode(node)
    assert legend.GetTitleText() == "Uncertainty (bit)" and legend.GetVisibility()
    assert inspecting.ui.legendLabel.text == "0 … 1 bit"


@pytest.mark.parametrize("key", list(PLACES))
def test_each_map_can_be_chosen(choose: Any, key: str) -> None:
    assert choose(key).GetName() == MAPS[PLACES[key] - 1].name


def test_one_node_serves_all_maps_and_goes_with_its_result(
    choose: Any, inspecting: Any, client: Any, scene: Any, layers: list[Any], process_events: Callable[..., bool]
) -> None:
    count = scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")
    first = choose("uncertainty")
    assert choose("stage1") is first
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == count + 1
    inspecting.logic.getParameterNode().overlay = ""
    inspecting.ui.applyButton.click()
    assert process_events(lambda: client.requests)
    client.answer()
    assert process_events(lambda: inspecting.ui.applyButton.text == "Segment")
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == count
    assert scene.GetNumberOfNodesByClass("vtkMRMLColorLegendDisplayNode") == 0


def test_a_new_result_gets_its_own_map_of_the_same_kind(
    choose: Any, inspecting: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    first = choose("uncertainty").GetID()
    asked = len(explained(client))
    inspecting.ui.applyButton.click()
    assert process_events(lambda: client.requests)
    client.answer()
    assert process_events(lambda: len(explained(client)) > asked and shown_key(inspecting) == "uncertainty")
    assert overlay_of(inspecting).GetID() != first


def test_the_opacity_and_what_lies_behind_follow_the_choice(
    choose: Any, inspecting: Any, layers: list[Any], volumes: dict[Modality, Any]
) -> None:
    choose("uncertainty")
    inspecting.ui.overlayOpacitySlider.value = 0.3
    assert [layer.GetForegroundOpacity() for layer in layers] == pytest.approx([0.3] * 3)
    before = [layer.GetBackgroundVolumeID() for layer in layers]
    inspecting.ui.behindComboBox.currentIndex = 1 + MODALITIES.index(Modality.FLAIR)
    assert [layer.GetBackgroundVolumeID() for layer in layers] == [volumes[Modality.FLAIR].GetID()] * 3
    inspecting.ui.behindComboBox.currentIndex = 0
    assert [layer.GetBackgroundVolumeID() for layer in layers] == before


def test_the_map_of_a_sequence_lies_over_that_sequence(
    choose: Any, inspecting: Any, layers: list[Any], volumes: dict[Modality, Any]
) -> None:
    before = [layer.GetBackgroundVolumeID() for layer in layers]
    choose("residual-FLAIR")
    assert [layer.GetBackgroundVolumeID() for layer in layers] == [volumes[Modality.FLAIR].GetID()] * 3
    choose("uncertainty")
    assert [layer.GetBackgroundVolumeID() for layer in layers] == before


def test_a_map_that_cannot_be_made_says_why_and_others_go_on(
    choose: Any, inspecting: Any, client: Any, layers: list[Any], process_events: Callable[..., bool]
) -> None:
    client.unavailable["attention-1"] = "This package's second stage has no attention gates."
    inspecting.ui.mapComboBox.currentIndex = PLACES["attention-1"]
    assert process_events(lambda: "no attention gates" in inspecting.ui.inspectLabel.text)
    assert not inspecting.ui.legendLabel.visible and layers[0].GetForegroundVolumeID() is None
    choose("uncertainty")
    assert inspecting.ui.inspectLabel.text == ""


def test_a_worker_that_keeps_nothing_any_more_is_told(
    inspecting: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    client.at_once = False
    inspecting.ui.mapComboBox.currentIndex = PLACES["stage1"]
    assert process_events(lambda: client.requests)
    assert "Making the map" in inspecting.ui.inspectLabel.text
    client.fail(WorkerError("The study is no longer kept; segment it again."))
    assert process_events(lambda: "no longer kept" in inspecting.ui.inspectLabel.text)


def test_a_map_that_comes_too_late_is_dropped(
    inspecting: Any, client: Any, layers: list[Any], process_events: Callable[..., bool]
) -> None:
    client.at_once = False
    inspecting.ui.mapComboBox.currentIndex = PLACES["stage1"]
    assert process_events(lambda: client.requests)
    inspecting.ui.mapComboBox.currentIndex = 0
    client.answer()
    process_events(seconds=0.1)
    assert layers[0].GetForegroundVolumeID() is None and overlay_of(inspecting) is None
    assert not list(client.exchange.folder.rglob("*.npy"))[8:], "files of maps are removed"


# --- what the views showed before -------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["collapse", "exit", "none"])
def test_leaving_gives_the_views_back(
    choose: Any, inspecting: Any, layers: list[Any], volumes: dict[Modality, Any], way: str
) -> None:
    layers[0].SetBackgroundVolumeID(volumes[Modality.T1].GetID())
    layers[1].SetForegroundVolumeID(volumes[Modality.T2].GetID())
    layers[1].SetForegroundOpacity(0.4)
    before = [(n.GetBackgroundVolumeID(), n.GetForegroundVolumeID(), n.GetForegroundOpacity()) for n in layers]
    node = choose("stage1")
    inspecting.ui.behindComboBox.currentIndex = 1 + MODALITIES.index(Modality.FLAIR)
    assert layers[1].GetForegroundVolumeID() == node.GetID()
    if way == "collapse":
        inspecting.ui.inspectCollapsibleButton.collapsed = True
    elif way == "exit":
        inspecting.exit()
    else:
        inspecting.ui.mapComboBox.currentIndex = 0
    assert [(n.GetBackgroundVolumeID(), n.GetForegroundVolumeID(), n.GetForegroundOpacity()) for n in layers] == before


def test_segments_are_outlined_alone_while_a_map_is_shown(choose: Any, inspecting: Any) -> None:
    display = inspecting.ui.segmentationSelector.currentNode().GetDisplayNode()
    choose("stage1")
    assert not display.GetVisibility2DFill() and display.GetVisibility2DOutline()
    inspecting.ui.mapComboBox.currentIndex = 0
    assert display.GetVisibility2DFill()


def test_coming_back_shows_the_map_again_without_asking(
    choose: Any, inspecting: Any, layers: list[Any], client: Any
) -> None:
    node = choose("stage1")
    asked = len(explained(client))
    inspecting.exit()
    inspecting.enter()
    assert layers[0].GetForegroundVolumeID() == node.GetID() and len(explained(client)) == asked


def test_a_script_that_ends_slicer_while_a_map_is_shown_ends_the_worker(
    choose: Any, inspecting: Any, module: Any, client: Any
) -> None:
    choose("stage1")
    unload(module, leave=False)
    assert client.stopped == 1


def test_what_a_person_chose_meanwhile_in_a_view_stays(
    choose: Any, inspecting: Any, layers: list[Any], volumes: dict[Modality, Any]
) -> None:
    choose("stage1")
    layers[2].SetForegroundVolumeID(volumes[Modality.T2].GetID())
    inspecting.ui.inspectCollapsibleButton.collapsed = True
    assert [layer.GetForegroundVolumeID() for layer in layers] == [None, None, volumes[Modality.T2].GetID()]


def test_a_removed_volume_leaves_the_views_and_says_what_to_do(
    choose: Any, inspecting: Any, layers: list[Any], volumes: dict[Modality, Any], scene: Any, process_events: Any
) -> None:
    choose("stage1")
    scene.RemoveNode(volumes[Modality.T1CE])
    assert process_events(lambda: layers[0].GetForegroundVolumeID() is None)
    assert not inspecting.ui.thresholdSlider.enabled


def test_a_map_that_was_taken_out_of_the_scene_is_not_made_again(
    choose: Any, inspecting: Any, scene: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    scene.RemoveNode(choose("stage1"))
    assert process_events(lambda: inspecting.ui.mapComboBox.currentIndex == 0)
    assert not inspecting.ui.legendLabel.visible


def test_a_closed_scene_closes_all_of_it(choose: Any, inspecting: Any, scene: Any, process_events: Any) -> None:
    choose("stage1")
    scene.Clear()
    process_events(seconds=0.1)
    assert inspecting.ui.mapComboBox.currentIndex == 0 and not inspecting.ui.thresholdSlider.enabled
    assert "segment" in inspecting.ui.inspectLabel.text


def test_a_saved_scene_restores_the_map(
    choose: Any, inspecting: Any, scene: Any, host: Any, layers: list[Any], tmp_path: Any, process_events: Any
) -> None:
    choose("change-WT")
    inspecting.ui.overlayOpacitySlider.value = 0.35
    path = str(tmp_path / "scene.mrb")
    assert host.util.saveScene(path)
    scene.Clear()
    host.util.loadScene(path)
    process_events(seconds=0.1)
    assert inspecting.ui.mapComboBox.currentIndex == PLACES["change-WT"]
    node = overlay_of(inspecting)
    assert {layer.GetForegroundVolumeID() for layer in layers} == {node.GetID()}
    assert layers[0].GetForegroundOpacity() == pytest.approx(0.35)
    assert np.all(host.util.arrayFromVolume(node) == 0.5)
    table = node.GetDisplayNode().GetColorNode()
    color = [0.0] * 4
    assert table.GetColor(128, color) and color[3] == pytest.approx(0), "no change is seen through"
    assert inspecting.ui.legendLabel.text == "-1 … 1"
    inspecting.ui.inspectCollapsibleButton.collapsed = True
    assert {layer.GetForegroundVolumeID() for layer in layers} == {None}
    assert inspecting.ui.segmentationSelector.currentNode().GetDisplayNode().GetVisibility2DFill()


def test_a_map_is_no_volume_to_segment(choose: Any, inspecting: Any) -> None:
    node = choose("reconstruction-T1")
    inspecting.panel.assign()
    assert inspecting.ui.t1Selector.currentNode() is not node and inspecting.ui.applyButton.enabled
    inspecting.ui.t1Selector.setCurrentNode(node)
    assert "is a map of a result" in inspecting.ui.applyButton.toolTip


# --- doubtful slices and the table ------------------------------------------------------------------------------------
def test_the_views_go_through_the_doubtful_slices_in_their_order(inspecting: Any, slices: list[Any]) -> None:
    ui = inspecting.ui
    assert ui.doubtfulLabel.text == "3 doubtful slices" and not ui.previousDoubtfulButton.enabled
    axial = []
    for _click in range(3):
        ui.nextDoubtfulButton.click()
        axial.append(slices[0].GetSliceOffset())
    assert axial == pytest.approx([90, 30, 60]) and not ui.nextDoubtfulButton.enabled
    assert slices[1].GetSliceOffset() == pytest.approx(40), "LPS -40 is RAS 40"
    ui.previousDoubtfulButton.click()
    assert slices[0].GetSliceOffset() == pytest.approx(30)
    assert ui.doubtfulLabel.text == "2 of 3: slice 1, 25 % of its border is in doubt"


def test_what_the_second_stage_changed_stands_in_a_table(inspecting: Any) -> None:
    table = inspecting.ui.changesTable
    assert [[table.item(r, c).text() for c in range(3)] for r in range(table.rowCount)] == [
        ["WT", "1.00", "0.50"],
        ["TC", "0.00", "0.02"],
    ]
    assert table.item(0, 1).toolTip() == "1000 voxels"
