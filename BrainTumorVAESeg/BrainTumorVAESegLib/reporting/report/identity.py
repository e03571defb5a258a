"""Which case a report is of: a code made from the reference image's voxels, which tells nobody's name."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from ...core.disk.guarded import UnreadableError, open_regular
from ...core.volume import Study

META = "braintumorvaeseg-case"
"""Name of the page's meta element that holds the code."""
_HEAD = 4096
"""Bytes of a page in which its code stands."""
_META = re.compile(rf'<meta name="{META}" content="([0-9A-F-]+)">')


def case_code(study: Study) -> str:
    """Return a code such as `3F2A-91BC`: of the SHA-256 of the reference image's size and voxels, as float32."""
    volume = study.reference_volume
    digest = hashlib.sha256(str(volume.array.shape).encode())
    for plane in volume.array:
        digest.update(plane.astype("<f4").tobytes())
    code = digest.hexdigest()[:8].upper()
    return f"{code[:4]}-{code[4:]}"


def code_in(path: Path) -> str | None:
    """Return the code of the case that a page is of, None where the file is no page of this program."""
    try:
        with open_regular(path) as stream:
            head = stream.read(_HEAD).decode("utf-8", errors="replace")
    except (OSError, UnreadableError):
        return None
    found = _META.search(head)
    return found[1] if found else None
