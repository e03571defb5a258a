"""The report's pictures: outlines where the mask is, diameters where they were measured."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.labels import REGIONS
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.wire import to_wire
from BrainTumorVAESegLib.images.itk import resample
from BrainTumorVAESegLib.measures.measuring import measure
from BrainTumorVAESegLib.reporting.report.pictures import Drawer, draw_outlines
from BrainTumorVAESegLib.reporting.views import plan_panels


def pixels(uri: str, folder: Path) -> np.ndarray:
    path = folder / "read.png"
    path.write_bytes(base64.b64decode(uri.partition(",")[2]))
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def test_an_outline_runs_along_the_inside_of_its_region(phantom, segmentation: Segmentation) -> None:
    panel = plan_panels(phantom.study.reference_volume, segmentation, ("axial",))[0]
    drawn = draw_outlines(segmentation, panel.grid)
    whole = (
        np.kron(resample(segmentation.labels, segmentation.geometry, panel.grid, nearest=True)[0], np.ones((3, 3))) > 0
    )
    lines = drawn[..., 3] > 0
    grown = np.asarray(
        sitk.GetArrayFromImage(sitk.GrayscaleDilate(sitk.GetImageFromArray(whole.astype(np.uint8)), [9, 9]))
    )
    assert drawn.shape[:2] == whole.shape and 100 < lines.sum() < 0.6 * whole.sum()
    assert (grown[lines] > 0).mean() > 0.99
    colors = {tuple(color) for color in drawn[lines][:, :3].tolist()}
    assert colors == {tuple(round(255 * part) for part in region.color) for region in REGIONS}


def test_key_slices_show_every_image_plain_and_outlined(phantom, segmentation, tmp_path: Path) -> None:
    plain, outlined, others = Drawer(phantom.study, segmentation).rows()
    assert [tile.title for tile in plain] == ["T1", "T1ce", "T2", "FLAIR"] == [tile.title for tile in outlined]
    assert not any(tile.outline for tile in plain) and all(tile.outline for tile in (*outlined, *others))
    assert [tile.place[0] for tile in others] == [1, 1, 0, 0]
    image = pixels(plain[1].image, tmp_path)
    assert image.shape == (plain[1].height, plain[1].width) and image.max() > 200 and image[0, 0] == 0


def test_the_lines_of_a_lesion_are_its_diameters(phantom, segmentation) -> None:
    lesion = to_wire(measure(segmentation))["enhancing"]["lesions"][0]
    drawer = Drawer(phantom.study, segmentation)
    tile = drawer.lesion(lesion, Modality.T1CE)
    pixel = 50 / tile.bar
    lengths = [np.hypot(line.x2 - line.x1, line.y2 - line.y1) * pixel for line in tile.lines]
    found = lesion["diameters"]
    assert lengths == pytest.approx([found["longest_mm"], found["perpendicular_mm"]], abs=0.05)
    assert all(0 <= value <= tile.width for line in tile.lines for value in (line.x1, line.x2))
    assert all(0 <= value <= tile.height for line in tile.lines for value in (line.y1, line.y2))
