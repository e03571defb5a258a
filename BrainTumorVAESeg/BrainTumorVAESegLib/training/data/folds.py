"""Folds by patients: what is held out together, so that no patient is both trained on and judged by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ...core.errors import TrainingError


class HasPatient(Protocol):
    """A case of a patient; where no patient is told, the case stands for itself."""

    @property
    def name(self) -> str:
        """The case's name."""

    @property
    def patient(self) -> str:
        """The patient's, or an empty text."""


def split_folds(cases: Sequence[HasPatient], folds: int, seed: int) -> list[list[str]]:
    """Deal the cases' names into folds, each fold sorted, the cases of one patient into the same.

    The patients are shuffled by the seed; those with most cases are dealt first, each to the fold with the fewest, so
    that the folds are as even as that allows. The order of the cases plays no part. Raises TrainingError where there
    are fewer patients than folds.
    """
    groups: dict[str, list[str]] = {}
    for case in sorted(cases, key=lambda case: case.name):
        groups.setdefault(case.patient or case.name, []).append(case.name)
    if folds < 2 or folds > len(groups):
        what = f"{len(groups)} cases" if len(groups) == len(cases) else f"{len(cases)} cases of {len(groups)} patients"
        raise TrainingError(f"{what} cannot be split into {folds} folds; choose 2 to {len(groups)}.")
    shuffled = np.random.default_rng(seed).permutation(sorted(groups))
    dealt: list[list[str]] = [[] for _ in range(folds)]
    for patient in sorted(shuffled, key=lambda patient: -len(groups[str(patient)])):
        min(dealt, key=len).extend(groups[str(patient)])
    return [sorted(names) for names in dealt]
