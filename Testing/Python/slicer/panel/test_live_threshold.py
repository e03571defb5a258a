"""The live threshold: a region's border that follows a slider, kept, taken back, and never over an edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from inspectedpanel import *  # noqa: F403  (its fixtures)


@pytest.fixture
def wt(inspecting: Any, volumes: dict[Modality, Any]) -> Callable[[], np.ndarray]:
    """The whole tumor as the segmentation holds it now."""

    def read() -> np.ndarray:
        from BrainTumorVAESegLib.slicer.nodes.segments import labels_of

        return labels_of(inspecting.ui.segmentationSelector.currentNode(), volumes[Modality.T1CE]) > 0

    return read


@pytest.fixture
def move(inspecting: Any, process_events: Callable[..., bool]) -> Callable[[float], None]:
    def run(value: float) -> None:
        inspecting.ui.thresholdSlider.value = value
        assert process_events(lambda: inspecting.ui.applyButton.enabled and inspecting.ui.resetThresholdButton.enabled)
        process_events(seconds=0.05)

    return run


def test_the_segment_follows_the_threshold_and_goes_back(wt: Any, move: Any, inspecting: Any, client: Any) -> None:
    before = wt()
    for value in (0.7, 0.3, 0.85):
        move(value)
        np.testing.assert_array_equal(wt(), client.probability.astype(np.float32) >= value)
        sizes = [f"{mask.sum() * 2.5**3 / 1000:.1f} ml" for mask in (wt(), before)]
        assert inspecting.ui.thresholdVolumeLabel.text == f"{sizes[0]}, before {sizes[1]}"
    inspecting.ui.resetThresholdButton.click()
    np.testing.assert_array_equal(wt(), before)
    assert inspecting.ui.thresholdSlider.value == pytest.approx(0.5)
    assert not inspecting.ui.resetThresholdButton.enabled and not inspecting.ui.undoThresholdButton.enabled
    assert not inspecting.ui.thresholdVolumeLabel.visible


def test_an_applied_edit_stays_is_measured_and_can_be_undone(
    wt: Any, move: Any, inspecting: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    ui, before = inspecting.ui, wt()
    move(0.7)
    ui.applyThresholdButton.click()
    assert wt().sum() != before.sum() and not ui.applyThresholdButton.enabled
    measured = float(ui.resultsTable.item(4, 1).text())
    assert measured == pytest.approx(wt().sum() * 2.5**3 / 1000, abs=0.01)
    assert ui.resultLabel.text.endswith("Edited since.")
    ui.inspectCollapsibleButton.collapsed = True
    ui.inspectCollapsibleButton.collapsed = False
    assert wt().sum() != before.sum() and ui.undoThresholdButton.enabled
    ui.undoThresholdButton.click()
    np.testing.assert_array_equal(wt(), before)
    assert not ui.undoThresholdButton.enabled and not ui.resultLabel.text.endswith("Edited since.")
    move(0.7)
    assert wt().sum() != before.sum()


@pytest.mark.parametrize("way", ["collapse", "exit", "segment", "region", "scene"])
def test_what_was_not_applied_is_given_up(
    wt: Any, move: Any, inspecting: Any, client: Any, scene: Any, way: str, process_events: Callable[..., bool]
) -> None:
    before = wt()
    move(0.7)
    if way == "collapse":
        inspecting.ui.inspectCollapsibleButton.collapsed = True
    elif way == "exit":
        inspecting.exit()
    elif way == "segment":
        inspecting.ui.applyButton.click()
    elif way == "region":
        inspecting.ui.regionComboBox.currentIndex = 1
    else:
        scene.Clear()
        return
    np.testing.assert_array_equal(wt(), before)


def test_edits_by_hand_are_never_undone(wt: Any, move: Any, inspecting: Any, host: Any) -> None:
    ui = inspecting.ui
    move(0.7)
    ui.applyThresholdButton.click()
    move(0.6)
    node = ui.segmentationSelector.currentNode()
    image = node.GetBinaryLabelmapInternalRepresentation("ED")
    image.SetScalarComponentFromDouble(*image.GetExtent()[::2], 0, 0)
    image.Modified()
    by_hand = wt()
    assert not ui.resetThresholdButton.enabled and not ui.undoThresholdButton.enabled
    ui.inspectCollapsibleButton.collapsed = True
    np.testing.assert_array_equal(wt(), by_hand)


def test_surfaces_come_back_after_an_edit(wt: Any, move: Any, inspecting: Any) -> None:
    from BrainTumorVAESegLib.slicer.nodes.display import is_3d_shown

    inspecting.ui.show3dCheckBox.checked = True
    node = inspecting.ui.segmentationSelector.currentNode()
    move(0.7)
    assert not is_3d_shown(node)
    inspecting.ui.applyThresholdButton.click()
    assert is_3d_shown(node)


def test_nested_segments_follow_too(
    wt: Any, move: Any, inspecting: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    inspecting.ui.styleComboBox.currentIndex = 1
    node = inspecting.ui.segmentationSelector.currentNode()
    assert process_events(lambda: node.GetSegmentation().GetSegment("WT") is not None)
    assert process_events(lambda: inspecting.ui.thresholdSlider.enabled)
    move(0.7)
    np.testing.assert_array_equal(wt(), client.probability.astype(np.float32) >= 0.7)
    assert node.GetSegmentation().GetSegment("NCR") is None
