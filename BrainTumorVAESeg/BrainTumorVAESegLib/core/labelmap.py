"""A label map in the library's values, which remembers how its file numbered the labels."""

from __future__ import annotations

from dataclasses import dataclass

from .labels import LabelConvention
from .volume import Volume


@dataclass(frozen=True)
class LabelMap(Volume):
    """A label map (z, y, x; uint8, the library's values).

    convention: the numbering of its file, or None where segments have names there. cavity_ml: the resection cavity that
    the file holds, which belongs to no region and is left out of the array.
    """

    convention: LabelConvention | None = None
    cavity_ml: float = 0.0

    @property
    def numbering(self) -> str:
        """How the labels were told, for people: `brats2021`, or `named segments`."""
        return self.convention.value if self.convention else "named segments"
