"""Edema that a brain mask cuts off is given back to it, and nothing else beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.preparation.edema import with_edema

GRID = Geometry((50, 50, 50), (2.0, 2.0, 2.0), (0.0, 0.0, 0.0))
FROM_FRONT, FROM_CENTER = (
    np.linalg.norm(np.indices(GRID.shape) - np.reshape(center, (3, 1, 1, 1)), axis=0) * 2
    for center in ((25, 8, 25), (25, 25, 25))
)
BRAIN = FROM_CENTER < 40
TUMOR = BRAIN & (FROM_FRONT < 18)
CUT = TUMOR & (np.indices(GRID.shape)[1] < 8)
"""The tumor's part at the frontal pole."""


def head(flair: dict[str, float], t1: dict[str, float], place: np.ndarray) -> Study:
    """A brain of even tissue with a tumor; what is at a place outside has a brightness of its own."""
    rng = np.random.default_rng(0)
    arrays = {}
    for modality, told in ((Modality.FLAIR, flair), (Modality.T1, t1)):
        array = np.where(BRAIN, 100.0, 10.0)
        array[TUMOR], array[place] = told["tumor"], told["place"]
        arrays[modality] = array + rng.normal(0, 3, GRID.shape)
    volumes = {m: Volume(arrays.get(m, arrays[Modality.T1]).astype(np.float32), GRID) for m in MODALITIES}
    return Study(volumes, Modality.T1CE, brain=Volume(BRAIN & ~CUT, GRID, "HD-BET"))


@pytest.fixture
def study() -> Study:
    return head({"tumor": 220, "place": 220}, {"tumor": 80, "place": 80}, CUT)


def beyond(study: Study) -> np.ndarray:
    """What was added to the mask."""
    assert study.brain is not None
    return study.brain.array & ~(BRAIN & ~CUT)


def test_a_tumors_part_that_was_cut_off_comes_back(study: Study) -> None:
    assert np.count_nonzero(CUT) > 100
    added = beyond(with_edema(study))
    assert np.count_nonzero(added & CUT) > 0.9 * np.count_nonzero(CUT)
    assert np.count_nonzero(added & ~BRAIN) < 0.2 * np.count_nonzero(CUT)


def test_images_that_lie_elsewhere_are_read_where_their_transforms_put_them(study: Study) -> None:
    from movedheads import motion, with_moved

    away = motion(0.0, (0.0, 300.0, 0.0))
    moved = with_moved(study, Modality.FLAIR, away)
    back = with_edema(replace(moved, transforms={Modality.FLAIR: away}))
    assert np.array_equal(beyond(back), beyond(with_edema(study)))


@pytest.mark.parametrize(("flair", "t1"), [(220, 260), (20, 40)], ids=["fat", "fluid"])
def test_fat_and_fluid_beside_it_stay_outside(flair: float, t1: float) -> None:
    study = head({"tumor": 220, "place": flair}, {"tumor": 80, "place": t1}, CUT)
    assert not beyond(with_edema(study)).any()


def test_what_only_touches_the_brain_or_lies_apart_stays_outside() -> None:
    mucosa = (FROM_CENTER > 42) & (FROM_CENTER < 50) & (np.indices(GRID.shape)[2] > 42)
    study = head({"tumor": 100, "place": 220}, {"tumor": 80, "place": 80}, mucosa)
    assert not beyond(with_edema(study)).any()


def test_without_a_mask_or_flair_nothing_changes(study: Study) -> None:
    lacking = replace(study, volumes={m: v for m, v in study.volumes.items() if m is not Modality.FLAIR})
    bare = replace(study, brain=None)
    assert with_edema(lacking) is lacking and with_edema(bare) is bare
