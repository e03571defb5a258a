"""The Preparation line: what volumes need, how that is asked for, and what comes back into the scene."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.preparation import UNTOUCHED, Alignment, Needs, Outcome, PreparationOptions, Prepared
from BrainTumorVAESegLib.core.requests import Check, Measure, Segment
from BrainTumorVAESegLib.core.transform import Transform
from optional_packages import OptionalPackage

T1, T1CE, T2, FLAIR = MODALITIES
OFF = 1
HEADS = Needs((T2, FLAIR), MODALITIES)
MOVED = np.array([[0.0, -1.0, 0.0, 12.0], [1.0, 0.0, 0.0, -5.0], [0.0, 0.0, 1.0, 3.0], [0.0, 0.0, 0.0, 1.0]])
"""From the reference's points to T2's, LPS."""
PREPARED = Prepared(
    {
        T1: Alignment(Outcome.ALIGNED, 0.8, 0.8),
        T2: Alignment(Outcome.REGISTERED, 0.4, 0.9, 14.8, 4.25, Transform.of(MOVED)),
        FLAIR: Alignment(Outcome.KEPT, 0.4, 0.4),
    },
    "HD-BET", 1432.4,
)  # fmt: skip
Process = Callable[..., bool]


@pytest.fixture
def extractor(assigned: Any) -> OptionalPackage:
    """HD-BET, installed or not, in place of what Slicer's Python holds."""
    made = OptionalPackage(usable=True)
    assigned.panel._preparation._extractor = assigned.panel._preparation._button.package = made
    return made


@pytest.fixture
def heads(assigned: Any, extractor: OptionalPackage, client: Any, process_events: Process, volumes: Any) -> Any:
    """The panel with four volumes that show a skull and lie on different grids, checked."""
    client.needs = HEADS
    volumes[T1].GetImageData().Modified()
    assigned.panel.refresh()
    assert process_events(lambda: "skull" in assigned.ui.preparationLabel.text)
    return assigned


@pytest.fixture
def brain(patient: Any, client: Any) -> np.ndarray:
    return patient.brain(client.geometry)


def segment(panel: Any, client: Any, process_events: Process) -> Any:
    """Segment; returns the request."""
    panel.ui.applyButton.click()
    assert process_events(lambda: any(isinstance(each[0], Segment) for each in client.requests))
    request = client.requests[0][0]
    client.answer()
    assert process_events(lambda: panel.ui.applyButton.text == "Segment")
    return request


def add_mask(host: Any, volumes: Any, mask: np.ndarray, *names: str) -> Any:
    """A person's segmentation with segments of these names, all of the same voxels."""
    node = host.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "my mask")
    node.SetReferenceImageGeometryParameterFromVolumeNode(volumes[T1CE])
    for name in names:
        key = node.GetSegmentation().AddEmptySegment("", name)
        host.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), node, key, volumes[T1CE])
    return node


# --- what is needed ---------------------------------------------------------------------------------------------------
def test_volumes_that_need_nothing_say_nothing(assigned: Any, client: Any):
    assert not assigned.ui.preparationLabel.visible and not assigned.ui.installBrainButton.visible
    checks = [request for request in client.seen if isinstance(request, Check)]
    assert checks[-1].preparation == PreparationOptions()


def test_what_will_be_done_is_told_before(heads: Any):
    text = heads.ui.preparationLabel.text
    assert "To be registered: T2, FLAIR." in text and "The skull will be removed: T1, T1ce, T2, FLAIR." in text
    assert heads.ui.applyButton.enabled


def test_off_is_asked_for_and_says_what_is_left_undone(heads: Any, client: Any, process_events: Process):
    heads.ui.preparationComboBox.currentIndex = OFF
    assert process_events(lambda: "is not removed" in heads.ui.preparationLabel.text)
    checks = [request for request in client.seen if isinstance(request, Check)]
    assert process_events(lambda: client.seen[-1].preparation == UNTOUCHED), checks[-1]
    assert segment(heads, client, process_events).preparation == UNTOUCHED


def test_without_hd_bet_a_skull_stops_it_until_it_is_installed_on_request(
    heads: Any, extractor: OptionalPackage, process_events: Process
):
    from BrainTumorVAESegLib.core.errors import Cancelled

    extractor.usable, extractor.error = False, Cancelled("Nothing was installed.")
    heads.panel.refresh()
    ui = heads.ui
    assert not ui.applyButton.enabled and "install HD-BET, or choose a brain mask" in ui.applyButton.toolTip
    assert ui.installBrainButton.visible and "300 MB" in ui.installBrainButton.text
    assert extractor.asked == 0
    ui.installBrainButton.click()
    assert extractor.asked == 1 and "Nothing was installed." in ui.preparationLabel.text
    extractor.error = None
    ui.installBrainButton.click()
    assert not ui.installBrainButton.visible and ui.applyButton.enabled


