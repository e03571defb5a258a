"""Labelled cases prepared once into a cache that training maps into memory, and dealt into folds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ..core.errors import BrainTumorVAESegError, TrainingError
from ..core.files import replacing
from ..core.modalities import Modality
from ..core.settings import CascadeSettings
from ..images.cases import LabelledCase
from ..images.preparing import prepare, prepare_labels
from ..images.reading import read_label_map, read_study


@dataclass(frozen=True)
class CachedCase:
    """A case prepared on disk: images (4, z, y, x) float16 z-scored, labels (z, y, x) uint8 in the library's values."""

    name: str
    images_file: Path
    labels_file: Path

    def images(self) -> np.ndarray:
        """The images, mapped from disk."""
        return np.load(self.images_file, mmap_mode="r")

    def labels(self) -> np.ndarray:
        """The labels, mapped from disk."""
        return np.load(self.labels_file, mmap_mode="r")


def cache_cases(
    cases: Sequence[LabelledCase],
    settings: CascadeSettings,
    folder: Path,
    report: Callable[[str], None] = lambda _: None,
) -> list[CachedCase]:
    """Prepare every case into a folder keyed by the preprocessing, those already there excepted."""
    key = json.dumps([asdict(settings.preprocessing), settings.modalities], sort_keys=True)
    place = Path(folder) / hashlib.sha256(key.encode()).hexdigest()[:12]
    place.mkdir(parents=True, exist_ok=True)
    return [_cache_case(case, settings, place, report) for case in cases]


def _cache_case(
    case: LabelledCase, settings: CascadeSettings, place: Path, report: Callable[[str], None]
) -> CachedCase:
    stamp = hashlib.sha256(
        json.dumps(
            [(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in (*case.images.values(), case.segmentation)]
        ).encode()
    ).hexdigest()[:12]
    cached = CachedCase(case.name, place / f"{case.name}.{stamp}.images.npy", place / f"{case.name}.{stamp}.labels.npy")
    if cached.images_file.is_file() and cached.labels_file.is_file():
        return cached
    report(f"prepare {case.name}")
    modalities = tuple(Modality(name) for name in settings.modalities)
    try:
        study = read_study(case.images, name=case.name)
        prepared = prepare(study, settings.preprocessing, modalities)
        labels = prepare_labels(read_label_map(case.segmentation), prepared)
    except BrainTumorVAESegError as error:
        raise TrainingError(f"{case.name}: {error}") from error
    save_array(cached.labels_file, labels)
    save_array(cached.images_file, prepared.images.astype(np.float16))
    return cached


def save_array(path: Path, array: np.ndarray) -> None:
    """Write beside and move into place, so that a killed process leaves no half array. Raises OutputError."""
    with replacing(path) as part, part.open("wb") as stream:
        np.save(stream, array)


def split_folds(names: Sequence[str], folds: int, seed: int) -> list[list[str]]:
    """Deal the names into folds at random by the seed, each fold sorted; the same names give the same folds."""
    if folds < 2 or folds > len(names):
        raise TrainingError(f"{len(names)} cases cannot be split into {folds} folds; choose 2 to {len(names)}.")
    order = np.random.default_rng(seed).permutation(sorted(names))
    return [sorted(str(name) for name in order[fold::folds]) for fold in range(folds)]
