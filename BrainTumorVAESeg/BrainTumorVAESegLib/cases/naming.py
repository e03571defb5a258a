"""What a case is called: by the folder that holds it, and by those above where that says only when or what."""

from __future__ import annotations

import os
import re
from pathlib import Path

_SAYS_NOTHING = re.compile(r"anat|nifti|nii|images?|mri?", re.IGNORECASE)
"""Folders between a case and its files: BIDS's `anat`, and what others call them."""
_WHEN = re.compile(
    r"ses-[a-z0-9]+"
    r"|(?:session|time[-_ ]?point|time|tp|visit|scan|week|month|day|baseline|follow[-_ ]?up|(?:pre|post)[-_ ]?op[a-z]*)"
    r"[-_ ]?[\d-]*"
    r"|(?:19|20)\d\d[-_.]?\d\d[-_.]?\d\d",
    re.IGNORECASE,
)
"""Folders of one visit, below that of the patient: BIDS's `ses-1`, `Timepoint_1`, `week-012`, a date."""
_NUMBER = re.compile(r"\d\d?")
_DIGIT = re.compile(r"\d")
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\ud800-\udfff]')


def case_parts(folder: Path) -> tuple[str, ...]:
    """Return the folders' names that make a case's: the patient's before that of a visit; links keep their own name."""
    parts = Path(os.path.abspath(folder)).parts[1:]
    words: list[str] = []
    for place in reversed(range(len(parts))):
        part = parts[place]
        if _SAYS_NOTHING.fullmatch(part) and place > 0:
            continue
        words.insert(0, part)
        above = parts[place - 1] if place > 0 else ""
        numbered = _NUMBER.fullmatch(part) and _DIGIT.search(above)
        if not (_WHEN.fullmatch(part) or numbered):
            break
    return tuple(words)


def case_name(folder: Path) -> str:
    """Return a case's name: `sub-01_ses-1` of `sub-01/ses-1/anat`, `P1_Timepoint_1` of `P1/Timepoint_1`."""
    return "_".join(case_parts(folder))


def is_file_name(name: str) -> bool:
    """Say whether a case's name can begin the names of files on every common system."""
    return bool(name) and not _UNSAFE.search(name) and not name.startswith(".") and name == name.rstrip(" .")
