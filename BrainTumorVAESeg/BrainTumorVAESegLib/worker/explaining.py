"""What is looked at of the study segmented last: maps written to files, mirrored images, contributions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..core.answers import Explained
from ..core.disk.files import make_folder
from ..core.errors import Cancelled
from ..core.inspection import Map, MapFile, choose_maps
from ..core.requests import Explain
from ..inference.progress import Progress
from ..inference.segmenting import Segmenter
from ..trust.calibration import Calibration
from ..trust.mirroring import mirrored_intervals
from .files import write_array
from .kept import Kept

Tell = Callable[[str, float], None]


def explain(
    request: Explain,
    kept: Kept,
    segmenter: Segmenter,
    calibration: Calibration | None,
    tell: Tell,
    stopped: Callable[[int], bool],
) -> tuple[Explained, Kept]:
    """Do what a request asks; return its answer, and what is to be kept from now on.

    tell: takes the name of what is made and the share of the work done. stopped: whether a request is to stop. Raises
    InputError on an unknown map, OutputError where a file cannot be written, Cancelled, and what segmenting raises.
    """
    explanation = kept.explanation

    def listen(progress: Progress) -> None:
        tell(progress.stage, progress.fraction)

    def cancelled() -> bool:
        return stopped(request.id)

    if cancelled():
        raise Cancelled("Stopped.")
    rows = explanation.contributions(segmenter, kept.options, listen, cancelled) if request.contributions else ()
    if request.mirror:
        flipped = explanation.mirror(segmenter, request.mirror, kept.options, listen, cancelled)
        intervals = mirrored_intervals(kept.result, flipped, calibration.intervals if calibration else {})
        kept = replace(kept, trust=replace(kept.trust, intervals_ml=intervals))
    files, unavailable = ((), {}) if request.contributions else _write_maps(request, kept, tell)
    told = Explained(
        request.id,
        request.segmented,
        files,
        unavailable,
        explanation.doubtful,
        explanation.changes,
        rows,
        explanation.costs,
        kept.trust.intervals_ml if explanation.flipped is not None else {},
    )
    return told, kept


def _write_maps(request: Explain, kept: Kept, tell: Tell) -> tuple[tuple[MapFile, ...], dict[str, str]]:
    """Write the maps that a request asks for; return them, and by key why others cannot be made."""
    explanation = kept.explanation
    kinds = choose_maps(request.maps)
    reasons = {kind.key: explanation.unavailable(kind) for kind in kinds}
    possible = [kind for kind in kinds if reasons[kind.key] is None]
    folder = Path(request.folder)
    make_folder(folder)
    files = []
    for number, kind in enumerate(possible):
        tell(f"map: {kind.name}", number / (len(possible) + 1))
        files.append(_write(explanation.map(kind.key), folder))
    tell("map: doubtful slices", len(possible) / (len(possible) + 1))
    return tuple(files), {key: reason for key, reason in reasons.items() if reason is not None}


def _write(each: Map, folder: Path) -> MapFile:
    file = folder / f"{each.kind.key}.npy"
    write_array(each.volume.array, file, each.kind.name)
    kind = each.kind
    return MapFile(kind.key, kind.name, kind.unit, kind.colors, each.low, each.high, str(file))
