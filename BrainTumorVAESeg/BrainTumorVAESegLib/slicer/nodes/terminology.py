"""Slicer's terminologies: our list of types, loaded at start-up, and the entry that a segment carries."""

from __future__ import annotations

from pathlib import Path

import slicer

from ...core import terminology
from ...core.labels import LABEL_BY_KEY, REGIONS, Label, Region
from ...core.resources import resources_folder

FILE = "BrainTumorVAESeg.term.json"


def terminology_file() -> Path:
    """Return where our list of types lies: edema, necrosis, enhancing tumor, tumor core, whole tumor."""
    return resources_folder() / "Terminologies" / FILE


def load_terminology() -> bool:
    """Load our list of types into Slicer's Terminologies, so that a person can choose from it; say whether it is there.

    Loading again replaces it. Nothing happens in a Slicer without the module Terminologies.
    """
    module = getattr(getattr(slicer, "modules", None), "terminologies", None)
    path = terminology_file()
    if module is None or not path.is_file():
        return False
    return bool(module.logic().LoadTerminologyFromFile(str(path)))


def find_part(key: str) -> Label | Region:
    """Return the label or region of a key: NCR, ED, ET, WT or TC. Raises KeyError on another one."""
    parts: dict[str, Label | Region] = {region.key: region for region in REGIONS}
    return (parts | LABEL_BY_KEY)[key]


def terminology_entry(key: str) -> str:
    """Return the entry that a segment of the key carries as its tag (NCR, ED, ET, WT, TC)."""
    return terminology.terminology_entry(find_part(key))
