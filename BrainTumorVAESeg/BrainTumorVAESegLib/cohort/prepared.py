"""The files of what was done to clinical scans before they were segmented: transforms and the brain mask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import OutputError
from ..core.modalities import MODALITIES, Modality

if TYPE_CHECKING:
    from ..core.volume import Study
    from ..inference.segmenting import Result


@dataclass(frozen=True)
class PreparationFiles:
    """Where transforms, the brain mask and answers on inputs' own grids go. grids: those that are wanted."""

    folder: Path
    name: str
    reference: Modality | None = None
    grids: Sequence[Modality] = ()

    @property
    def brain(self) -> str:
        """The brain mask's file."""
        return f"{self.name}_brain.nii.gz"

    def transform(self, modality: Modality, reference: Modality) -> str:
        """Return a transform's file."""
        return f"{self.name}_{modality}-to-{reference}.tfm"

    def on_grid(self, what: str, modality: Modality) -> str:
        """Return the file of an answer on an input's grid; what: `seg`, `probabilities`, a map's key."""
        return f"{self.name}_{what}-on-{modality}.nii.gz"

    def check(self, overwrite: bool) -> None:
        """Raise OutputError where a file that may be written exists and must not be replaced."""
        existing = self._existing()
        if existing and not overwrite:
            raise OutputError(f"{existing[0]}: exists already; give --overwrite, or another folder or name.")

    def remove_old(self, told: Mapping[str, Any]) -> None:
        """Remove what an earlier run left and this one, whose summary is given, did not write: it would mislead.

        A brain mask stays: a person may have corrected it.
        """
        written = {self.brain, *told.get("transforms", {}).values()}
        written |= {name for names in told.get("on_grids", {}).values() for name in names}
        for path in self._existing():
            if path.name not in written:
                path.unlink()

    def _existing(self) -> list[Path]:
        names = [self.brain, *(self.on_grid("seg", modality) for modality in self.grids or MODALITIES)]
        names += [self.transform(m, reference) for m in MODALITIES for reference in MODALITIES if m is not reference]
        return [self.folder / name for name in names if (self.folder / name).exists()]


def write_prepared(files: PreparationFiles, folder: Path, result: Result) -> dict[str, Any]:
    """Write the transforms and the mask that were made; return what the summary tells of them. Raises OutputError."""
    from ..core.wire import to_wire
    from ..images.masks import write_transform
    from ..images.writing import write_volume
    from ..preparation.masking import brain_of

    study, prepared = study_of(result), result.prepared
    told: dict[str, Any] = {"preparation": to_wire(prepared)}
    written: dict[str, str] = {}
    for modality, transform in study.transforms.items():
        written[modality.value] = files.transform(modality, study.reference)
        write_transform(transform, folder / written[modality.value])
    if written:
        told["transforms"] = written
    if study.brain is not None:
        from dataclasses import replace

        reference = study.reference_volume
        write_volume(replace(reference, array=brain_of(study).view("uint8")), folder / files.brain)
        told["brain_mask"] = files.brain
    return told


def study_of(result: Result) -> Study:
    """Return the study that a segmentation was made from, with its transforms and brain mask."""
    if result.study is None:
        raise AssertionError("a segmentation's result has its study")
    return result.study
