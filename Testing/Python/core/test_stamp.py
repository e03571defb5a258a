"""The stamp that tells one mask from another."""

from __future__ import annotations

import numpy as np
from BrainTumorVAESegLib.core.stamp import stamp_of


def test_a_stamp_tells_other_labels_apart_and_nothing_else():
    labels = np.zeros((12, 14, 16), np.uint8)
    labels[3:6, 4:8, 5:9] = 2
    stamp = stamp_of(labels)
    assert stamp == stamp_of(np.asfortranarray(labels))
    changed = [labels.copy() for _ in range(3)]
    changed[0][4, 5, 6] = 1
    changed[1][0, 0, 0] = 2
    changed[2] = np.roll(labels, 1, axis=2)
    stamps = {stamp, *map(stamp_of, changed), stamp_of(np.zeros_like(labels))}
    assert len(stamps) == 5
