"""Maps of a result in files: which are wanted, what they are called, and their writing beside the results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ...core.errors import InputError, OutputError

if TYPE_CHECKING:
    from ...core.inspection import MapKind
    from ...core.volume import Study, Volume
    from ...inference.segmenting import Result
    from ...trust.flipping import Flipped
    from .screen import Screen

_STEPS = 1024
"""To which a map's values are rounded in a file."""
_TOLD_SLICES = 10
"""Doubtful slices that the summary names."""


@dataclass(frozen=True)
class MapFiles:
    """Where a case's maps go: names of maps and groups that are wanted, and whether a figure of them is.

    apart: whether what is told of them has a file of its own, and is no part of a case's summary.
    """

    folder: Path
    name: str
    wanted: Sequence[str] = ()
    figure: bool = False
    apart: bool = False

    def path(self, kind: MapKind) -> Path:
        """Return a map's file, named so that viewers tell one from another."""
        return self.folder / f"{self.name}_{kind.key}.nii.gz"

    @property
    def figure_path(self) -> Path:
        """The figure's file."""
        return self.folder / f"{self.name}_maps.png"

    @property
    def summary_path(self) -> Path:
        """The file of what is told of them, where that has one."""
        return self.folder / f"{self.name}_maps.json"

    @property
    def others(self) -> list[Path]:
        """The files beside the maps."""
        return [*([self.figure_path] if self.figure else []), *([self.summary_path] if self.apart else [])]

    def __bool__(self) -> bool:
        return bool(self.wanted) or self.figure

    def check(self, overwrite: bool) -> None:
        """Raise typer.BadParameter on an unknown map, OutputError where a file exists and must not be replaced."""
        from ...core.inspection import choose_maps

        if not self:
            return
        try:
            kinds = choose_maps(self.wanted)
        except InputError as error:
            raise typer.BadParameter(f"--maps: {error}") from error
        existing = [path for path in (*map(self.path, kinds), *self.others) if path.exists()]
        if existing and not overwrite:
            raise OutputError(f"{existing[0]}: exists already; give --overwrite, or another folder (--out).")


def parse_maps(text: str | None) -> list[str]:
    """Return the names in a list such as `uncertainty,residual`; all groups where the text is `all`."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if "all" in names:
        from ...core.inspection import MAP_GROUPS

        return list(MAP_GROUPS)
    return names


def write_maps(
    files: MapFiles, folder: Path, study: Study, result: Result, screen: Screen, flipped: Flipped | None = None
) -> dict[str, Any]:
    """Write the maps to a folder and return what the summary tells of them, as plain JSON values.

    result: made with `keep_evidence`. flipped: of its images mirrored. A map that cannot be made is left out, and why
    is told. Raises OutputError.
    """
    from ...core.inspection import choose_maps
    from ...images.writing import write_volume
    from ...trust.explaining import Explanation

    explanation = Explanation(result, flipped=flipped)
    kinds = choose_maps(files.wanted)
    reasons = {kind.key: explanation.unavailable(kind) for kind in kinds}
    made = []
    for kind in kinds:
        if reasons[kind.key] is None:
            screen.step(f"map: {kind.name}")
            made.append(explanation.map(kind.key))
            write_volume(_rounded(made[-1].volume), folder / files.path(kind).name)
    if files.figure:
        from ...reporting.maps import write_maps_figure

        picture = folder / files.figure_path.name
        reference = study.reference_volume
        write_maps_figure(reference, result.segmentation, made, explanation.doubtful, picture, files.name)
    told = {each.kind.key: {"file": files.path(each.kind).name, "name": each.kind.name, "unit": each.kind.unit,
                            "colors": each.kind.colors, "range": [each.low, each.high]} for each in made}  # fmt: skip
    return {
        "maps": told,
        "maps_unavailable": {key: reason for key, reason in reasons.items() if reason is not None},
        "stage2_changes": [asdict(change) for change in explanation.changes],
        "doubtful_slices": [asdict(each) for each in explanation.doubtful[:_TOLD_SLICES]],
        **({"maps_figure": files.figure_path.name} if files.figure else {}),
    }


def _rounded(volume: Volume) -> Volume:
    """Return a volume in steps of 1/1024, which no eye sees and which a file holds in a third of the room."""
    import numpy as np

    return replace(volume, array=np.round(volume.array * _STEPS) / np.float32(_STEPS))


def show_maps(screen: Screen, told: dict[str, Any]) -> None:
    """Print what stage 2 changed, the most doubtful slices, and where the maps lie."""
    if told["stage2_changes"]:
        rows = [
            (row["region"], *(_number(row[key]) for key in ("won_voxels", "won_ml", "lost_voxels", "lost_ml")))
            for row in told["stage2_changes"]
        ]
        screen.table(("Stage 2", "won voxels", "ml", "lost voxels", "ml"), rows, numbers=4)
    if told["doubtful_slices"]:
        names = ", ".join(str(each["index"]) for each in told["doubtful_slices"])
        screen.item("doubtful", f"slices {names} of the reference, the most doubtful first (counted from 0)")
    for reason in dict.fromkeys(told["maps_unavailable"].values()):
        names = ", ".join(key for key, said in told["maps_unavailable"].items() if said == reason)
        screen.item("note", f"{names}: {reason}")
    screen.item("maps", ", ".join(each["file"] for each in told["maps"].values()) or "none")


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"
