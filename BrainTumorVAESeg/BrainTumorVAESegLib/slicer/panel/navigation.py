"""Where the views look: at the tumor after a segmentation, and whenever a person asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from slicer.i18n import tr as _

from ...core.errors import InputError
from ..nodes.output import reference_of
from ..nodes.segments import labels_of
from ..nodes.views import go_to_mask, show_behind


def go_to_tumor(segmentation: Any, volumes: Iterable[Any]) -> None:
    """Move all slice views to the largest sections of a segmentation's tumor, as it is now.

    volumes: of the case; where no view shows one of them, the segmentation's own is put behind it. Raises InputError
    where there is no tumor to go to.
    """
    reference = reference_of(segmentation) if segmentation is not None else None
    if reference is None or reference.GetImageData() is None:
        raise InputError(_("The segmentation has lost its volume; segment again."))
    mask = labels_of(segmentation, reference) > 0
    show_behind(reference, [reference, *volumes])
    if not go_to_mask(mask, reference):
        raise InputError(_("{name} holds no tumor.").format(name=segmentation.GetName()))


def show_result(segmentation: Any, volumes: Iterable[Any]) -> None:
    """Move all slice views to a new result's tumor; where it has none, they stay."""
    with suppress(InputError):
        go_to_tumor(segmentation, volumes)
