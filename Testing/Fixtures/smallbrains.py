"""Brains of a few voxels of 1 mm, on which tests are quick: a fixture for the rooms whose cases are no larger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from BrainTumorVAESegLib.preparation import volume_checks


@pytest.fixture(autouse=True, scope="module")
def no_brain_is_too_small() -> Iterator[None]:
    """Let the check pass brains that it would refuse for their size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(volume_checks, "LEAST_BRAIN_ML", 0.0)
        yield
