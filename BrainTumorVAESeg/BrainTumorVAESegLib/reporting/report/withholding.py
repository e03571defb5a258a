"""Names that a page must not tell unless it is to identify the patient: those of the case, its files and folders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from ...core.modalities import Modality

_SHORTEST = 3
"""Letters of a name that is looked for: shorter ones stand in any text."""


class Withheld:
    """Takes names out of sentences, unless it is to identify.

    A name that stands in brackets goes with them; elsewhere `...` stands in its place.
    """

    def __init__(self, identify: bool, names: Iterable[str] = ()) -> None:
        self.identify = identify
        known = {name for name in names if _tells(name)}
        self._names = () if identify else tuple(sorted(known, key=len, reverse=True))

    @classmethod
    def of(cls, summary: Mapping[str, Any], identify: bool) -> Withheld:
        """Return what withholds the names that a result (`CASE.json`) holds."""
        names = [str(summary.get("name", ""))]
        findings, images = summary.get("findings"), summary.get("images")
        for finding in findings if isinstance(findings, list | tuple) else ():
            source = str(finding.get("source") or "") if isinstance(finding, Mapping) else ""
            names += [source, PurePath(source).name]
        for image in images.values() if isinstance(images, Mapping) else ():
            names.append(str(image.get("file") or "") if isinstance(image, Mapping) else str(image))
        return cls(identify, names)

    def __call__(self, text: str) -> str:
        """Return a sentence without the names that are withheld."""
        for name in self._names:
            if name in text:
                escaped = re.escape(name)
                text = re.sub(rf" ?\([^()]*{escaped}[^()]*\)", "", text).replace(name, "...")
        return text


def _tells(name: str) -> bool:
    """Say whether a name may be withheld without taking plain words out of sentences."""
    plain = name.isalpha() and name.islower()
    return len(name) >= _SHORTEST and not plain and name.lower() not in {m.lower() for m in Modality}