def test_a_reference_that_came_stripped_needs_no_hd_bet(
    heads: Any, extractor: OptionalPackage, client: Any, volumes: Any, process_events: Process
):
    extractor.usable, client.needs = False, Needs((), (T2,))
    volumes[T1].GetImageData().Modified()
    heads.panel.refresh()
    assert process_events(lambda: "The skull will be removed: T2." in heads.ui.preparationLabel.text)
    assert heads.ui.applyButton.enabled and not heads.ui.installBrainButton.visible


# --- a mask that is given ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("names", [("anything",), ("Tumor", "brain")])
def test_a_mask_that_is_given_goes_along_on_the_references_grid(
    heads: Any, host: Any, client: Any, volumes: Any, brain: np.ndarray, process_events: Process,
    names: tuple[str, ...], extractor: OptionalPackage,
):  # fmt: skip
    extractor.usable = False
    sent: list[Any] = []
    answer = client.request

    def request(message: Any, *rest: Any) -> int:
        mask = getattr(getattr(message, "study", None), "brain", None)
        sent.append((message, np.load(mask.file) if mask is not None else None))
        return answer(message, *rest)

    client.request = request
    heads.ui.brainSelector.setCurrentNode(add_mask(host, volumes, brain, *names))
    assert process_events(lambda: "The brain is where my mask says." in heads.ui.preparationLabel.text)
    assert process_events(lambda: heads.ui.applyButton.enabled)
    segment(heads, client, process_events)
    for kind in (Check, Segment):
        message, mask = next(each for each in reversed(sent) if isinstance(each[0], kind))
        assert message.study.brain.geometry == message.study.volumes[T1CE].geometry
        assert np.array_equal(mask, brain), kind
    assert not [path for path in client.exchange.folder.iterdir() if "mask" in path.name or "brain" in path.name]


def test_a_label_map_on_another_grid_is_brought_to_the_references(
    host: Any, scene: Any, volumes: Any, patient: Any, client: Any, make_grid: Any, brain: np.ndarray
):
    from BrainTumorVAESegLib.slicer.nodes.brainmask import read_mask

    grid = make_grid((80, 90, 76), (2.2, 2.2, 2.2))
    node = scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "labels")
    host.util.updateVolumeFromArray(node, patient.brain(grid).astype(np.int16) * 7)
    matrix = host.util.vtkMatrixFromArray(np.diag([-1.0, -1.0, 1.0, 1.0]) @ grid.index_to_physical)
    node.SetIJKToRASMatrix(matrix)
    found = read_mask(node, volumes[T1CE])
    dice = 2 * np.count_nonzero(found & brain) / (found.sum() + brain.sum())
    assert dice > 0.97


@pytest.mark.parametrize(
    ("names", "words"),
    [((), "holds 0 segments"), (("a", "b"), "holds 2 segments; call the one that is the brain Brain")],
)
def test_a_mask_that_tells_no_brain_is_named(host: Any, volumes: Any, brain: np.ndarray, names: Any, words: str):
    from BrainTumorVAESegLib.core.errors import InputError
    from BrainTumorVAESegLib.slicer.nodes.brainmask import read_mask

    with pytest.raises(InputError, match=words):
        read_mask(add_mask(host, volumes, brain, *names), volumes[T1CE])
    with pytest.raises(InputError, match="my mask holds no brain where Patient T1ce lies"):
        read_mask(add_mask(host, volumes, np.zeros_like(brain), "brain"), volumes[T1CE])
    with pytest.raises(InputError, match="Patient T1 is no brain mask"):
        read_mask(volumes[T1], volumes[T1CE])


# --- what comes back --------------------------------------------------------------------------------------------------
@pytest.fixture
def prepared(heads: Any, client: Any, brain: np.ndarray, process_events: Process) -> Any:
    """The panel with a result for which T2 was registered and a mask was made."""
    client.prepared, client.brain = PREPARED, brain
    segment(heads, client, process_events)
    return heads


def test_what_was_done_is_told_with_the_result(prepared: Any):
    text = prepared.ui.resultLabel.text
    assert "T2 was registered (moved 14.8 mm, turned 4.2 degrees)." in text
    assert "FLAIR could not be registered and stays where it is." in text
    assert "Brain of 1432 ml by HD-BET." in text


