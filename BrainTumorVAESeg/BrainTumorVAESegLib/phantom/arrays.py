"""A phantom as plain arrays in a folder: made by one process, taken over by another.

python -m BrainTumorVAESegLib.phantom.arrays FOLDER SETTINGS    (SETTINGS as JSON, {} for the default ones)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from ..core.geometry import Geometry
from ..core.modalities import MODALITIES
from ..core.volume import Study, Volume
from .phantom import PhantomSettings, make_phantom

_GRID = "grid.json"
_GRID_FIELDS = ("size", "spacing", "origin", "direction")


def write_arrays(study: Study, folder: Path) -> None:
    """Write a study's volumes, all on one grid, as .npy files (z, y, x)."""
    for modality in study:
        np.save(folder / f"{modality}.npy", study[modality].array)
    geometry = study.reference_volume.geometry
    (folder / _GRID).write_text(json.dumps({name: getattr(geometry, name) for name in _GRID_FIELDS}), "utf-8")


def read_arrays(folder: Path) -> Study:
    """Read what `write_arrays` wrote; the arrays are read from disk when they are used."""
    grid = json.loads((folder / _GRID).read_text("utf-8"))
    size, spacing, origin, direction = (tuple(grid[name]) for name in _GRID_FIELDS)
    geometry = Geometry(size, spacing, origin, direction)
    volumes = {
        modality: Volume(np.load(folder / f"{modality}.npy", mmap_mode="r"), geometry, f"phantom {modality}")
        for modality in MODALITIES
    }
    return Study(volumes, name="phantom")


def main(arguments: list[str]) -> None:
    """Make a phantom and write it: the folder, then the settings as JSON."""
    folder, settings = arguments
    write_arrays(make_phantom(PhantomSettings(**json.loads(settings))).study, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
