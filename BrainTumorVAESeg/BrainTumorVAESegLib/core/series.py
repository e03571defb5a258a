"""What a DICOM series is, told by its header: one of the four modalities, another sequence, or open with a reason.

The words of its description, protocol and folder are read by `core.modalities`; its kind and times hold them against
the physics of the sequence, and stand in for them where they say nothing. Times of the usual sequences: Bernstein, King
and Zhou, Handbook of MRI Pulse Sequences (2004), chapters 14 to 17.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .modalities import Agent, Modality, NameReading, read_name

_NO_IMAGE_TYPES = {
    "MOSAIC": "several slices in one picture",
    "LOCALIZER": "a localizer",
    "ADC": "a map of diffusion",
    "DIFFUSION": "diffusion",
    "TRACEW": "diffusion",
    "FA": "a map of diffusion",
    "PERFUSION": "perfusion",
    "ASL": "perfusion",
    "SWI": "susceptibility",
    "MIP": "a projection",
    "MNIP": "a projection",
    "MIN IP": "a projection",
    "PROJECTION IMAGE": "a projection",
    "P": "a phase image",
    "PHASE": "a phase image",
    "PHASE MAP": "a phase image",
    "SUBTRACTION": "a subtraction",
    "SUBTRACT": "a subtraction",
    "FIELD_MAP": "a map of the field",
    "T1 MAP": "a map of relaxation times",
    "T2 MAP": "a map of relaxation times",
}
"""Values of ImageType by which a series is none of the four; `MPR` is one where the image is derived."""
_FOLDER = re.compile(r"[\W\d_]*([a-zA-Z][a-zA-Z0-9]*)[\W_]*")
"""A folder's name of one word, perhaps numbered (`01_FLAIR`): what a person called the series."""
_OPEN_T1 = (Modality.T1, Modality.T1CE)


@dataclass(frozen=True)
class SeriesTags:
    """What a series' header says of how it was taken. Times in ms; None or "" where it says nothing.

    sequence, variant: ScanningSequence and SequenceVariant. agent: ContrastBolusAgent. folder: of its files. kind:
    Modality, `MR` where it is magnetic resonance.
    """

    description: str = ""
    protocol: str = ""
    folder: str = ""
    sequence: tuple[str, ...] = ()
    variant: tuple[str, ...] = ()
    image_type: tuple[str, ...] = ()
    echo_time: float | None = None
    repetition_time: float | None = None
    inversion_time: float | None = None
    agent: str = ""
    kind: str = "MR"


@dataclass(frozen=True)
class SeriesClass:
    """What a series is. modality: None where it is none of the four or open. reason: half a sentence for people.

    could_be: the modalities between which it is open, none where it is no candidate at all.
    """

    modality: Modality | None
    reason: str
    could_be: tuple[Modality, ...] = ()

    @property
    def name(self) -> str:
        """`T1`, `T1ce`, `T2`, `FLAIR`, `open` or `other`."""
        return self.modality.value if self.modality else "open" if self.could_be else "other"


def classify_series(tags: SeriesTags) -> SeriesClass:
    """Tell what a series is; a T1 that does not say whether agent was given stays open.

    ContrastBolusAgent proves nothing, with or without a value: scanners copy it to every series, people forget it.
    """
    if tags.kind != "MR":
        return _other(f"is {tags.kind or 'of no kind that is told'}, not MR")
    if what := _not_anatomy(tags):
        return _other(what)
    place, reading = _read_names(tags)
    if reading.other:
        return _other(f"{place} says {reading.other!r}")
    measured, why = _read_times(tags)
    if reading.weighting is None:
        return measured if measured else SeriesClass(None, f"no name tells what it is, and {why}", tuple(Modality))
    said = _told(place, reading, tags)
    return _contradiction(said, reading.weighting, measured) or said


def _other(reason: str) -> SeriesClass:
    return SeriesClass(None, reason)


def _not_anatomy(tags: SeriesTags) -> str:
    """Tell by ImageType and the kind of sequence why a series is none of the four, or return nothing."""
    types = [value.upper() for value in tags.image_type]
    found = next((value for value in types[2:] if value in _NO_IMAGE_TYPES), None)
    if found is not None:
        return f"its image type says {found}, {_NO_IMAGE_TYPES[found]}"
    if "MPR" in types and "DERIVED" in types:
        return "its image type says MPR, a reformat of another series"
    return ""


