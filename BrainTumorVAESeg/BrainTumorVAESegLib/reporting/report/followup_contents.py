"""What the page of two compared examinations is filled with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from ...core.amounts import format_volume, volume_digits
from ...core.labels import LABELS, REGIONS
from ...core.modalities import Modality
from ...core.segmentation import Segmentation
from ...core.text import shorten
from ...images.itk import resample
from ...measures.changes import NEAR_MM, Change, Single
from ..views import VIEWS, Panel, plan_panels
from .contents import legend
from .followup import Followup
from .identity import case_code
from .language import Language, Translator
from .pictures import Drawer, Tile, framed
from .plain import as_mapping

Row = tuple[str, ...]
_SHOWN = (Modality.T1CE, Modality.FLAIR)
_MOST_SHOWN = 3
"""Lesions that came or went whose slices are shown."""
_AROUND_MM = 5.0
"""Between such a lesion, were it a ball, and the frame around it."""
_MOST_SINGLES = 10
_APART_MM = 4.0
"""A slice nearer to one that is shown already is not shown again."""


def comparison_contents(followup: Followup, language: Language, identify: bool, made: datetime) -> dict[str, Any]:
    """Return what the template `comparison.html` names, beside the code."""
    say = Translator(language)
    changes = followup.changes
    return {
        "examinations": _examination_rows(followup, identify, say),
        "made": made.strftime("%Y-%m-%d %H:%M"),
        "volumes": _without_unit(change_rows(changes.volumes_ml, say, "ml")),
        "products": _without_unit(change_rows(changes.products_mm2, say, "mm2")),
        "lesions": _without_unit(change_rows(changes.lesions, say, "")),
        "new": single_rows(changes.new, say),
        "vanished": single_rows(changes.vanished, say),
        "others": len(changes.new[_MOST_SINGLES:]) + len(changes.vanished[_MOST_SINGLES:]),
        "warnings": comparison_warnings(followup, say),
        "place_said": _place_sentence(followup, say),
        "near": f"{NEAR_MM:g}",
        "rows": _rows(followup, say),
        "legend": legend(say),
    }


def _examination_rows(followup: Followup, identify: bool, say: Translator) -> list[Row]:
    """Return (what, before, after)."""
    both = (followup.before, followup.after)
    rows: list[Row] = [(say("Case code"), *(case_code(each.study) for each in both))]
    if identify:
        rows.append((say("Case"), *(shorten(each.summary.get("name") or each.study.name or "–") for each in both)))
    models = [as_mapping(each.summary.get("package")) for each in both]
    named = (f"{shorten(model.get('name', '–'))} {shorten(model.get('version', ''))}".strip() for model in models)
    rows.append((say("Segmented by"), *named))
    rows.append((say("Grid"), *(str(each.study.reference_volume.geometry) for each in both)))
    return rows


def change_rows(changes: Mapping[str, Change], say: Translator, unit: str) -> list[Row]:
    """Return (key, name, unit, before, after, change, percent) for each region or label."""
    names = {region.key: region.name for region in REGIONS} | {label.key: label.name for label in LABELS}
    return [(key, say(names[key]), unit, *_cells(change, unit)) for key, change in changes.items()]


def _without_unit(rows: list[Row]) -> list[Row]:
    return [(key, name, *numbers) for key, name, _, *numbers in rows]


def _cells(change: Change, unit: str) -> Row:
    """Return (before, after, difference, percent) as texts."""
    digits = volume_digits(max(change.before, change.after)) if unit == "ml" else 0
    percent = "–" if change.percent is None else _signed(change.percent, 0)
    return f"{change.before:.{digits}f}", f"{change.after:.{digits}f}", _signed(change.difference, digits), percent


def _signed(value: float, digits: int) -> str:
    """Return a number with its sign, none for what is 0 as it is written."""
    text = f"{value:+.{digits}f}"
    return text if float(text) else text[1:]


def single_rows(singles: Sequence[Single], say: Translator) -> list[Row]:
    """Return (lesion, ml, distance to the nearest of the other examination), at most ten."""
    return [
        (f"{each.region} {each.number}", format_volume(each.volume_ml),
         say("none") if each.distance_mm is None else f"{each.distance_mm:.0f} mm")
        for each in singles[:_MOST_SINGLES]
    ]  # fmt: skip


def comparison_warnings(followup: Followup, say: Translator) -> list[str]:
    """Return what a reader has to know before a change is read: whether it is one patient, one model, one sequence."""
    told = []
    numbers = [each.patient.number if each.patient is not None else "" for each in (followup.before, followup.after)]
    if not all(numbers):
        told.append(say("Nothing in the images tells whether both examinations are of one patient: make sure of it."))
    elif numbers[0] != numbers[1]:
        told.append(say("By their DICOM headers the two examinations are of different patients: do not compare them."))
    packages = [as_mapping(each.summary.get("package")) for each in (followup.before, followup.after)]
    if packages[0].get("sha256") != packages[1].get("sha256"):
        told.append(say("The two results are of different model packages: part of the change may be theirs."))
    references = [each.study.reference for each in (followup.before, followup.after)]
    if references[0] is not references[1]:
        told.append(say("The two results lie on different sequences: {} and {}.", *references))
    return told


def _place_sentence(followup: Followup, say: Translator) -> str:
    found = followup.how.registered
    if followup.how.kept:
        return say("No registration fitted better: both examinations are shown as the scanner says.")
    if not found:
        return say("Both examinations lie in one place: nothing was registered.")
    return say("The earlier reference was registered to the later one, rigidly: moved by {} mm, turned by {}°.",
               f"{found['moved_mm']:.1f}", f"{found['turned_degrees']:.1f}")  # fmt: skip


def _rows(followup: Followup, say: Translator) -> list[list[tuple[str, Tile]]]:
    """Return rows of pictures with captions, the earlier examination beside the later one, in one place and scale."""
    placed, after = followup.placed, followup.after
    drawers = Drawer(placed.study, placed.segmentation), Drawer(after.study, after.segmentation)
    shown: list[Modality | None] = [m for m in _SHOWN if m in placed.study.volumes and m in after.study.volumes]
    rows = []
    for name, panel, point, half in _panels(followup, say):
        row = []
        for modality in shown or [None]:
            for when, drawer in zip(("Before", "After"), drawers, strict=True):
                tile = drawer.tile(panel, drawer.study.reference if modality is None else modality)
                tile = tile if point is None else framed(tile, panel.grid, point, half)
                row.append((say("{}, {}", say(when), tile.title) + (say(", {}", name) if name else ""), tile))
        rows.append(row)
    return rows


def _panels(followup: Followup, say: Translator) -> list[tuple[str, Panel, np.ndarray | None, float]]:
    """Return the planes to show, on the later examination's axes, with a word on why where it is not plain.

    With it stand the middle of the lesion, LPS millimeters, and how far around it is framed. The planes go through the
    largest sections of both tumors together, then through lesions that came or went.
    """
    after, placed = followup.after, followup.placed
    geometry = after.segmentation.geometry
    earlier = resample(placed.segmentation.labels, placed.segmentation.geometry, geometry, nearest=True)
    both = Segmentation(np.maximum(earlier, after.segmentation.labels), geometry)
    found = plan_panels(after.study.reference_volume, both, tuple(VIEWS))
    panels = list({panel.plane: panel for panel in found}.values())
    changes, matrix = followup.changes, followup.how.to_after
    named = [(say("new {} {}", each.region, each.number), each, np.asarray(each.center)) for each in changes.new]
    named += [
        (say("vanished {} {}", each.region, each.number), each, matrix[:3, :3] @ each.center + matrix[:3, 3])
        for each in changes.vanished
    ]
    shown: list[tuple[str, Panel, np.ndarray | None, float]] = []
    for name, single, point in named:
        panel = _through(panels[0], point)
        if len(shown) < _MOST_SHOWN and all(_distance(panel, other) >= _APART_MM for _, other, _, _ in shown):
            shown.append((name, panel, point, _AROUND_MM + _radius(single.volume_ml)))
    return [*(("", panel, None, 0.0) for panel in panels), *shown]


def _radius(milliliters: float) -> float:
    """Return the radius of a ball of a volume, mm."""
    return float(np.cbrt(3000 * milliliters / (4 * np.pi)))


def _distance(panel: Panel, other: Panel) -> float:
    """Return how far two parallel slices lie apart, mm."""
    return float(np.linalg.norm(np.subtract(panel.grid.origin, other.grid.origin)))


def _through(panel: Panel, point: np.ndarray) -> Panel:
    """Return a panel moved along its normal so that a point, LPS millimeters, lies in it."""
    grid = panel.grid
    normal = np.reshape(grid.direction, (3, 3))[:, 2]
    x, y, z = (float(value) for value in np.asarray(grid.origin) + normal * ((point - grid.origin) @ normal))
    return replace(panel, grid=replace(grid, origin=(x, y, z)))
