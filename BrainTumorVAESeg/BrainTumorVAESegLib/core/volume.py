"""A 3D image with its place in the patient, and a study of several of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from .errors import InputError
from .findings import Finding
from .geometry import Geometry
from .modalities import MODALITIES, Modality, is_image_name
from .transform import Transform

REFERENCES: tuple[Modality, ...] = (Modality.T1CE, Modality.FLAIR, Modality.T1, Modality.T2)
"""Whose grid a result has where nobody chose: the first of these that is there."""


def choose_reference(present: Collection[Modality]) -> Modality:
    """Return the first of `REFERENCES` that is present; T1ce where none is."""
    return next((modality for modality in REFERENCES if modality in present), Modality.T1CE)


def require_modalities(present: Collection[Modality], optional: Collection[Modality] = ()) -> None:
    """Raise InputError where a modality is neither present nor optional, or where none is present at all."""
    missing = [m for m in MODALITIES if m not in present and m not in optional]
    if not missing and present:
        return
    names = ", ".join(str(m) for m in missing or MODALITIES)
    needed = [m for m in MODALITIES if m not in optional]
    spared = f" ({_enumerate([m for m in MODALITIES if m in optional])} may be absent)" if optional else ""
    advice = f"give {_enumerate(needed)}{spared}" if needed else "give at least one of them"
    raise InputError(f"{names} {'is' if len(missing) == 1 else 'are'} missing; {advice}.")


def _enumerate(modalities: list[Modality]) -> str:
    *first, last = map(str, modalities)
    return f"{', '.join(first)} and {last}" if first else last


def is_finite(array: np.ndarray) -> bool:
    """Say whether all values are finite."""
    if array.dtype.kind != "f":
        return True
    with np.errstate(over="ignore", invalid="ignore"):
        # One pass and no array of flags; where the sum is not finite it may still have run over.
        return bool(np.isfinite(array.sum())) or bool(np.isfinite(array).all())


@dataclass(frozen=True)
class Volume:
    """One image: array (z, y, x), its geometry, and where it came from (a path or a node's name, for messages).

    notes: what the reader found in the file itself, of no modality yet; a message goes on where a volume's name ends.
    """

    array: np.ndarray
    geometry: Geometry
    source: str = ""
    notes: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        if self.array.shape != self.geometry.shape:
            raise InputError(
                f"{self.source or 'volume'}: array {self.array.shape} does not fit its grid {self.geometry.shape}."
            )

    @property
    def place(self) -> str:
        """What findings call it: the file's name with its folder's, or the node's.

        Findings are stored with a result, and the folders above tell whose it is.
        """
        path = Path(self.source)
        return "/".join(filter(None, (path.parent.name, path.name))) if is_image_name(path) else self.source


@dataclass(frozen=True)
class Study:
    """The volumes of one examination by modality, and the one whose grid the result is given on (T1ce by default).

    volumes: as they were read. transforms: of those that were registered to the reference; `study[modality]` is the
    volume where it lies by that, with its own voxels. brain: a mask (bool) in the reference's space outside which
    nothing counts, or None where the images are 0 there themselves.
    """

    volumes: Mapping[Modality, Volume]
    reference: Modality = Modality.T1CE
    name: str = ""
    transforms: Mapping[Modality, Transform] = field(default_factory=dict)
    brain: Volume | None = None

    def __post_init__(self) -> None:
        if not self.volumes:
            raise InputError("The study holds no volume; give T1, T1ce, T2 and FLAIR.")
        if self.reference not in self.volumes:
            raise InputError(f"The reference {self.reference} is not among the study's volumes; choose one that is.")
        if self.reference in self.transforms or not set(self.transforms) <= set(self.volumes):
            raise InputError("Only volumes of the study are registered, and to the reference; leave the others out.")

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
        """Return a volume as it lies in the reference's space."""
        volume = self.volumes[modality]
        transform = self.transforms.get(modality)
        return volume if transform is None else replace(volume, geometry=transform.bring(volume.geometry))

    def __iter__(self) -> Iterator[Modality]:
        return iter(self.modalities)
