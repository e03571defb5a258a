"""Volume nodes become a segmentation node by the worker's client; whatever goes wrong leaves the scene as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import BrainTumorVAESegError, Cancelled, DeviceError, InputError
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.requests import Check, Segment


class Ends:
    """What a segmentation ended with, and what was told on the way."""

    def __init__(self) -> None:
        self.outcomes: list[Any] = []
        self.errors: list[Exception] = []
        self.progress: list[tuple[str, float, float | None]] = []


@pytest.fixture
def segmenting(client: Any) -> Iterator[Any]:
    from BrainTumorVAESegLib.slicer.segmenting import Segmenting

    one = Segmenting(client)
    yield one
    one.close()


@pytest.fixture
def ends(segmenting: Any) -> Ends:
    told = Ends()
    segmenting.progressed.connect(lambda *arguments: told.progress.append(arguments))
    return told


@pytest.fixture
def start(segmenting: Any, ends: Ends, volumes: dict[Modality, Any]) -> Callable[..., None]:
    """Begin to segment the patient's volumes."""

    def begin(target: Any = None, **choices: Any) -> None:
        from BrainTumorVAESegLib.slicer.choices import Choices

        segmenting.start(volumes, target, Choices(**choices), ends.outcomes.append, ends.errors.append)

    return begin


def node_names() -> set[str]:
    import slicer

    return {slicer.mrmlScene.GetNthNode(n).GetID() for n in range(slicer.mrmlScene.GetNumberOfNodes())}


@pytest.fixture
def asked(client: Any, start: Callable[..., None], process_events: Callable[..., bool]) -> Any:
    """A segmentation that has handed its volumes over and waits for the worker."""
    start()
    assert process_events(lambda: client.requests)
    return client.requests[0][0]


def test_the_worker_gets_the_volumes_as_they_are(asked: Any, volumes: dict[Modality, Any], small_study: Any) -> None:
    assert isinstance(asked, Segment) and Path(asked.package).name == "standard"
    assert asked.study.reference is Modality.T1CE and asked.study.name == "Patient T1ce"
    for modality in MODALITIES:
        file = asked.study.volumes[modality]
        assert np.array_equal(np.load(file.file), small_study[modality].array)
        assert file.geometry.same_grid(small_study[modality].geometry) and file.source == f"Patient {modality}"


def test_the_answer_becomes_a_segmentation_with_its_table_beside_the_reference(
    asked: Any, client: Any, ends: Ends, volumes: dict[Modality, Any], process_events: Callable[..., bool]
) -> None:
    import slicer
    from BrainTumorVAESegLib.slicer.nodes.output import MODEL_ATTRIBUTE, table_of
    from BrainTumorVAESegLib.slicer.nodes.segments import labels_of
    from BrainTumorVAESegLib.slicer.nodes.tables import rows_of

    client.answer()
    assert process_events(lambda: ends.outcomes) and not ends.errors
    outcome = ends.outcomes[0]
    assert outcome.segmentation.GetName() == "Patient T1ce tumor"
    assert np.array_equal(labels_of(outcome.segmentation, volumes[Modality.T1CE]), client.labels)
    assert table_of(outcome.segmentation) is outcome.table
    assert rows_of(outcome.table) == outcome.told.volumes_ml and outcome.told.volumes_ml["ET"] > 1
    assert outcome.table.GetDescription() == "As segmented by fast 0.1.0 on cpu in 1.5 s. A note."
    assert outcome.segmentation.GetAttribute(MODEL_ATTRIBUTE) == "fast 0.1.0 ab"
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    parents = {
        hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node))
        for node in (volumes[Modality.T1CE], outcome.segmentation, outcome.table)
    }
    assert len(parents) == 1
    assert not Path(asked.labels).exists()


def test_progress_rises_and_names_its_stage(
    asked: Any, client: Any, ends: Ends, process_events: Callable[..., bool]
) -> None:
    client.progress("stage 1", 0.5)
    client.answer()
    assert process_events(lambda: ends.outcomes)
    shares = [fraction for _, fraction, _ in ends.progress]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] <= 1
    assert [stage for stage, _, _ in ends.progress][-2:] == ["stage 1", "fill"]


def test_running_again_takes_the_same_files_and_replaces_the_segments(
    asked: Any, client: Any, ends: Ends, start: Callable[..., None], process_events: Callable[..., bool]
) -> None:
    client.answer()
    assert process_events(lambda: ends.outcomes)
    before, node = node_names(), ends.outcomes[0].segmentation
    start(node)
    assert process_events(lambda: client.requests)
    assert client.requests[0][0].study == asked.study
    client.labels = np.roll(client.labels, 3, axis=0)
    client.answer()
    assert process_events(lambda: len(ends.outcomes) == 2)
    assert ends.outcomes[1].segmentation is node and node_names() == before


def test_a_changed_volume_is_handed_over_anew(
    asked: Any,
    client: Any,
    ends: Ends,
    start: Callable[..., None],
    volumes: dict[Modality, Any],
    process_events: Callable[..., bool],
) -> None:
    import slicer

    client.answer()
    assert process_events(lambda: ends.outcomes)
    slicer.util.arrayFromVolume(volumes[Modality.T2])[:] //= 2
    slicer.util.arrayFromVolumeModified(volumes[Modality.T2])
    start()
    assert process_events(lambda: client.requests)
    again = client.requests[0][0].study
    assert np.load(again.volumes[Modality.T2].file).max() < np.load(again.volumes[Modality.T1].file).max()
    assert not any(Path(file.file).exists() for file in asked.study.volumes.values())