def _read_names(tags: SeriesTags) -> tuple[str, NameReading]:
    """Return what the names say, and which of them: the first that tells the weighting, and one that tells of agent."""
    names = [("its description", tags.description), ("its protocol", tags.protocol)]
    folder = _FOLDER.fullmatch(tags.folder)
    by_folder = read_name(folder[1]) if folder else NameReading()
    read = [(place, read_name(name)) for place, name in names]
    if read[0][1].other:
        return read[0]
    telling = [(place, reading) for place, reading in read if reading.weighting]
    if not telling:
        if by_folder.modality:
            return "its folder's name", _as_said(by_folder)
        return next(((place, reading) for place, reading in read if reading.other), ("", NameReading()))
    place, first = telling[0]
    if first.weighting is Modality.T1 and first.agent in (Agent.SILENT, Agent.BOTH):
        told = [(p, r) for p, r in telling[1:] if r.weighting is Modality.T1 and r.agent in (Agent.GIVEN, Agent.NONE)]
        if by_folder.weighting is Modality.T1:
            told.append(("its folder's name", _as_said(by_folder)))
        return told[0] if told else (place, first)
    return place, first


def _as_said(reading: NameReading) -> NameReading:
    """Return a person's own word, by which `T1` beside `T1ce` is one without agent."""
    return NameReading(reading.weighting, Agent.GIVEN if reading.modality is Modality.T1CE else Agent.NONE)


def _told(place: str, reading: NameReading, tags: SeriesTags) -> SeriesClass:
    """Return what the names alone make of a series."""
    if reading.weighting is not Modality.T1:
        return SeriesClass(reading.weighting, f"{place} says {reading.weighting}")
    if reading.agent is Agent.GIVEN:
        return SeriesClass(Modality.T1CE, f"{place} says T1 with contrast agent")
    if reading.agent is Agent.NONE:
        return SeriesClass(Modality.T1, f"{place} says T1 without contrast agent")
    if reading.agent is Agent.BOTH:
        return SeriesClass(None, f"{place} says T1, with and without contrast agent", _OPEN_T1)
    copied = "; the header names one, as scanners do in every series" if tags.agent else ""
    return SeriesClass(None, f"{place} says T1, not whether contrast agent was given{copied}", _OPEN_T1)


def _contradiction(said: SeriesClass, weighting: Modality, measured: SeriesClass | None) -> SeriesClass | None:
    """Return a series whose times are those of another sequence than its name says as open or other, else None."""
    if measured is None:
        return None
    if not measured.modality and not measured.could_be:
        return _other(f"{said.reason}, but {measured.reason}")
    means = (measured.modality,) if measured.modality else measured.could_be
    if weighting in means:
        return None
    return SeriesClass(None, f"{said.reason}, but {measured.reason}", (weighting, *means))


def _read_times(tags: SeriesTags) -> tuple[SeriesClass | None, str]:
    """Tell a series by its kind and times alone, or return None and half a sentence on why it cannot be told."""
    echo, repetition, inversion = tags.echo_time, tags.repetition_time, tags.inversion_time
    gradient = "GR" in tags.sequence and "SE" not in tags.sequence
    if echo is None or repetition is None:
        return None, "its times are not told"
    times = ", ".join(
        f"{name} {value:g} ms" for name, value in (("TE", echo), ("TR", repetition), ("TI", inversion)) if value
    )
    inversion = inversion or 0.0
    if "EP" in tags.sequence and "IR" not in tags.sequence:
        return _other("is echo planar"), ""
    if inversion >= 1500 and echo >= 60:
        return SeriesClass(Modality.FLAIR, f"its times are those of FLAIR ({times})"), ""
    if 0 < inversion < 350 and repetition >= 2000:
        return _other(f"its times are those of STIR ({times})"), ""
    if gradient and echo >= 12:
        return _other(f"its times are those of a T2*-weighted gradient echo ({times})"), ""
    if 350 <= inversion < 1500 and echo < 35:
        said = f"its times are those of a T1 with inversion ({times}), agent given or not"
        return SeriesClass(None, said, _OPEN_T1), ""
    if gradient or not tags.sequence:
        return None, f"its times tell no single sequence ({times})"
    if not inversion and "IR" not in tags.sequence:
        if echo >= 70 and repetition >= 7000:
            either = (Modality.T2, Modality.FLAIR)
            return SeriesClass(None, f"its times are those of T2 or of a FLAIR without its TI ({times})", either), ""
        if echo >= 70 and repetition >= 2000:
            return SeriesClass(Modality.T2, f"its times are those of T2 ({times})"), ""
        if echo < 50 and repetition >= 2000:
            return _other(f"its times are those of proton density ({times})"), ""
        if echo <= 30 and repetition <= 1000:
            return SeriesClass(None, f"its times are those of T1 ({times}), agent given or not", _OPEN_T1), ""
    return None, f"its times tell no single sequence ({times})"