def test_a_transform_comes_back_as_a_node_that_brings_the_volume_to_the_reference(
    prepared: Any, volumes: Any, host: Any
):
    import vtk
    from BrainTumorVAESegLib.slicer.nodes.registered import transforms_of
    from BrainTumorVAESegLib.slicer.nodes.volumes import as_array, geometry

    segmentation = prepared.ui.segmentationSelector.currentNode()
    transforms = transforms_of(segmentation)
    assert list(transforms) == [T2] and transforms[T2].GetName() == "Patient T2 to Patient T1ce"
    matrix = vtk.vtkMatrix4x4()
    transforms[T2].GetMatrixTransformToParent(matrix)
    lps = np.diag([-1.0, -1.0, 1.0, 1.0])
    assert np.allclose(lps @ as_array(matrix) @ lps @ MOVED, np.eye(4))
    assert volumes[T2].GetTransformNodeID() is None, "volumes are moved only when a person asks"
    before = geometry(volumes[T2])
    prepared.ui.showRegisteredCheckBox.checked = True
    prepared.panel.refresh()
    assert volumes[T2].GetTransformNodeID() == transforms[T2].GetID()
    moved, expected = geometry(volumes[T2]), Transform.of(MOVED).bring(before)
    assert np.allclose(moved.index_to_physical, expected.index_to_physical)
    prepared.ui.showRegisteredCheckBox.checked = False
    prepared.panel.refresh()
    assert volumes[T2].GetTransformNodeID() is None


def test_a_volume_under_a_persons_own_transform_stays_there(prepared: Any, volumes: Any, scene: Any):
    own = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "mine")
    volumes[T2].SetAndObserveTransformNodeID(own.GetID())
    for shown in (True, False):
        prepared.ui.showRegisteredCheckBox.checked = shown
        prepared.panel.refresh()
        assert volumes[T2].GetTransformNodeID() == own.GetID()


def test_the_mask_that_was_made_is_a_segment_that_is_corrected_and_used_again(
    prepared: Any, volumes: Any, client: Any, brain: np.ndarray, host: Any, process_events: Process
):
    from BrainTumorVAESegLib.slicer.nodes.brainmask import read_mask

    mask = prepared.ui.brainSelector.currentNode()
    assert mask.GetName() == "Patient T1ce brain" and mask.GetSegmentation().GetNthSegmentID(0) == "Brain"
    assert np.array_equal(read_mask(mask, volumes[T1CE]), brain)
    assert not mask.GetDisplayVisibility(), "the tumor is seen"
    corrected = brain.copy()
    corrected[:20] = False
    host.util.updateSegmentBinaryLabelmapFromArray(corrected.astype(np.uint8), mask, "Brain", volumes[T1CE])
    sent: list[np.ndarray] = []
    answer = client.request

    def request(message: Any, *rest: Any) -> int:
        if isinstance(message, Segment):
            sent.append(np.load(message.study.brain.file))
        if isinstance(message, Measure):
            sent.append(np.load(message.study.brain.file))
        return answer(message, *rest)

    client.request, client.brain = request, None
    segment(prepared, client, process_events)
    assert np.array_equal(sent[0], corrected)
    assert prepared.ui.brainSelector.currentNode() is mask
    prepared.panel._lesions.measure()
    assert process_events(lambda: len(sent) == 2) and np.array_equal(sent[1], corrected)


def test_another_case_does_not_get_the_mask_of_the_one_before(
    prepared: Any, load_second_case: Any, process_events: Process
):
    second = load_second_case()
    prepared.ui.t1ceSelector.setCurrentNode(second[T1CE])
    assert process_events(lambda: prepared.ui.brainSelector.currentNode() is None, 5)


def test_a_mask_that_leaves_the_scene_leaves_the_choice_open(
    heads: Any, host: Any, scene: Any, volumes: Any, brain: np.ndarray, process_events: Process
):
    mask = add_mask(host, volumes, brain, "brain")
    heads.ui.brainSelector.setCurrentNode(mask)
    process_events(seconds=0.05)
    scene.RemoveNode(mask)
    assert process_events(lambda: heads.logic.getParameterNode().brain is None, 5)


def test_all_that_was_made_stands_under_the_study(
    heads: Any, client: Any, brain: np.ndarray, host: Any, volumes: dict[Modality, Any], process_events: Process
):
    from BrainTumorVAESegLib.slicer.nodes.hierarchy import find_study
    from BrainTumorVAESegLib.slicer.nodes.registered import transforms_of

    hierarchy = host.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(host.mrmlScene)
    study = hierarchy.CreateStudyItem(hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "P1"), "MR")
    for node in volumes.values():
        hierarchy.SetItemParent(hierarchy.GetItemByDataNode(node), study)
    client.prepared, client.brain = PREPARED, brain
    segment(heads, client, process_events)
    made = [heads.ui.brainSelector.currentNode()]
    made += transforms_of(heads.ui.segmentationSelector.currentNode()).values()
    assert {find_study(node) for node in made} == {study}


def test_the_stages_of_preparing_are_named_in_the_bar(heads: Any, client: Any, process_events: Process):
    heads.ui.applyButton.click()
    assert process_events(lambda: any(isinstance(each[0], Segment) for each in client.requests))
    for stage, text in (("brain mask", "Finding the brain"), ("register T2", "Registering T2")):
        client.progress(stage, 0.2)
        assert text in heads.ui.progressBar.format
