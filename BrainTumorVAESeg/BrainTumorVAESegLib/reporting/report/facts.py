"""What a report tells in words and numbers, from a result's plain values (`CASE.json`): rows for the page to lay out.

Values that may come from outside, such as names of files and series, are shortened and made printable; the page escapes
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...core.amounts import format_volume
from ...core.choices import Shading
from ...core.findings import Finding, Severity, group_findings
from ...core.labels import LABELS, REGIONS
from ...core.modalities import Modality
from ...core.preparation import GIVEN
from ...core.text import shorten
from ...core.verdict import Familiarity
from ...core.volume import Study
from ...core.wire import is_finite_number
from .language import Translator
from .plain import as_mapping, as_number, as_sequence
from .withholding import Withheld

if TYPE_CHECKING:
    from ...models.package import ModelPackage

Row = tuple[str, ...]
_LONGEST = 400


@dataclass(frozen=True)
class Notice:
    """A sentence with how much it matters: `note`, `warning`, `error`, or `good`; place: which volumes."""

    kind: str
    text: str
    place: str = ""


def input_rows(study: Study, summary: Mapping[str, Any], say: Translator, withheld: Withheld) -> list[Row]:
    """Return (modality, grid, file or series, start of its SHA-256) for each image."""
    told = as_mapping(summary.get("images"))
    rows: list[Row] = []
    for modality in study.modalities:
        volume, image = study[modality], as_mapping(told.get(modality.value))
        geometry = volume.geometry
        size = " × ".join(str(n) for n in geometry.size)
        spacing = " × ".join(f"{s:.3g}" for s in geometry.spacing)
        grid = f"{size}, {spacing} mm, {geometry.axis_codes}"
        name = modality.value + (f" ({say('reference')})" if modality is study.reference else "")
        rows.append((name, grid, _origin(image, say, withheld), str(image.get("sha256", ""))[:16] or "–"))
    return rows


def _origin(image: Mapping[str, Any], say: Translator, withheld: Withheld) -> str:
    """Name the file, the frame or the series that an image is."""
    if "series" in image:
        number = f"{say('series')} {shorten(image.get('series'), 12)}"
        return withheld(
            f"{number}: {shorten(image.get('description', ''))}, {say('{} files', shorten(image.get('files'), 12))}"
        )
    if "file" not in image:
        return "–"
    frame = image.get("frame")
    name = shorten(image["file"]) if withheld.identify else say("file name withheld")
    return name if frame is None else f"{name}, {say('frame {}', int(frame))}"


def notices(summary: Mapping[str, Any], say: Translator, withheld: Withheld) -> list[Notice]:
    """Return what the check found, the same fault of several volumes once, then the result's own notes."""
    findings = [_finding(each) for each in as_sequence(summary.get("findings"))]
    said = []
    for group in group_findings(findings):
        advice = group.findings[0].advice
        text = say.space.join(_say(part, say, withheld) for part in (group.message, advice) if part)
        said.append(Notice(group.severity.value, text, ", ".join(group.modalities)))
    said += [Notice("note", _say(note, say, withheld)) for note in as_sequence(summary.get("notes"))]
    return said


def _finding(values: Any) -> Finding:
    values = as_mapping(values)
    named, severity = values.get("modality"), values.get("severity")
    return Finding(
        shorten(values.get("code", "")),
        Severity(severity) if severity in tuple(Severity) else Severity.NOTE,
        str(values.get("message", "")),
        str(values.get("advice") or ""),
        Modality(named) if named in tuple(Modality) else None,
    )


def verdict_notices(summary: Mapping[str, Any], say: Translator, withheld: Withheld) -> list[Notice]:
    """Return the input check's verdict, then its reasons and what could not be looked at."""
    verdict = summary.get("input")
    if not isinstance(verdict, Mapping):
        return [Notice("note", say("Not judged: the model package was not calibrated for the input check."))]
    familiarity = str(verdict.get("familiarity"))
    kinds = {Familiarity.FAMILIAR: "good", Familiarity.UNUSUAL: "warning", Familiarity.UNLIKE: "error"}
    words = {
        Familiarity.FAMILIAR: say("The images look like those that the model learned from."),
        Familiarity.UNUSUAL: say("The images are unlike most of those that the model learned from: look closely."),
        Familiarity.UNLIKE: say("The images are unlike those that the model learned from: do not rely on the result."),
    }
    known = next((each for each in Familiarity if each.value == familiarity), Familiarity.UNUSUAL)
    told = [Notice(kinds[known], words[known])]
    reasons = (as_mapping(reason).get("message", "") for reason in as_sequence(verdict.get("reasons")))
    told += [Notice("", _say(reason, say, withheld)) for reason in reasons]
    return told + [Notice("", _say(each, say, withheld)) for each in as_sequence(verdict.get("unavailable"))]


def volume_rows(volumes: Mapping[str, float], intervals: Mapping[str, Any], say: Translator) -> list[Row]:
    """Return (key, name, milliliters, probable range or a dash) for the regions, then the labels that are none."""
    regions = {region.key for region in REGIONS}
    named = [(region.key, region.name) for region in REGIONS]
    named += [(label.key, label.name) for label in LABELS if label.key not in regions]
    return [(key, say(name), format_volume(volumes[key]), _range(intervals.get(key))) for key, name in named]


def _range(ends: Any) -> str:
    if not isinstance(ends, list | tuple) or len(ends) != 2 or not all(map(is_finite_number, ends)):
        return "–"
    return " – ".join(format_volume(float(end)) for end in ends)