def test_a_failure_is_told_and_nothing_new_stays(
    asked: Any, client: Any, ends: Ends, segmenting: Any, process_events: Callable[..., bool]
) -> None:
    before = node_names()
    client.fail(DeviceError("The GPU is out of memory; choose the processor."))
    assert process_events(lambda: ends.errors)
    assert str(ends.errors[0]) == "The GPU is out of memory; choose the processor."
    assert node_names() == before and not segmenting.busy and ends.outcomes == []


def test_labels_of_another_grid_are_an_error_and_nothing_new_stays(
    asked: Any, client: Any, ends: Ends, process_events: Callable[..., bool]
) -> None:
    before = node_names()
    client.labels = client.labels[:-1]
    client.answer()
    assert process_events(lambda: ends.errors)
    assert "grid" in str(ends.errors[0]) and node_names() == before


def test_cancel_leaves_the_scene_and_calls_nothing(
    asked: Any, client: Any, ends: Ends, segmenting: Any, process_events: Callable[..., bool]
) -> None:
    before = node_names()
    segmenting.cancel()
    process_events(seconds=0.1)
    assert not segmenting.busy and client.cancelled == 1
    assert node_names() == before and ends.outcomes == [] and ends.errors == []


@pytest.mark.parametrize("modality", [Modality.T1CE, Modality.T2])
def test_a_volume_removed_meanwhile_stops_it_and_is_named(
    asked: Any, client: Any, ends: Ends, volumes: dict[Modality, Any], segmenting: Any, scene: Any, modality: Modality
) -> None:
    scene.RemoveNode(volumes[modality])
    assert not segmenting.busy and client.cancelled == 1
    assert str(ends.errors[0]) == (f"Patient {modality} was removed from the scene, so the segmentation was stopped.")


def test_the_segmentation_removed_meanwhile_stops_it(
    start: Callable[..., None],
    client: Any,
    ends: Ends,
    segmenting: Any,
    scene: Any,
    process_events: Callable[..., bool],
) -> None:
    target = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Mine")
    start(target)
    assert process_events(lambda: client.requests)
    scene.RemoveNode(target)
    assert not segmenting.busy and "Mine was removed" in str(ends.errors[0])


def test_a_second_one_is_refused_while_one_runs(asked: Any, start: Callable[..., None]) -> None:
    with pytest.raises(InputError, match="running already"):
        start()


def test_a_check_before_it_is_ended_first(
    client: Any,
    segmenting: Any,
    start: Callable[..., None],
    volumes: dict[Modality, Any],
    process_events: Callable[..., bool],
) -> None:
    client.at_once = False
    found: list[Any] = []
    segmenting.check(volumes, (), found.append, found.append)
    start()
    assert process_events(lambda: client.requests) and isinstance(client.requests[0][0], Check)
    client.answer()
    assert process_events(lambda: found and client.requests)
    assert found[0].findings == () and isinstance(client.requests[0][0], Segment)
    assert client.requests[0][0].study == client.seen[0].study


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (None, "T2 is missing"),
        ("vtkMRMLScalarVolumeNode", "Other holds no image"),
        ("vtkMRMLLabelMapVolumeNode", "Other is a label map"),
        ("vtkMRMLModelNode", "Other is no volume"),
    ],
)
def test_volumes_that_will_not_do_are_refused_in_one_sentence(
    segmenting: Any, volumes: dict[Modality, Any], scene: Any, kind: str | None, sentence: str
) -> None:
    from BrainTumorVAESegLib.slicer.choices import Choices

    other = scene.AddNewNodeByClass(kind, "Other") if kind else None
    with pytest.raises(InputError, match=sentence):
        segmenting.run({**volumes, Modality.T2: other}, None, Choices())
    assert not segmenting.busy


def test_an_unknown_model_is_refused(segmenting: Any, volumes: dict[Modality, Any]) -> None:
    from BrainTumorVAESegLib.slicer.choices import Choices

    with pytest.raises(BrainTumorVAESegError, match="nosuch"):
        segmenting.run(volumes, None, Choices(model="nosuch"))


def test_waiting_ends_where_it_is_cancelled_from_elsewhere(
    segmenting: Any, volumes: dict[Modality, Any], host: Any
) -> None:
    import qt
    from BrainTumorVAESegLib.slicer.choices import Choices

    qt.QTimer.singleShot(100, segmenting.cancel)
    with pytest.raises(Cancelled):
        segmenting.run(volumes, None, Choices())


def test_separate_segments_become_nested_ones_and_keep_edits(
    asked: Any,
    client: Any,
    ends: Ends,
    segmenting: Any,
    volumes: dict[Modality, Any],
    process_events: Callable[..., bool],
) -> None:
    from BrainTumorVAESegLib.slicer.choices import Style
    from BrainTumorVAESegLib.slicer.nodes.segments import labels_of

    client.answer()
    assert process_events(lambda: ends.outcomes)
    node = ends.outcomes[0].segmentation
    segmenting.restyle(node, Style.NESTED, ends.errors.append)
    assert process_events(lambda: not segmenting.busy)
    ids = [node.GetSegmentation().GetNthSegmentID(n) for n in range(node.GetSegmentation().GetNumberOfSegments())]
    assert not ends.errors and ids == ["WT", "TC", "ET"]
    assert np.array_equal(labels_of(node, volumes[Modality.T1CE]), client.labels)
