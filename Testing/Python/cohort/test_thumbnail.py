from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.cohort.thumbnail import write_thumbnail
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.labels import ED, ET
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.volume import Study, Volume

FLIPPED = (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0)


def _draw(path: Path, geometry: Geometry, labels: np.ndarray) -> np.ndarray:
    image = np.full(labels.shape, 100.0, np.float32)
    image[:, :2] = 50.0
    study = Study({Modality.T1CE: Volume(image, geometry)}, Modality.T1CE, "P1")
    write_thumbnail(study, Segmentation(labels, geometry), path)
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def test_the_slice_with_most_tumor_is_shown_with_its_colors(tmp_path):
    labels = np.zeros((4, 20, 10), np.uint8)
    labels[1, 3, 3], labels[2, 10:, :5], labels[2, 10:, 5:] = ED.value, ED.value, ET.value
    picture = _draw(tmp_path / "p.png", Geometry((10, 20, 4), (2.0, 1.0, 5.0), (0, 0, 0)), labels)
    assert picture.shape == (96, 96, 3)
    left, right, above = (picture[80, 10].astype(int), picture[80, 80].astype(int), picture[30, 10].astype(int))
    assert len(set(above)) == 1 and len(set(left)) > 1 and tuple(left) != tuple(right)
    assert left.argmax() == int(np.argmax(ED.color)) and right.argmax() == int(np.argmax(ET.color))


def test_it_is_seen_as_a_reader_sees_it_however_it_is_stored(tmp_path):
    labels = np.zeros((4, 20, 10), np.uint8)
    labels[2, 15:, 7:] = ET.value
    stored = _draw(tmp_path / "a.png", Geometry((10, 20, 4), (1.0, 1.0, 1.0), (0, 0, 0)), labels)
    turned = _draw(tmp_path / "b.png", Geometry((10, 20, 4), (1.0, 1.0, 1.0), (0, 0, 0), FLIPPED), labels)
    assert stored.shape == (96, 48, 3)
    marked = np.argwhere(np.ptp(stored.astype(int), axis=2) > 20).mean(axis=0)
    mirrored = np.argwhere(np.ptp(turned.astype(int), axis=2) > 20).mean(axis=0)
    assert marked[0] > 60 and marked[1] > 30
    assert mirrored[0] < 35 and mirrored[1] < 18


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_an_image_without_contrast_and_without_tumor_is_black(tmp_path, value):
    geometry, labels = Geometry((10, 10, 3), (1.0, 1.0, 1.0), (0, 0, 0)), np.zeros((3, 10, 10), np.uint8)
    study = Study({Modality.T1CE: Volume(np.full((3, 10, 10), value, np.float32), geometry)}, Modality.T1CE, "P1")
    write_thumbnail(study, Segmentation(labels, geometry), tmp_path / "p.png")
    assert not sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "p.png"))).any()


def test_what_is_black_around_the_head_is_left_out(tmp_path):
    geometry, labels = Geometry((40, 40, 3), (1.0, 1.0, 1.0), (0, 0, 0)), np.zeros((3, 40, 40), np.uint8)
    image = np.zeros(labels.shape, np.float32)
    image[1, 10:30, 15:25] = 100
    study = Study({Modality.T1CE: Volume(image, geometry)}, Modality.T1CE, "P1")
    write_thumbnail(study, Segmentation(labels, geometry), tmp_path / "p.png")
    assert sitk.ReadImage(str(tmp_path / "p.png")).GetSize() == (48, 96)
