"""A 3D image with its place in the patient, and a study of several of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from .errors import InputError
from .geometry import Geometry
from .modalities import MODALITIES, Modality


def is_finite(array: np.ndarray) -> bool:
    """Say whether all values are finite."""
    if array.dtype.kind != "f":
        return True
    with np.errstate(over="ignore", invalid="ignore"):
        # One pass and no array of flags; where the sum is not finite it may still have run over.
        return bool(np.isfinite(array.sum())) or bool(np.isfinite(array).all())


@dataclass(frozen=True)
class Volume:
    """One image: array (z, y, x), its geometry, and where it came from (a path or a node's name, for messages)."""

    array: np.ndarray
    geometry: Geometry
    source: str = ""

    def __post_init__(self) -> None:
        if self.array.shape != self.geometry.shape:
            raise InputError(
                f"{self.source or 'volume'}: array {self.array.shape} does not fit its grid {self.geometry.shape}."
            )


@dataclass(frozen=True)
class Study:
    """The volumes of one examination by modality, and the one whose grid the result is given on (T1ce by default)."""

    volumes: Mapping[Modality, Volume]
    reference: Modality = Modality.T1CE
    name: str = ""

    def __post_init__(self) -> None:
        if not self.volumes:
            raise InputError("The study holds no volume; give T1, T1ce, T2 and FLAIR.")
        if self.reference not in self.volumes:
            raise InputError(f"The reference {self.reference} is not among the study's volumes; choose one that is.")

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """The modalities present, in the project's order."""
        return tuple(m for m in MODALITIES if m in self.volumes)

    @property
    def missing(self) -> tuple[Modality, ...]:
        """The modalities absent, in the project's order."""
        return tuple(m for m in MODALITIES if m not in self.volumes)

    @property
    def reference_volume(self) -> Volume:
        """The volume on whose grid results are given."""
        return self.volumes[self.reference]

    def __getitem__(self, modality: Modality) -> Volume:
        return self.volumes[modality]

    def __iter__(self) -> Iterator[Modality]:
        return iter(self.modalities)
