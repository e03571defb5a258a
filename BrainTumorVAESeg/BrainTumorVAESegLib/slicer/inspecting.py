"""Maps of a result by the worker, which keeps what they are made from until the next segmentation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from slicer.i18n import tr as _

from ..core.answers import Explained, Segmented
from ..core.errors import OutputError
from ..core.geometry import Geometry
from ..core.inspection import INFORMATION, MIRROR, MOST_MIRRORINGS, MapFile
from ..core.requests import Explain
from .client.handover import Exchange
from .client.stepping import Steps

_number = itertools.count(1)


def ask_for_maps(told: Segmented, keys: Sequence[str], exchange: Exchange) -> Steps:
    """Ask for the maps of these keys of the result that the worker told of last; return its answer.

    The files lie in a folder of their own within the exchange's, and are the caller's to read.
    """
    folder = exchange.folder / f"maps-{next(_number)}"
    answer: Explained = yield Explain(told.id, str(folder), tuple(keys))
    return answer


def ask_for_more(told: Segmented, what: str, exchange: Exchange) -> Steps:
    """Ask for answers to changed images of the result that the worker told of last; return its answer.

    what: `MIRROR`, the answer brings the map of their disagreement and the intervals, or `CONTRIBUTIONS`, of each
    sequence.
    """
    folder = exchange.folder / f"maps-{next(_number)}"
    if what == MIRROR:
        message = Explain(told.id, str(folder), (INFORMATION,), mirror=MOST_MIRRORINGS)
    else:
        message = Explain(told.id, str(folder), contributions=True)
    answer: Explained = yield message
    return answer


def read_map(made: MapFile, geometry: Geometry) -> np.ndarray:
    """Return a map's values (z, y, x; float32) and remove its file.

    Raises OutputError where they are not on the grid.
    """
    try:
        values: np.ndarray = np.load(made.file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise OutputError(_("The map cannot be read ({error}); choose it again.").format(error=error)) from error
    drop_map(made)
    if values.shape != geometry.shape or values.dtype != np.float32:
        raise OutputError(_("The map is not on the grid of the reference volume; segment again."))
    return values


def drop_map(made: MapFile) -> None:
    """Remove a map's file, and its folder where it was the last; what is still being read goes with the exchange's."""
    file = Path(made.file)
    try:
        file.unlink(missing_ok=True)
        file.parent.rmdir()
    except OSError:
        return
