"""What a DICOM series is, told by its header: one of the four modalities, another sequence, or open with a reason.

The words of its description, protocol and folder are read by `core.modalities`; its kind and times hold them against
the physics of the sequence, and stand in for them where they say nothing. Times of the usual sequences: Bernstein, King
and Zhou, Handbook of MRI Pulse Sequences (2004), chapters 14 to 17.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .modalities import Agent, Modality, NameReading, read_name
from .phrases import Phrase

_NO_IMAGE_TYPES = {
    "MOSAIC": Phrase("several slices in one picture"),
    "LOCALIZER": Phrase("a localizer"),
    "ADC": Phrase("a map of diffusion"),
    "DIFFUSION": Phrase("diffusion"),
    "TRACEW": Phrase("diffusion"),
    "FA": Phrase("a map of diffusion"),
    "PERFUSION": Phrase("perfusion"),
    "ASL": Phrase("perfusion"),
    "SWI": Phrase("susceptibility"),
    "MIP": Phrase("a projection"),
    "MNIP": Phrase("a projection"),
    "MIN IP": Phrase("a projection"),
    "PROJECTION IMAGE": Phrase("a projection"),
    "P": Phrase("a phase image"),
    "PHASE": Phrase("a phase image"),
    "PHASE MAP": Phrase("a phase image"),
    "SUBTRACTION": Phrase("a subtraction"),
    "SUBTRACT": Phrase("a subtraction"),
    "FIELD_MAP": Phrase("a map of the field"),
    "T1 MAP": Phrase("a map of relaxation times"),
    "T2 MAP": Phrase("a map of relaxation times"),
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
    reason: Phrase
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
        return _other(Phrase("is {kind}, not MR", kind=tags.kind or Phrase("of no kind that is told")))
    if what := _not_anatomy(tags):
        return _other(what)
    place, reading = _read_names(tags)
    if reading.other:
        return _other(Phrase("{place} says {word}", place=place, word=repr(reading.other)))
    measured = _read_times(tags)
    if reading.weighting is None:
        if isinstance(measured, Phrase):
            return SeriesClass(None, Phrase("no name tells what it is, and {why}", why=measured), tuple(Modality))
        return measured
    said = _told(place, reading, tags)
    return said if isinstance(measured, Phrase) else _contradiction(said, reading.weighting, measured) or said


def _other(reason: Phrase) -> SeriesClass:
    return SeriesClass(None, reason)


def _not_anatomy(tags: SeriesTags) -> Phrase | None:
    """Tell by ImageType and the kind of sequence why a series is none of the four, or return None."""
    types = [value.upper() for value in tags.image_type]
    found = next((value for value in types[2:] if value in _NO_IMAGE_TYPES), None)
    if found is not None:
        return Phrase("its image type says {value}, {what}", value=found, what=_NO_IMAGE_TYPES[found])
    if "MPR" in types and "DERIVED" in types:
        return Phrase("its image type says MPR, a reformat of another series")
    return None


def _read_names(tags: SeriesTags) -> tuple[Phrase, NameReading]:
    """Return what the names say, and which of them: the first that tells the weighting, and one that tells of agent."""
    names = [(Phrase("its description"), tags.description), (Phrase("its protocol"), tags.protocol)]
    folder = _FOLDER.fullmatch(tags.folder)
    by_folder = read_name(folder[1]) if folder else NameReading()
    read = [(place, read_name(name)) for place, name in names]
    if read[0][1].other:
        return read[0]
    telling = [(place, reading) for place, reading in read if reading.weighting]
    if not telling:
        if by_folder.modality:
            return Phrase("its folder's name"), _as_said(by_folder)
        return next(((place, reading) for place, reading in read if reading.other), (Phrase(""), NameReading()))
    place, first = telling[0]
    if first.weighting is Modality.T1 and first.agent in (Agent.SILENT, Agent.BOTH):
        told = [(p, r) for p, r in telling[1:] if r.weighting is Modality.T1 and r.agent in (Agent.GIVEN, Agent.NONE)]
        if by_folder.weighting is Modality.T1:
            told.append((Phrase("its folder's name"), _as_said(by_folder)))
        return told[0] if told else (place, first)
    return place, first


def _as_said(reading: NameReading) -> NameReading:
    """Return a person's own word, by which `T1` beside `T1ce` is one without agent."""
    return NameReading(reading.weighting, Agent.GIVEN if reading.modality is Modality.T1CE else Agent.NONE)


