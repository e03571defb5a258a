"""The slots hold what was recognized or chosen, never another case's result, and stay open where a node goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality

SELECTORS = {modality: f"{modality.value.lower()}Selector" for modality in MODALITIES}


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


def test_a_removed_segmentation_leaves_a_new_one_to_be_made_and_not_anothers_to_be_replaced(
    segmented: Any, scene: Any, process_events: Callable[..., bool]
) -> None:
    scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Of another patient")
    scene.RemoveNode(segmented.ui.segmentationSelector.currentNode())
    process_events(seconds=0.1)
    assert segmented.ui.segmentationSelector.currentNode() is None


def test_another_case_gets_a_segmentation_of_its_own(
    segmented: Any, load_second_case: Callable[[], dict[Modality, Any]], process_events: Callable[..., bool]
) -> None:
    first = segmented.ui.segmentationSelector.currentNode()
    for modality, node in load_second_case().items():
        setattr(segmented.logic.getParameterNode(), modality.value.lower(), node)
    process_events(seconds=0.1)
    assert segmented.ui.segmentationSelector.currentNode() is None
    segmented.ui.segmentationSelector.setCurrentNode(first)
    process_events(seconds=0.1)
    assert segmented.ui.segmentationSelector.currentNode() is first, "a person may choose it all the same"


def test_a_slot_left_open_on_purpose_stays_open(assigned: Any) -> None:
    assigned.ui.t2Selector.setCurrentNode(None)
    assigned.exit()
    assigned.enter()
    assert assigned.ui.t2Selector.currentNode() is None and assigned.ui.t1Selector.currentNode() is not None
