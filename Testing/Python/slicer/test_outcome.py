"""The worker's answer becomes nodes that belong together, or nothing of it stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from BrainTumorVAESegLib.core.modalities import Modality


def test_the_answer_becomes_a_segmentation_with_its_table_beside_the_reference(
    asked: Any, client: Any, ends: Any, volumes: dict[Modality, Any], process_events: Callable[..., bool]
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


def test_labels_of_another_grid_are_an_error_and_nothing_new_stays(
    asked: Any, client: Any, ends: Any, process_events: Callable[..., bool], node_ids: Callable[[], set[str]]
) -> None:
    before = node_ids()
    client.labels = client.labels[:-1]
    client.answer()
    assert process_events(lambda: ends.errors)
    assert "grid" in str(ends.errors[0]) and node_ids() == before
