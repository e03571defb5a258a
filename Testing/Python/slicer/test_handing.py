"""The worker gets the scene's volumes as they are now, and only where it has not got them already."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.requests import Segment


def test_the_worker_gets_the_volumes_as_they_are(asked: Any, volumes: dict[Modality, Any], small_study: Any) -> None:
    assert isinstance(asked, Segment) and Path(asked.package).name == "standard"
    assert asked.study.reference is Modality.T1CE and asked.study.name == "Patient T1ce"
    for modality in MODALITIES:
        file = asked.study.volumes[modality]
        assert np.array_equal(np.load(file.file), small_study[modality].array)
        assert file.geometry.same_grid(small_study[modality].geometry) and file.source == f"Patient {modality}"


def test_running_again_takes_the_same_files_and_replaces_the_segments(
    asked: Any,
    client: Any,
    ends: Any,
    start: Callable[..., None],
    process_events: Callable[..., bool],
    node_ids: Callable[[], set[str]],
) -> None:
    client.answer()
    assert process_events(lambda: ends.outcomes)
    before, node = node_ids(), ends.outcomes[0].segmentation
    start(node)
    assert process_events(lambda: client.requests)
    assert client.requests[0][0].study == asked.study
    client.labels = np.roll(client.labels, 3, axis=0)
    client.answer()
    assert process_events(lambda: len(ends.outcomes) == 2)
    assert ends.outcomes[1].segmentation is node and node_ids() == before


def test_a_changed_volume_is_handed_over_anew(
    asked: Any,
    client: Any,
    ends: Any,
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
