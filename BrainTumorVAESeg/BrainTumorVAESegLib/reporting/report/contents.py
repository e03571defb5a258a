"""What the report's page is filled with: the sections in plain values, and the pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from ...core.labels import REGIONS
from ...core.modalities import Modality
from ...core.segmentation import Segmentation
from ...core.stamp import stamp_of
from ...core.text import shorten
from ...core.verdict import INTERVAL_COVERAGE
from ...core.volume import Study
from ...core.wire import WireError, from_wire, is_finite_number, to_wire
from ...images.dicom_patient import Patient
from ...measures.measuring import measure
from ...measures.results import Measures
from ...preparation.masking import brain_of
from .card import card_rows
from .facts import (
    burden_sentences,
    input_rows,
    lesion_rows,
    notices,
    preparation_sentences,
    verdict_notices,
    volume_rows,
)
from .language import Language, Translator
from .pictures import Drawer, Tile
from .plain import as_mapping
from .png import bytes_uri
from .view3d import Drawing
from .withholding import Withheld

if TYPE_CHECKING:
    from ...models.package import ModelPackage

_SAME_ML = 0.0005
"""By which a volume may differ from the one that a result tells, before it counts as edited."""


def build_contents(
    study: Study, segmentation: Segmentation, summary: Mapping[str, Any], code: str, language: Language, identify: bool,
    view3d: bool, package: ModelPackage | None, patient: Patient | None, made: datetime,
) -> dict[str, Any]:  # fmt: skip
    """Return what the template `report.html` names; see `writing.write_report`."""
    say, withheld = Translator(language), Withheld.of(summary, identify)
    brain = brain_of(study)
    drawing = Drawing(segmentation, brain) if view3d else None
    try:
        volumes = segmentation.volumes_ml()
        edited = _is_edited(segmentation, volumes, summary)
        told = None if edited else _stored_measures(summary.get("measures"), volumes)
        measures = to_wire(told or measure(segmentation, brain))
        intervals = {} if edited else as_mapping(summary.get("intervals_ml"))
        return {
            "code": code,
            "case": case_rows(study, summary, identify, patient, made, say),
            "empty": segmentation.is_empty,
            "edited": edited,
            "verdict": verdict_notices(summary, say, withheld),
            "volumes": volume_rows(volumes, intervals, say),
            "intervals": bool(intervals),
            "coverage": f"{100 * INTERVAL_COVERAGE:.0f}",
            "lesions": lesion_rows(measures, say),
            "burden": burden_sentences(measures, say),
            **draw_pictures(study, segmentation, measures),
            "legend": legend(say),
            "inputs": input_rows(study, summary, say, withheld),
            "notices": notices(summary, say, withheld),
            "prepared": preparation_sentences(summary, package, say),
            "card": card_rows(package, summary, say),
            "domain": domain_text(package, say),
            "versions": version_rows(summary, say),
            **_view(drawing, view3d),
        }
    finally:
        if drawing is not None:
            drawing.stop()


def _is_edited(segmentation: Segmentation, volumes: Mapping[str, float], summary: Mapping[str, Any]) -> bool:
    """Say whether a segmentation is another than the result's: as that says, or by its mask; else by its volumes."""
    if isinstance(summary.get("edited"), bool):
        return bool(summary["edited"])
    if isinstance(summary.get("mask"), str):
        return bool(summary["mask"] != stamp_of(segmentation.labels))
    told = summary.get("volumes_ml")
    if not isinstance(told, Mapping):
        return False
    known = {key: told[key] for key in volumes if is_finite_number(told.get(key))}
    return any(abs(value - volumes[key]) > _SAME_ML + 1e-6 * volumes[key] for key, value in known.items())


def _stored_measures(values: Any, volumes: Mapping[str, float]) -> Measures | None:
    """Return a result's measures where they are whole, else None."""
    try:
        return cast(Measures, from_wire(Measures, {**as_mapping(values), "volumes_ml": volumes}, "measures"))
    except WireError:
        return None


def case_rows(
    study: Study, summary: Mapping[str, Any], identify: bool, patient: Patient | None, made: datetime, say: Translator
) -> list[tuple[str, str]]:
    """Return (what, text) on whose images these are and what made the result."""
    rows = []
    if identify:
        rows.append((say("Case"), shorten(summary.get("name") or study.name or "–")))
        told = patient or Patient()
        named = ("Patient", told.name), ("Patient ID", told.number), ("Born", told.birth_date)
        rows += [(say(what), shorten(value)) for what, value in (*named, ("Examined", told.study_date)) if value]
    model = as_mapping(summary.get("package"))
    seconds = as_mapping(summary.get("timings_s")).get("total")
    took = say(", {} s", f"{seconds:.0f}") if isinstance(seconds, int | float) else ""
    rows += [
        (say("Segmented by"), f"{shorten(model.get('name', '–'))} {shorten(model.get('version', ''))}".strip()),
        (say("On"), shorten(summary.get("device", "–")) + took),
        (say("Report made"), made.strftime("%Y-%m-%d %H:%M")),
    ]
    return rows


def draw_pictures(study: Study, segmentation: Segmentation, measures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rows of key slices, and the slices of the target lesions with their diameters."""
    drawer = Drawer(study, segmentation)
    shown = next((m for m in (Modality.T1CE, Modality.FLAIR) if m in study.volumes), study.modalities[0])
    targets = [lesion for lesion in measures["enhancing"]["lesions"] if lesion["target"]]
    region = "ET"
    if not targets:
        targets = [lesion for lesion in measures["whole"]["lesions"] if lesion["target"]]
        region = "WT"
        shown = next((m for m in (Modality.FLAIR, Modality.T2) if m in study.volumes), shown)
    lesions: list[tuple[str, Tile]] = []
    for lesion in targets:
        found = lesion["diameters"]
        size = f"{found['longest_mm']:.1f} × {found['perpendicular_mm']:.1f} mm"
        tile = drawer.lesion(lesion, shown)
        lesions.append((f"{region} {lesion['number']}: {size}", tile))
    return {"rows": drawer.rows(), "targets": lesions}


def legend(say: Translator) -> list[tuple[str, str, str]]:
    """Return (color, key, name) of each region's outline."""
    return [(_css(region.color), region.key, say(region.name)) for region in REGIONS]


def _css(color: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in color)


def domain_text(package: ModelPackage | None, say: Translator) -> str:
    """Return what the model was made for; that it is no medical device is left out, since the page says it in bold."""
    text = package.domain.text if package is not None else _DOMAIN
    told = [sentence for sentence in _SENTENCE_END.split(shorten(text, 400)) if "medical device" not in sentence]
    return say.sentence(" ".join(told))


_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_DOMAIN = "Made for pre-operative glioma of adults. For research use only; not a medical device."


def version_rows(summary: Mapping[str, Any], say: Translator) -> list[tuple[str, str]]:
    """Return (what, version or hash) of the library, of what it needs, and of the model package."""
    versions, package = as_mapping(summary.get("versions")), as_mapping(summary.get("package"))
    rows = [(shorten(name, 40), shorten(version, 40)) for name, version in versions.items()]
    if "sha256" in package:
        rows.append((say("package, SHA-256"), shorten(package["sha256"], 64)))
    return rows


def _view(drawing: Drawing | None, wanted: bool) -> dict[str, Any]:
    if drawing is None:
        return {"view": "", "no_view": "it was not asked for"}
    png = drawing.finish()
    return {"view": bytes_uri(png) if png else "", "no_view": drawing.reason, "from_left": drawing.from_left}
