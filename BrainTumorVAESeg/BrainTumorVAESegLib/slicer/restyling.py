"""A result's separate segments turned into nested ones or back, as they are now."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from ..core.errors import InputError
from ..core.segmentation import Segmentation
from .choices import Style
from .client.stepping import Steps
from .nodes.display import is_3d_shown, show_3d
from .nodes.output import measure_again, reference_of
from .nodes.segments import fill, labels_of
from .nodes.volumes import geometry


def restyle_steps(segmentation: Any, style: Style) -> Steps:
    """Make a segmentation's segments anew in a style, a step a turn, a person's edits kept, and measure them."""
    reference = reference_of(segmentation)
    if reference is None:
        raise InputError(_("{name} has lost its volume; segment again.").format(name=segmentation.GetName()))
    labels, surfaces = labels_of(segmentation, reference), is_3d_shown(segmentation)
    yield
    for _step in fill(segmentation, labels, reference, style):
        yield
    if surfaces:
        show_3d(segmentation, True)
    measure_again(segmentation, Segmentation(labels, geometry(reference)).volumes_ml(), labels)
