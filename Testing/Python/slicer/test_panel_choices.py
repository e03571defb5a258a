"""The panel keeps choices, findings and results with the case that they are of, whatever happens to the scene."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from BrainTumorVAESegLib.core.findings import Finding, Severity
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.requests import Check, Segment


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


def test_one_fault_of_several_volumes_is_told_once(
    opened: Any, client: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool]
) -> None:
    client.findings = tuple(
        Finding("small", Severity.WARNING, f"only {100 + n} ml of brain.", "Look at it.", m, f"Patient {m}")
        for n, m in enumerate(MODALITIES[:3])
    )
    opened.panel.assign()
    ui = opened.ui
    assert process_events(lambda: "of brain" in ui.findingsLabel.text)
    assert ui.findingsLabel.text.count("of brain") == 1
    assert "T1, T1ce, T2: only 100 to 102 ml of brain. Look at it." in ui.findingsLabel.text
    assert not any("of brain" in getattr(ui, f"{m.value.lower()}Facts").text for m in MODALITIES)


def test_findings_are_forgotten_with_the_volume_that_they_are_of(
    opened: Any, client: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool], scene: Any
) -> None:
    client.findings = (Finding("x", Severity.WARNING, "Odd.", "", Modality.T2),)
    opened.panel.assign()
    assert process_events(lambda: "Odd." in opened.ui.t2Facts.text)
    opened.ui.t1Selector.setCurrentNode(None)
    assert "Odd." not in opened.ui.t2Facts.text


def test_a_cancelled_check_is_made_again(
    running: Any, client: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool]
) -> None:
    volumes[Modality.T1].GetImageData().Modified()
    running.panel.refresh()
    assert "Checking" in running.ui.findingsLabel.text
    process_events(seconds=0.4)
    running.ui.applyButton.click()
    assert process_events(lambda: not running.ui.findingsLabel.visible)


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


def test_a_check_that_waited_is_made_again_where_the_segmentation_was_removed(
    segmented: Any, client: Any, volumes: dict[Modality, Any], scene: Any, process_events: Callable[..., bool]
) -> None:
    ui = segmented.ui
    ui.applyButton.click()
    assert process_events(lambda: client.requests)
    volumes[Modality.T1].GetImageData().Modified()
    segmented.panel.refresh()
    process_events(seconds=0.4)
    scene.RemoveNode(ui.segmentationSelector.currentNode())
    assert process_events(lambda: ui.applyButton.text == "Segment" and not ui.findingsLabel.visible, 3)


def test_errors_are_not_overlooked_in_another_case(
    opened: Any,
    client: Any,
    volumes: dict[Modality, Any],
    load_second_case: Callable[[], dict[Modality, Any]],
    process_events: Callable[..., bool],
) -> None:
    client.findings = (Finding("not_stripped", Severity.ERROR, "It has a skull.", "", Modality.T2),)
    opened.panel.assign()
    assert process_events(lambda: opened.ui.forceCheckBox.visible)
    opened.ui.forceCheckBox.checked = True
    assert opened.ui.applyButton.enabled
    for modality, node in load_second_case().items():
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
