"""What `inspect` computes beyond maps: each sequence's contribution, and answers to mirrored images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .running import Runner
from .screen import Screen
from .trust import ranges_text

if TYPE_CHECKING:
    from ...inference.segmenting import Result
    from ...trust.flipping import Flipped


_REPLACED_BY = {"reconstruction": "VAE's image"}
"""As short as a column of a terminal; files say it in full."""


@dataclass(frozen=True)
class Further:
    """What is wanted: contributions, and how many answers to mirrored images, None for none."""

    contributions: bool = False
    flips: int | None = None


def run_further(
    further: Further, result: Result, runner: Runner, screen: Screen
) -> tuple[Flipped | None, dict[str, Any]]:
    """Compute what is wanted of a result and return it: the answers to mirrored images, and plain JSON values.

    What each takes is printed before it starts.
    """
    from ...inference.segmenting import Segmenter
    from ...trust.calibration import read_calibration
    from ...trust.explaining import Explanation
    from ...trust.mirroring import contributions_cost, mirror, mirrored_intervals, mirroring_cost

    told: dict[str, Any] = {}
    flipped = None
    if not further.contributions and further.flips is None:
        return flipped, told
    segmenter = Segmenter(result.package)
    if further.flips is not None:
        cost = mirroring_cost(result, further.flips)
        screen.step(f"mirroring: {cost}; Ctrl+C stops it")
        with screen.progress() as report:
            flipped = mirror(
                result, segmenter, further.flips, runner.options, lambda each: report(each.stage, each.fraction)
            )
        calibration = read_calibration(result.package)
        intervals = mirrored_intervals(result, flipped, calibration.intervals if calibration else {})
        told["flips"] = {"answers": further.flips, "cost": asdict(cost)}
        told["intervals_ml"] = {region: list(ends) for region, ends in intervals.items()}
    if further.contributions:
        screen.step(f"contributions: {contributions_cost(result)}; Ctrl+C stops it")
        with screen.progress() as report:
            rows = Explanation(result).contributions(
                segmenter, runner.options, lambda each: report(each.stage, each.fraction)
            )
        told["contributions"] = [asdict(row) for row in rows]
    return flipped, told


def show_further(screen: Screen, told: Mapping[str, Any]) -> None:
    """Print the intervals and the table of contributions, where they were wanted."""
    ends = told.get("intervals_ml", {})
    if ends:
        screen.item("ranges", ranges_text(ends))
    rows = told.get("contributions", ())
    if rows:
        regions = list(rows[0]["dice"])
        titles = ("Sequence", "replaced by", *(f"{each} {what}" for each in regions for what in ("Dice", "ml")))
        screen.table(titles, [_row(row, regions) for row in rows], numbers=2 * len(regions))
        screen.item("Dice", "of the answer so changed with the answer as it was: low where the sequence mattered")


def _row(row: Mapping[str, Any], regions: list[str]) -> tuple[str, ...]:
    cells = (text for key in regions for text in (f"{row['dice'][key]:.3f}", f"{row['change_ml'][key]:+.1f}"))
    return (row["modality"], _REPLACED_BY.get(row["instead"], row["instead"]), *cells)
