"""Lesions are told apart, ordered by size, and know how far the next one is."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.measures.distances import distance_between, nearest_distances
from BrainTumorVAESegLib.measures.lesions import find_lesions


def test_two_parts_that_touch_by_a_corner_are_one_lesion_and_two_with_a_gap_are_two() -> None:
    mask = np.zeros((8, 8, 8), bool)
    mask[1:3, 1:3, 1:3] = mask[3:6, 3:6, 3:6] = True
    assert [len(lesion) for lesion in find_lesions(mask)] == [35]
    mask[3, 3, 3] = False
    mask[3:6, 3:6, 3] = False
    assert [len(lesion) for lesion in find_lesions(mask)] == [18, 8]


def test_lesions_come_from_the_largest_and_hold_every_voxel_once() -> None:
    mask = np.random.default_rng(1).random((20, 21, 22)) < 0.03
    lesions = find_lesions(mask)
    sizes = [len(lesion) for lesion in lesions]
    assert sizes == sorted(sizes, reverse=True) and len(lesions) > 20
    again = np.zeros_like(mask)
    for lesion in lesions:
        again[tuple(lesion.T)] = True
    assert (again == mask).all() and sum(sizes) == mask.sum()


def test_a_lesion_at_the_images_border_is_whole() -> None:
    mask = np.zeros((3, 4, 5), bool)
    mask[0, 0], mask[2, 3, 4] = True, True
    first, second = find_lesions(mask)
    assert first.tolist() == [[0, 0, x] for x in range(5)] and second.tolist() == [[2, 3, 4]]
    assert find_lesions(np.zeros((3, 4, 5), bool)) == []


def test_the_nearest_lesion_is_that_of_every_pair_of_voxels() -> None:
    numbers = np.random.default_rng(2)
    lesions = [numbers.normal(numbers.uniform(-30, 30, 3), (4, 6, 3), (n, 3)) for n in (900, 500, 40, 7, 1)]
    every = np.array([[np.linalg.norm(a[:, None] - b, axis=2).min() for b in lesions] for a in lesions])
    np.fill_diagonal(every, np.inf)
    assert nearest_distances(lesions) == pytest.approx(every.min(axis=1).tolist())
    assert distance_between(lesions[0], lesions[1]) == pytest.approx(every[0, 1])


def test_a_lesion_alone_has_no_nearest_one() -> None:
    assert nearest_distances([np.zeros((4, 3))]) == [None]
    assert nearest_distances([]) == []
