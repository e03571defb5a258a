from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import OutputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.inspection import MapFile

GRID = Geometry((5, 4, 3), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))


@pytest.fixture
def inspecting(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer import inspecting

    return inspecting


def a_map(folder: Path, values: np.ndarray) -> MapFile:
    folder.mkdir()
    np.save(folder / "uncertainty.npy", values)
    return MapFile("uncertainty", "Uncertainty", "bit", "inferno", 0.0, 1.0, str(folder / "uncertainty.npy"))


def test_a_map_is_read_and_its_file_goes(inspecting: Any, tmp_path: Path) -> None:
    values = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    made = a_map(tmp_path / "maps", values)
    np.testing.assert_array_equal(inspecting.read_map(made, GRID), values)
    assert not (tmp_path / "maps").exists()


@pytest.mark.parametrize("values", [np.zeros((3, 4, 4), np.float32), np.zeros((3, 4, 5))])
def test_a_map_of_another_grid_or_kind_is_refused(inspecting: Any, tmp_path: Path, values: np.ndarray) -> None:
    with pytest.raises(OutputError, match="not on the grid"):
        inspecting.read_map(a_map(tmp_path / "maps", values), GRID)


def test_a_map_that_is_not_there_is_told(inspecting: Any, tmp_path: Path) -> None:
    made = a_map(tmp_path / "maps", np.zeros((3, 4, 5), np.float32))
    inspecting.drop_map(made)
    inspecting.drop_map(made)
    with pytest.raises(OutputError, match="choose it again"):
        inspecting.read_map(made, GRID)
