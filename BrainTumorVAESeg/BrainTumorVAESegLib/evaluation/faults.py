"""A case that cannot be scored does not keep the others from it."""

from __future__ import annotations

from ..cases.faults import Fault
from ..cases.labelled import LabelledCase
from ..core.errors import BrainTumorVAESegError, CheckError, DeviceError, InputError

SPOILED = (InputError, CheckError, DeviceError)
"""Errors that are one case's: its files, its images, its size."""


def fault_of(case: LabelledCase, error: BrainTumorVAESegError) -> Fault:
    """Return what is wrong with a case, named with its folder."""
    text = str(error)
    where = "" if str(case.folder) in text else f" ({case.folder})"
    return Fault(case.name, f"{case.name}{where}: {text}", type(error))
