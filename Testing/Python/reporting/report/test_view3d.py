"""The 3D view: a picture of the tumor's colors where VTK can draw, else a reason."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.reporting.report import view3d
from BrainTumorVAESegLib.reporting.report.view3d import Drawing


def test_the_tumor_is_drawn_or_a_reason_is_given(phantom, segmentation: Segmentation, tmp_path) -> None:
    drawing = Drawing(segmentation, phantom.study.reference_volume.array != 0)
    png = drawing.finish()
    if png is None:
        assert drawing.reason
        pytest.skip(drawing.reason)
    import SimpleITK as sitk

    path = tmp_path / "view.png"
    path.write_bytes(png)
    pixels = sitk.GetArrayFromImage(sitk.ReadImage(str(path))).astype(int)
    drawn = (pixels[..., :3] < 255).any(axis=-1)
    assert not drawn[0].any() and not drawn[:, 0].any()  # a margin, and no more of white around it
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    edges = (rows[0], columns[0], drawn.shape[0] - 1 - rows[-1], drawn.shape[1] - 1 - columns[-1])
    assert max(edges) <= 6 and min(drawn.shape) > 200
    red, blue = pixels[..., 0], pixels[..., 2]
    assert np.count_nonzero(red - blue > 90) > 300  # the enhancing part is yellow


def test_it_is_seen_from_the_side_of_the_tumor(phantom, segmentation: Segmentation, monkeypatch) -> None:
    monkeypatch.setattr(view3d, "find_spec", lambda name: None)
    array, geometry = phantom.study.reference_volume.array, segmentation.geometry
    assert geometry.axis_codes == "LPS"
    for left in (True, False):
        labels = np.zeros_like(segmentation.labels)
        labels[10:14, 20:24, slice(28, 32) if left else slice(8, 12)] = 1
        assert Drawing(Segmentation(labels, geometry), array != 0).from_left is left


def test_a_drawing_process_that_dies_leaves_a_reason(phantom, segmentation: Segmentation, monkeypatch) -> None:
    pytest.importorskip("vtkmodules")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    drawing = Drawing(segmentation, phantom.study.reference_volume.array != 0)
    assert drawing.finish() is None and drawing.reason == "VTK cannot draw on this machine"


def test_without_vtk_or_tumor_nothing_is_started(phantom, segmentation, no_tumor, monkeypatch) -> None:
    brain = phantom.study.reference_volume.array != 0
    empty = Drawing(no_tumor, brain)
    assert empty.finish() is None and empty.reason == "there is no tumor to show"
    monkeypatch.setattr(view3d, "find_spec", lambda name: None)
    missing = Drawing(segmentation, brain)
    assert missing.finish() is None and "pip install vtk" in missing.reason
