"""A job at a time: what waits is begun when its turn comes, and a node that goes stops what needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.requests import Check, Segment


def test_cancel_leaves_the_scene_and_calls_nothing(
    asked: Any,
    client: Any,
    ends: Any,
    segmenting: Any,
    process_events: Callable[..., bool],
    node_ids: Callable[[], set[str]],
) -> None:
    before = node_ids()
    segmenting.cancel()
    process_events(seconds=0.1)
    assert not segmenting.busy and client.cancelled == 1
    assert node_ids() == before and ends.outcomes == [] and ends.errors == []


@pytest.mark.parametrize("modality", [Modality.T1CE, Modality.T2])
def test_a_volume_removed_meanwhile_stops_it_and_is_named(
    asked: Any, client: Any, ends: Any, volumes: dict[Modality, Any], segmenting: Any, scene: Any, modality: Modality
) -> None:
    scene.RemoveNode(volumes[modality])
    assert not segmenting.busy and client.cancelled == 1
    assert str(ends.errors[0]) == (f"Patient {modality} was removed from the scene, so the segmentation was stopped.")


def test_the_segmentation_removed_meanwhile_stops_it(
    start: Callable[..., None],
    client: Any,
    ends: Any,
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
