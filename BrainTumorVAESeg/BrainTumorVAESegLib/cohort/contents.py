"""What a case's inputs hold: by their content, and by what the file system says of them, which is quicker to ask."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cases.found import FoundCase
from ..images.imagefile import ImageFile
from .settings import CohortOptions, digest

SETTLED_NS = 2_000_000_000
"""A file changed less long ago may change again without a trace in its times."""


@dataclass(frozen=True)
class Identity:
    """What a result is of: two with the same key are the same result."""

    images: Mapping[str, Any]
    package: str
    options: Mapping[str, Any]

    @property
    def key(self) -> str:
        """SHA-256 over the images' contents, the package's hash and the options that change results."""
        contents = {name: [told["sha256"], told.get("frame")] for name, told in self.images.items()}
        return digest({"images": contents, "package": self.package, "options": dict(self.options)})


def settings_key(package: str, options: CohortOptions) -> str:
    """Return what tells one way of making results from another, whatever the case."""
    return digest({"package": package, "options": options.of_results})


def stamp_of(case: FoundCase, now_ns: int | None = None) -> str:
    """Return a hash of the sizes and times of a case's files, which changes where their content does.

    "" where a file was changed within the last two seconds, or cannot be looked at: then only the content tells.
    """
    now = time.time_ns() if now_ns is None else now_ns
    lines = [f"{modality.value} {ImageFile.of(source)}" for modality, source in sorted(case.images.items())]
    lines.append(f"{case.study} {case.dicom or ''}")
    try:
        for path in _files(case):
            status = os.stat(path)
            if max(status.st_mtime_ns, status.st_ctime_ns) > now - SETTLED_NS:
                return ""
            lines.append(f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}")
    except OSError:
        return ""
    return hashlib.sha256(os.fsencode("\n".join(lines))).hexdigest()


def _files(case: FoundCase) -> Iterable[Path]:
    if case.dicom is None:
        return case.paths
    return sorted(Path(where, name) for where, _, names in os.walk(case.dicom) for name in names)
