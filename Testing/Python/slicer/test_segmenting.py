"""Volume nodes become a segmentation node by the worker's client; whatever goes wrong leaves the scene as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import BrainTumorVAESegError, Cancelled, DeviceError, InputError
from BrainTumorVAESegLib.core.modalities import Modality


def test_progress_rises_and_names_its_stage(
    asked: Any, client: Any, ends: Any, process_events: Callable[..., bool]
) -> None:
    client.progress("stage 1", 0.5)
    client.answer()
    assert process_events(lambda: ends.outcomes)
    shares = [fraction for _, fraction, _ in ends.progress]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] <= 1
    assert [stage for stage, _, _ in ends.progress][-2:] == ["stage 1", "fill"]


def test_a_failure_is_told_and_nothing_new_stays(
    asked: Any,
    client: Any,
    ends: Any,
    segmenting: Any,
    process_events: Callable[..., bool],
    node_ids: Callable[[], set[str]],
) -> None:
    before = node_ids()
    client.fail(DeviceError("The GPU is out of memory; choose the processor."))
    assert process_events(lambda: ends.errors)
    assert str(ends.errors[0]) == "The GPU is out of memory; choose the processor."
    assert node_ids() == before and not segmenting.busy and ends.outcomes == []


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
    ends: Any,
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
