"""Maps of the study segmented last, written to files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..core.answers import Explained
from ..core.disk.files import make_folder
from ..core.inspection import Map, MapFile, choose_maps
from ..core.requests import Explain
from ..trust.explaining import Explanation
from .files import write_array


def write_maps(request: Explain, explanation: Explanation, tell: Callable[[str, float], None]) -> Explained:
    """Write the maps that a request asks for and return its answer.

    tell: takes the name of the map that is made and the share of the work done. Raises InputError on an unknown map,
    OutputError where a file cannot be written.
    """
    kinds = choose_maps(request.maps)
    reasons = {kind.key: explanation.unavailable(kind) for kind in kinds}
    possible = [kind for kind in kinds if reasons[kind.key] is None]
    folder = Path(request.folder)
    make_folder(folder)
    files = []
    for number, kind in enumerate(possible):
        tell(kind.name, number / (len(possible) + 1))
        files.append(_write(explanation.map(kind.key), folder))
    tell("doubtful slices", len(possible) / (len(possible) + 1))
    return Explained(
        request.id,
        request.segmented,
        tuple(files),
        {key: reason for key, reason in reasons.items() if reason is not None},
        explanation.doubtful,
        explanation.changes,
    )


def _write(each: Map, folder: Path) -> MapFile:
    file = folder / f"{each.kind.key}.npy"
    write_array(each.volume.array, file, each.kind.name)
    kind = each.kind
    return MapFile(kind.key, kind.name, kind.unit, kind.colors, each.low, each.high, str(file))
