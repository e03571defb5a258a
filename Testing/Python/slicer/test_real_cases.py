"""Real cases through Slicer's nodes and the worker give what the library gives from their files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.reading import read_case
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.images.itk import resample
from BrainTumorVAESegLib.inference.segmenting import Options, segment
from BrainTumorVAESegLib.models.library import find_package


@pytest.mark.slow
@pytest.mark.parametrize(("case", "rounded"), [("cases/BraTS-SSA-00074-000", 0), ("native/TCGA-DU-7294", 10)])
def test_nodes_and_files_give_the_same_segmentation(
    module: Any, host: Any, data_folder: Path, case: str, rounded: int
) -> None:
    """One case is stored as RAS; the other has four grids of its own with left-handed axes, which rounds some."""
    import torch
    from BrainTumorVAESegLib.slicer.choices import Choices, Device, Preparation
    from BrainTumorVAESegLib.slicer.nodes.segments import labels_of
    from BrainTumorVAESegLib.slicer.nodes.volumes import geometry

    torch.set_num_threads(len(os.sched_getaffinity(0)))  # as the worker's, which add in the same order then
    expected = segment(
        read_case(data_folder / case), find_package(), Options("cpu", preparation=Preparation.OFF.options)
    ).segmentation
    logic = host.util.getModuleLogic("BrainTumorVAESeg")
    segmentation = logic.processCase(data_folder / case, Choices(device=Device.CPU, preparation=Preparation.OFF))
    reference = segmentation.GetNodeReference(host.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole())
    assert reference.GetName().endswith(str(Modality.T1CE))
    # Slicer turns an image with left-handed axes around, as the second case is: the same places in another order.
    labels = resample(labels_of(segmentation, reference), geometry(reference), expected.geometry, nearest=True)
    assert expected.labels.any() and np.count_nonzero(labels != expected.labels) <= rounded
    volumes = logic.lastOutcome.told.volumes_ml
    assert volumes == pytest.approx(expected.volumes_ml(), rel=1e-4)
