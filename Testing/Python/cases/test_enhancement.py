"""Which of two T1 images shows contrast agent."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.enhancement import enhanced_one
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.images.reading import read_volume

CASES = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "cases"
GRID = Geometry((40, 40, 40), (2.0, 2.0, 2.0), (0.0, 0.0, 0.0))


def head(spots: int, seed: int = 0, scale: float = 1.0) -> Volume:
    """A ball of tissue with noise of its own, and so many spots of 27 bright voxels."""
    rng = np.random.default_rng(3)
    z, y, x = np.indices(GRID.shape) - 19.5
    array = np.where(z**2 + y**2 + x**2 < 17**2, 400 + 60 * rng.standard_normal(GRID.shape), 0.0)
    array = np.where(array > 0, array + 5 * np.random.default_rng(seed).standard_normal(GRID.shape), 0.0)
    for place in np.random.default_rng(9).integers(14, 25, (spots, 3)):
        array[tuple(slice(start, start + 3) for start in place)] = 900
    return Volume((scale * array).astype(np.float32), GRID)


def test_the_one_with_bright_spots_of_its_own_is_enhanced_in_whatever_scale() -> None:
    assert enhanced_one(head(0, 1), head(12, 2, scale=0.01)) == 1
    assert enhanced_one(head(12, 2), head(0, 1, scale=50.0)) == 0


def test_the_second_is_brought_onto_the_grid_of_the_first() -> None:
    other = head(12, 2)
    turned = Volume(
        other.array[:, :, ::-1], Geometry(GRID.size, GRID.spacing, (78.0, 0.0, 0.0), (-1, 0, 0, 0, 1, 0, 0, 0, 1))
    )
    assert enhanced_one(head(0, 1), turned) == 1


@pytest.mark.parametrize("spots", [0, 12])
def test_two_alike_are_not_told_apart(spots: int) -> None:
    assert enhanced_one(head(spots, 1), head(spots, 2)) is None


def test_images_of_different_places_are_not_compared() -> None:
    far = Volume(head(12).array, Geometry(GRID.size, GRID.spacing, (500.0, 0.0, 0.0)))
    assert enhanced_one(head(0), far) is None


@pytest.mark.skipif(not CASES.is_dir(), reason="no real cases: ../shared/data, beside the repository, is absent")
@pytest.mark.parametrize(
    ("case", "t1", "t1ce", "told"),
    [
        ("BraTS2021_00006", "_t1", "_t1ce", 1),
        ("BraTS2021_01479", "_t1", "_t1ce", None),
        ("BraTS-SSA-00074-000", "-t1n", "-t1c", None),
    ],
)
def test_a_real_t1ce_is_told_or_left_open(case: str, t1: str, t1ce: str, told: int | None) -> None:
    first, second = (read_volume(CASES / case / f"{case}{end}.nii.gz") for end in (t1, t1ce))
    assert enhanced_one(first, second) == told