def _told(place: Phrase, reading: NameReading, tags: SeriesTags) -> SeriesClass:
    """Return what the names alone make of a series."""
    if reading.weighting is not Modality.T1:
        return SeriesClass(reading.weighting, Phrase("{place} says {word}", place=place, word=str(reading.weighting)))
    if reading.agent is Agent.GIVEN:
        return SeriesClass(Modality.T1CE, Phrase("{place} says T1 with contrast agent", place=place))
    if reading.agent is Agent.NONE:
        return SeriesClass(Modality.T1, Phrase("{place} says T1 without contrast agent", place=place))
    if reading.agent is Agent.BOTH:
        return SeriesClass(None, Phrase("{place} says T1, with and without contrast agent", place=place), _OPEN_T1)
    silent = Phrase("{place} says T1, not whether contrast agent was given", place=place)
    if tags.agent:
        silent = Phrase("{said}; the header names one, as scanners do in every series", said=silent)
    return SeriesClass(None, silent, _OPEN_T1)


def _contradiction(said: SeriesClass, weighting: Modality, measured: SeriesClass) -> SeriesClass | None:
    """Return a series whose times are those of another sequence than its name says as open or other, else None."""
    both = Phrase("{said}, but {measured}", said=said.reason, measured=measured.reason)
    if not measured.modality and not measured.could_be:
        return _other(both)
    means = (measured.modality,) if measured.modality else measured.could_be
    if weighting in means:
        return None
    return SeriesClass(None, both, (weighting, *means))


def _read_times(tags: SeriesTags) -> SeriesClass | Phrase:
    """Tell a series by its kind and times alone, or say why it cannot be told."""
    echo, repetition, inversion = tags.echo_time, tags.repetition_time, tags.inversion_time
    gradient = "GR" in tags.sequence and "SE" not in tags.sequence
    if echo is None or repetition is None:
        return Phrase("its times are not told")
    times = ", ".join(
        f"{name} {value:g} ms" for name, value in (("TE", echo), ("TR", repetition), ("TI", inversion)) if value
    )
    inversion = inversion or 0.0
    if "EP" in tags.sequence and "IR" not in tags.sequence:
        return _other(Phrase("is echo planar"))
    if inversion >= 1500 and echo >= 60:
        return SeriesClass(Modality.FLAIR, Phrase("its times are those of FLAIR ({times})", times=times))
    if 0 < inversion < 350 and repetition >= 2000:
        return _other(Phrase("its times are those of STIR ({times})", times=times))
    if gradient and echo >= 12:
        return _other(Phrase("its times are those of a T2*-weighted gradient echo ({times})", times=times))
    if 350 <= inversion < 1500 and echo < 35:
        said = Phrase("its times are those of a T1 with inversion ({times}), agent given or not", times=times)
        return SeriesClass(None, said, _OPEN_T1)
    if gradient or not tags.sequence:
        return Phrase("its times tell no single sequence ({times})", times=times)
    if not inversion and "IR" not in tags.sequence:
        if echo >= 70 and repetition >= 7000:
            either = (Modality.T2, Modality.FLAIR)
            return SeriesClass(
                None, Phrase("its times are those of T2 or of a FLAIR without its TI ({times})", times=times), either
            )
        if echo >= 70 and repetition >= 2000:
            return SeriesClass(Modality.T2, Phrase("its times are those of T2 ({times})", times=times))
        if echo < 50 and repetition >= 2000:
            return _other(Phrase("its times are those of proton density ({times})", times=times))
        if echo <= 30 and repetition <= 1000:
            return SeriesClass(
                None, Phrase("its times are those of T1 ({times}), agent given or not", times=times), _OPEN_T1
            )
    return Phrase("its times tell no single sequence ({times})", times=times)
