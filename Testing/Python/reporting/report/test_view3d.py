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
    assert pixels.shape[:2] == (480, 480) and (pixels[0, 0, :3] == 255).all()
    red, blue = pixels[..., 0], pixels[..., 2]
    assert np.count_nonzero(red - blue > 90) > 300  # the enhancing part is yellow


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
