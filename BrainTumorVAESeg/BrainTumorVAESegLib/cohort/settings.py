"""What a cohort is segmented with: options, package, and what tells one cohort from another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.labels import LabelConvention
from ..core.modalities import Modality
from ..core.preparation import PreparationOptions

if TYPE_CHECKING:
    from ..models.package import ModelPackage


@dataclass(frozen=True)
class CohortOptions:
    """How every case is segmented and what is written of it.

    preparation: what may be done to scans first. report: also write a report for each case. threads: of the networks on
    a CPU in each process; None for what PyTorch takes. The device, memory, threads and precision of a run are not what
    tells its results from others.
    """

    labels: LabelConvention = LabelConvention.BRATS2023
    reference: Modality | None = None
    probabilities: bool = False
    montage: bool = False
    force: bool = False
    report: bool = False
    preparation: PreparationOptions = field(default_factory=PreparationOptions)
    device: str = "auto"
    precision: str = "auto"
    memory: int | None = None
    threads: int | None = None

    @property
    def of_results(self) -> dict[str, Any]:
        """The options that change results, as plain JSON values."""
        return {
            "labels": self.labels.value,
            "reference": self.reference.value if self.reference else None,
            "probabilities": self.probabilities,
            "montage": self.montage,
            "force": self.force,
            "report": self.report,
            "preparation": asdict(self.preparation),
        }


@dataclass(frozen=True)
class PackageRef:
    """A package as another process finds it: by its folder, which it sees too, and the hash that it must have."""

    folder: Path
    name: str
    version: str
    sha256: str

    @classmethod
    def of(cls, package: ModelPackage) -> PackageRef:
        """Return the reference of a package."""
        return cls(package.folder.absolute(), package.name, package.version, package.sha256)

    def __str__(self) -> str:
        return f"{self.name} {self.version} (SHA-256 {self.sha256[:12]}...)"


def digest(values: Mapping[str, Any]) -> str:
    """Return the SHA-256 of plain JSON values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
