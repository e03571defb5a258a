"""A case's images before they are read as volumes: what they hold, and why they are none where they are not."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..cases.found import FoundCase
from ..core.modalities import Modality
from .summary import describe_images, describe_series

if TYPE_CHECKING:
    from ..core.volume import Study


@dataclass(frozen=True)
class Inputs:
    """A case whose contents were looked at. images: their hashes (see `describe_images`). read: reads the volumes."""

    images: dict[str, Any]
    read: Callable[[], Study]


def look_at(case: FoundCase, reference: Modality | None, optional: Collection[Modality]) -> Inputs:
    """Look at a case's contents.

    optional: modalities that may be absent. Raises InputError where a file cannot be read, or a DICOM folder has no
    series for one that is needed.
    """
    if case.dicom is None:
        return Inputs(describe_images(case.images), lambda: case.read(reference, optional))
    from ..cases.dicom_choice import read_choice

    choice = case.choose_series(optional)
    return Inputs(describe_series(choice), lambda: read_choice(choice, reference, case.name))