def lesion_rows(measures: Mapping[str, Any], say: Translator) -> list[Row]:
    """Return (lesion, ml, diameters, product, 3D diameter, side, slice, standing) of the largest of ET and of WT."""
    rows = []
    for part in ("enhancing", "whole"):
        burden = measures[part]
        for lesion in burden["lesions"][:_MOST_LESIONS]:
            rows.append(_lesion_row(burden["region"], lesion, say))
    return rows


_MOST_LESIONS = 5
"""Of a region that are listed; the page says how many more there are."""


def _lesion_row(region: str, lesion: Mapping[str, Any], say: Translator) -> Row:
    found, side = lesion["diameters"], lesion["side"]
    standing = "target" if lesion["target"] else "measurable" if lesion["measurable"] else "not measurable"
    return (
        f"{region} {lesion['number']}",
        format_volume(lesion["volume_ml"]),
        f"{found['longest_mm']:.1f} × {found['perpendicular_mm']:.1f}",
        f"{found['product_mm2']:.0f}",
        f"{lesion['diameter_3d_mm']:.1f}",
        say(side["side"]) if side else "–",
        str(found["slice"]),
        say(standing),
    )


def burden_sentences(measures: Mapping[str, Any], say: Translator) -> list[str]:
    """Return sentences on the sums of products, shares, side, midline, and on lesions that are not listed."""
    told = []
    for part, name in (("enhancing", "Enhancing tumor"), ("whole", "Whole tumor")):
        burden = measures[part]
        targets = sum(1 for lesion in burden["lesions"] if lesion["target"])
        total = len(burden["lesions"]) + burden["others"]
        if total:
            told.append(
                say("{}: lesions {}, targets {}, sum of their products {} mm².", say(name), total, targets,
                    f"{burden['sum_of_products_mm2']:.0f}")
            )  # fmt: skip
    necrotic, enhancing = measures["necrotic_share"], measures["enhancing_share"]
    if necrotic is not None and enhancing is not None:
        told.append(
            say("Of the tumor core {} % enhances, {} % does not.", f"{100 * enhancing:.0f}", f"{100 * necrotic:.0f}")
        )
    side = measures["side"]
    if side is not None:
        told.append(_side_sentence(side, say))
        across = side["across_mm"]
        told.append(
            say("It reaches {} mm across the midline.", f"{across:.0f}") if across >= 0.5
            else say("It does not cross the midline.")
        )  # fmt: skip
    elif measures["whole"]["lesions"]:
        told.append(say("No plane of symmetry was found: no side is told."))
    if measures["tilt_degrees"] >= 1:
        told.append(say("Slices are tilted by {}° against the axial plane.", f"{measures['tilt_degrees']:.0f}"))
    return told


def _side_sentence(side: Mapping[str, Any], say: Translator) -> str:
    share = side["left_share"] if side["side"] == "left" else 1 - side["left_share"]
    if round(100 * share) == 100:
        return say("The tumor lies on the {}.", say(side["side"]))
    return say("Most of the tumor lies on the {} ({} % of it).", say(side["side"]), f"{100 * share:.0f}")


def preparation_sentences(summary: Mapping[str, Any], package: ModelPackage | None, say: Translator) -> list[str]:
    """Return what was done to the images before the networks saw them."""
    told = _done_sentences(as_mapping(summary["preparation"]), say) if "preparation" in summary else []
    if package is not None:
        spacing = f"{package.settings.preprocessing.spacing:g}"
        told.append(say("The images were put on a grid of {} mm, their intensities z-scored.", spacing))
    told.append(say("The mask lies on the reference image's own grid."))
    return told


def _done_sentences(prepared: Mapping[str, Any], say: Translator) -> list[str]:
    """Return what was done to a study's images, as its result tells."""
    told = []
    for name, alignment in as_mapping(prepared.get("alignments")).items():
        told.append(_alignment_sentence(shorten(name, 12), as_mapping(alignment), say))
    if not told:
        told.append(say("No image was registered: they were taken to lie in one place."))
    mask = prepared.get("mask")
    if mask:
        ml = f"{as_number(prepared.get('brain_ml')):.0f}"
        by = say("a mask that was given") if mask == GIVEN else shorten(mask, 40)
        told.append(say("The brain mask comes from {} and has {} ml.", by, ml))
    else:
        told.append(say("No brain mask was made: the images were taken to be skull-stripped."))
    return told + _shading_sentences(prepared, say)


def _shading_sentences(prepared: Mapping[str, Any], say: Translator) -> list[str]:
    """Return which images shading was taken from; nothing where a former version did not tell."""
    evened = prepared.get("evened")
    if prepared.get("shading") == Shading.AUTO and evened == []:
        return [say("Shading was left in the images: too little is seen to tell it by.")]
    strong = [shorten(name, 12) for name in as_sequence(prepared.get("unshaded"))]
    weak = [name for name in (shorten(each, 12) for each in as_sequence(evened)) if name not in strong]
    told = [say("Strong shading was taken from {}.", ", ".join(strong))] if strong else []
    return told + ([say("Weak shading was taken from {}.", ", ".join(weak))] if weak else [])


def _alignment_sentence(name: str, alignment: Mapping[str, Any], say: Translator) -> str:
    outcome = alignment.get("outcome")
    if outcome == "registered":
        moved, turned = (as_number(alignment.get(key)) for key in ("moved_mm", "turned_degrees"))
        return say("{} was registered to the reference: moved by {} mm, turned by {}°.", name, f"{moved:.1f}",
                   f"{turned:.1f}")  # fmt: skip
    if outcome == "aligned":
        return say("{} lay in place.", name)
    return say("{} was left as it lay: no registration fitted better.", name)


def _say(text: Any, say: Translator, withheld: Withheld) -> str:
    return say.sentence(shorten(withheld(str(text)), _LONGEST))
