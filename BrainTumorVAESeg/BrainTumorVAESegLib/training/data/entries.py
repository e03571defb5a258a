"""A prepared case on disk: two arrays that training maps into memory, and what is known of the case beside them.

An entry is `NAME.KEY.images.npy`, `.labels.npy` and `.facts.json`. The images are written last, each file beside its
place and then moved there, so that an entry whose images are there is whole, at whatever moment its writer was stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...cases.labelled import LabelledCase
from ...core.disk.files import replacing, write_json

IMAGES, LABELS, FACTS = ".images.npy", ".labels.npy", ".facts.json"


@dataclass(frozen=True)
class CaseFacts:
    """What is known of a case before it was prepared.

    size (voxels), spacing (mm) and axes of its reference volume, in the order x, y, z. volumes_ml: of NCR, ED, ET, WT
    and TC in its ground truth, in milliliters. images: a digest of each prepared image, in the order of the modalities.
    warnings: what is strange about it.
    """

    size: tuple[int, int, int]
    spacing: tuple[float, float, float]
    axes: str
    volumes_ml: Mapping[str, float]
    images: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class CachedCase:
    """A case prepared on disk: images (4, z, y, x) float16 z-scored, labels (z, y, x) uint8 in the library's values.

    patient: shared by the cases of one patient; the case's own name where empty.
    """

    name: str
    images_file: Path
    labels_file: Path
    patient: str = ""
    facts: CaseFacts | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """The name with what the files hold, for files that are made of this case."""
        return self.labels_file.name.removesuffix(".labels.npy")

    def images(self) -> np.ndarray:
        """The images, mapped from disk."""
        return np.load(self.images_file, mmap_mode="r")

    def labels(self) -> np.ndarray:
        """The labels, mapped from disk."""
        return np.load(self.labels_file, mmap_mode="r")


@dataclass(frozen=True)
class Entry:
    """Where a case's prepared arrays lie or are to lie: a folder, a file name without its ending, and the full key."""

    case: LabelledCase
    folder: Path
    key: str

    @property
    def stem(self) -> str:
        """What the names of the entry's files begin with."""
        return f"{self.case.name}.{self.key[:16]}"

    def file(self, ending: str) -> Path:
        """Return one of the entry's files."""
        return self.folder / (self.stem + ending)

    def find(self) -> CachedCase | None:
        """Return the prepared case, or None where it is not there whole: missing, cut off or another's file."""
        try:
            facts = json.loads(self.file(FACTS).read_text(encoding="utf-8"))
            images, labels = _open_whole(self.file(IMAGES)), _open_whole(self.file(LABELS))
            whole = facts["key"] == self.key and images.shape[1:] == labels.shape and images.ndim == 4
            if not whole or (images.dtype, labels.dtype) != (np.float16, np.uint8):
                return None
            return self._as_case(_build_facts(facts["facts"]))
        except (OSError, ValueError, TypeError, KeyError, EOFError):
            return None

    def write(self, images: np.ndarray, labels: np.ndarray, facts: CaseFacts) -> CachedCase:
        """Write the prepared case whole or not at all. Raises OutputError."""
        try:
            write_json(self.file(FACTS), {"key": self.key, "facts": asdict(facts)})
            save_array(self.file(LABELS), labels)
            save_array(self.file(IMAGES), images)
        except BaseException:
            for ending in (IMAGES, LABELS, FACTS):
                _unlink(self.file(ending))
            raise
        return self._as_case(facts)

    def remove_leftovers(self) -> None:
        """Remove what a writer that was killed left under other names."""
        for part in self.folder.glob(f".*.{_escape(self.stem)}.*"):
            _unlink(part)

    def _as_case(self, facts: CaseFacts) -> CachedCase:
        return CachedCase(self.case.name, self.file(IMAGES), self.file(LABELS), self.case.patient, facts)


def save_array(path: Path, array: np.ndarray) -> None:
    """Write beside and move into place, so that a killed process leaves no half array. Raises OutputError."""
    array = np.ascontiguousarray(array)
    with replacing(path) as part, part.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(array))
        # Not np.save: its error tells no reason where the disk is full.
        stream.write(array.data)


def _open_whole(path: Path) -> np.memmap:
    """Map an array of exactly the file's size. Raises ValueError, EOFError or OSError where there is none."""
    array = np.load(path, mmap_mode="r")
    if not isinstance(array, np.memmap) or array.offset + array.nbytes != path.stat().st_size:
        raise ValueError(f"{path} is not whole")
    return array


def _build_facts(values: Mapping[str, Any]) -> CaseFacts:
    tuples: dict[str, Callable[[Any], Any]] = dict.fromkeys(("size", "spacing", "images", "warnings"), tuple)
    return CaseFacts(**{key: tuples.get(key, lambda same: same)(value) for key, value in values.items()})


def _escape(text: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)


def _unlink(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
