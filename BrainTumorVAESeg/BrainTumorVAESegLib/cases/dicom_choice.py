"""Which of a study's DICOM series are its four images, with a reason for each and for what stays open.

A T1 that is silent about contrast agent is one without where it was taken before the T1ce; else the image decides
beside one other T1 (see `enhancement`), or it stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ..core.errors import InputError
from ..core.modalities import MODALITIES, Modality
from ..core.volume import Study, choose_reference
from ..images.dicom import DicomSeries, read_series
from .enhancement import enhanced_one


@dataclass(frozen=True)
class SeriesChoice:
    """The series chosen for modalities, and a sentence on each: why it is that one."""

    series: Mapping[Modality, DicomSeries]
    reasons: Mapping[Modality, str]


def choose_series(
    series: Sequence[DicomSeries],
    given: Mapping[Modality, str] | None = None,
    optional: Callable[[], Collection[Modality]] = tuple,
    where: str = "",
) -> SeriesChoice:
    """Choose a series for each modality.

    given: SeriesInstanceUID or number by modality, which goes before all else. optional: tells which modalities may be
    absent; asked only where one is. where: the study's folder where it is one of many, so that nobody can name its
    series here; the error names it. Raises InputError where a given one is not there or is no volume, one is given
    twice, or a needed modality has no series, with what was found in its place.
    """
    chosen: dict[Modality, DicomSeries] = {}
    reasons: dict[Modality, str] = {}
    for modality, name in (given or {}).items():
        chosen[modality] = _named(series, modality, name)
        reasons[modality] = f"{chosen[modality].label}, as given"
    twice = [str(m) for m in chosen if [s.uid for s in chosen.values()].count(chosen[m].uid) > 1]
    if twice:
        raise InputError(f"One series was given for {' and '.join(twice)}; give each modality its own.")
    free = [each for each in series if each.uid not in {s.uid for s in chosen.values()} and not each.fault]
    for modality in MODALITIES:
        said = [each for each in free if each.said.modality is modality]
        if said and modality not in chosen:
            chosen[modality], why = _best(said)
            reasons[modality] = f"{chosen[modality].label}: {chosen[modality].said.reason}{why}"
    _settle_t1(free, chosen, reasons)
    missing = [modality for modality in MODALITIES if modality not in chosen]
    if missing and not set(missing) <= set(optional()):
        raise InputError(_missing(series, missing, where))
    ordered = [modality for modality in MODALITIES if modality in chosen]
    return SeriesChoice({m: chosen[m] for m in ordered}, {m: reasons[m] for m in ordered})


def read_choice(choice: SeriesChoice, reference: Modality | None = None, name: str = "") -> Study:
    """Read the series chosen as a study; reference: see `core.volume.choose_reference`. Raises InputError."""
    volumes = {modality: read_series(each) for modality, each in choice.series.items()}
    return Study(volumes, reference or choose_reference(list(volumes)), name)


def _named(series: Sequence[DicomSeries], modality: Modality, name: str) -> DicomSeries:
    """Return the series that a person named by its UID or number."""
    found = [each for each in series if each.uid == name or str(each.first.number) == name]
    if len(found) != 1:
        what = "no series has" if not found else f"{len(found)} series have"
        raise InputError(f"{modality}: {what} the UID or number {name}; dicom list shows the series.")
    if found[0].fault:
        raise InputError(f"{modality}: {found[0].label}: {found[0].fault}.")
    return found[0]


def _best(series: Sequence[DicomSeries]) -> tuple[DicomSeries, str]:
    """Return the series with the finest slices, of several alike the last one taken, and words on the others."""

    def key(each: DicomSeries) -> tuple[bool, float, int]:
        derived = "DERIVED" in map(str.upper, each.first.tags.image_type)
        return derived, round(max(each.layout[0].spacing), 1), -(each.first.number or 0)

    best = min(series, key=key)
    others = ", ".join(each.label for each in series if each is not best)
    return best, f"; rather than {others}, as the one with the finest slices or the latest" if others else ""


def _settle_t1(free: Sequence[DicomSeries], chosen: dict[Modality, DicomSeries], reasons: dict[Modality, str]) -> None:
    """Choose T1 and T1ce among the series that are silent about agent, where time or image decides."""
    silent = [each for each in free if set(each.said.could_be) == {Modality.T1, Modality.T1CE}]
    t1, t1ce = chosen.get(Modality.T1), chosen.get(Modality.T1CE)
    if not silent or (t1 and t1ce):
        return
    before = [each for each in silent if t1ce and t1ce.time and each.time and each.time < t1ce.time]
    if before and t1ce:
        best, why = _best(before)
        chosen[Modality.T1] = best
        reasons[Modality.T1] = f"{best.label}: {best.said.reason}; it was taken before the T1ce, {t1ce.label}{why}"
        return
    sure = t1 or t1ce
    pair = [sure, _best(silent)[0]] if sure else silent
    if len(pair) != 2:
        return
    enhanced = enhanced_one(*map(read_series, pair))
    if enhanced is None or (sure and (enhanced == 0) != (sure is t1ce)):
        return
    for modality, each in ((Modality.T1CE, pair[enhanced]), (Modality.T1, pair[1 - enhanced])):
        if each is not sure:
            other = pair[0] if each is pair[1] else pair[1]
            chosen[modality] = each
            how = "it is bright where" if modality is Modality.T1CE else "it is not bright where"
            tail = f"{other.label} is not" if modality is Modality.T1CE else f"{other.label} is"
            reasons[modality] = f"{each.label}: {each.said.reason}; {how} {tail}"


def _missing(series: Sequence[DicomSeries], missing: Sequence[Modality], where: str) -> str:
    """Tell what no series was found for, and which could be it."""
    told = []
    for each in series:
        if each.fault and each.said.name not in ("other", "open"):
            told.append(f"{each.label} is {each.said.name}, but {each.fault.split(';')[0]}")
        elif not each.fault and each.said.could_be and set(each.said.could_be) & set(missing):
            told.append(f"{each.label} may be one: {each.said.reason}")
    options = ", ".join(f"--{modality.value.lower()}" for modality in missing)
    found = f" ({'; '.join(told)})" if told else ""
    said = f"series is surely {', '.join(missing)}{found}"
    advice = f"name it by {options} and its series UID or number"
    if where:
        return f"{where}: no {said}; segment this study alone (segment --dicom) and {advice}."
    return f"No {said}; {advice}."
