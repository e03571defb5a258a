"""The earlier examination brought to where the later one lies, whatever grid and place it was taken in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.preparation import Alignment, Outcome
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.transform import Transform
from BrainTumorVAESegLib.core.volume import Study
from BrainTumorVAESegLib.images.itk import resample
from BrainTumorVAESegLib.measures.changes import compare_measures
from BrainTumorVAESegLib.measures.measuring import measure
from BrainTumorVAESegLib.reporting.report import placing
from BrainTumorVAESegLib.reporting.report.placing import place


def turned(study: Study, transform: Transform) -> Study:
    """The same head as it lay in another scanner: its voxels as they are, elsewhere and turned."""
    volumes = {m: replace(v, geometry=transform.bring(v.geometry)) for m, v in study.volumes.items()}
    return Study(volumes, study.reference)


@pytest.fixture
def pose() -> Transform:
    """A head turned by 9 degrees about the vertical axis and moved by 16 mm."""
    matrix = np.eye(4)
    c, s = np.cos(np.radians(9)), np.sin(np.radians(9))
    matrix[:2, :2] = [[c, -s], [s, c]]
    matrix[:3, 3] = (10.0, -12.0, 5.0)
    return Transform.of(matrix)


def test_a_head_in_another_pose_is_brought_back_with_its_mask(phantom, segmentation: Segmentation, pose) -> None:
    before = turned(phantom.study, pose)
    mask = replace(segmentation, geometry=pose.bring(segmentation.geometry))
    placed = place(before, mask, phantom.study)
    tumor = np.argwhere(segmentation.labels)[:, ::-1]
    there, home = (g.index_to_physical for g in (mask.geometry, segmentation.geometry))
    points = tumor @ there[:3, :3].T + there[:3, 3]
    back = points @ placed.to_after[:3, :3].T + placed.to_after[:3, 3]
    errors = np.linalg.norm(back - (tumor @ home[:3, :3].T + home[:3, 3]), axis=1)
    assert errors.mean() < 1.5 and placed.registered["turned_degrees"] == pytest.approx(9, abs=1)
    labels = resample(placed.segmentation.labels, placed.segmentation.geometry, segmentation.geometry, nearest=True)
    both = np.count_nonzero((labels > 0) & (segmentation.labels > 0))
    assert 2 * both / (np.count_nonzero(labels) + np.count_nonzero(segmentation.labels)) > 0.9
    changes = compare_measures((mask, measure(mask)), (segmentation, measure(segmentation)), placed.to_after)
    assert changes.new == () == changes.vanished
    assert changes.volumes_ml["WT"].percent == pytest.approx(0, abs=1e-6)


def test_what_lies_in_one_place_is_left_there(phantom, segmentation: Segmentation) -> None:
    placed = place(phantom.study, segmentation, phantom.study)
    assert placed.registered == {} and not placed.kept and (placed.to_after == np.eye(4)).all()
    assert placed.segmentation is segmentation


def test_heads_that_nothing_brings_together_are_refused(phantom, segmentation, monkeypatch) -> None:
    def keep(study: Study, modalities: tuple, **_: object) -> tuple:
        return study, {modalities[0]: Alignment(Outcome.KEPT, 0.0, 0.0)}

    monkeypatch.setattr(placing, "align", keep)
    away = np.eye(4)
    away[0, 3] = 400
    with pytest.raises(InputError, match=r"do not lie in one place.*are both of one patient"):
        place(turned(phantom.study, Transform.of(away)), segmentation, phantom.study)
    assert place(phantom.study, segmentation, phantom.study).kept
