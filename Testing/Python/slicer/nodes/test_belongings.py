"""A result leaves the scene with all that it brought, and the volumes stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.preparation import Alignment, Outcome, Prepared
from BrainTumorVAESegLib.core.requests import Segment
from BrainTumorVAESegLib.core.transform import Transform


def everything(scene: Any) -> tuple[set[str], int]:
    """The IDs of all nodes, and the folder of the diameters in the subject hierarchy, 0 where it is gone."""
    import slicer

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    ids = {scene.GetNthNode(n).GetID() for n in range(scene.GetNumberOfNodes())}
    return ids, hierarchy.GetItemByName("Patient T1ce tumor diameters")


def test_nothing_of_a_removed_result_stays(
    assigned: Any, client: Any, scene: Any, process_events: Callable[..., bool]
) -> None:
    from BrainTumorVAESegLib.slicer.nodes.belongings import remove_result

    before = everything(scene)
    client.brain = np.ones(client.labels.shape, bool)
    client.prepared = Prepared({Modality.T2: Alignment(Outcome.REGISTERED, 0.1, 0.2, 3.0, 1.0, Transform())}, "HD-BET")
    assigned.ui.applyButton.click()
    assert process_events(lambda: any(isinstance(each[0], Segment) for each in client.requests))
    client.answer()
    assert process_events(lambda: assigned.ui.lesionsTable.rowCount == 2)
    during = everything(scene)
    assert len(during[0]) >= len(before[0]) + 9, "segments, mask, two tables, a transform, four lines"
    assert during[1]
    remove_result(assigned.ui.segmentationSelector.currentNode())
    process_events(seconds=0.05)
    assert everything(scene) == before
