"""Which volume is which modality: proposed by DICOM headers and names, left open where that is not certain.

A wrong order of the four volumes gives a plausible wrong answer, so that a guess is worse than a question: what two
volumes could be, what a name and a description say differently, and what lies in another study stays open, with a
sentence that says why. What Slicer's DICOM database knows of a volume is read by the rules for files (`core.series`);
without it the series description and the volume's name tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slicer.i18n import tr as _

from ...core.modalities import MODALITIES, Modality, recognise_files, recognise_modality
from ...core.series import classify_series
from .dicomtags import SeriesHeader, series_header
from .hierarchy import find_study
from .seriestexts import series_text
from .volumes import problem, series_description, volume

_NUMBER_OF_SERIES = re.compile(r"^\s*\d+:\s*")
"""Slicer's DICOM reader writes the series number before the description."""
_SAYS_NO_CASE = frozenset(("ax", "axial", "sag", "sagittal", "cor", "coronal", "tra", "trans", "obl", "2d", "3d"))


@dataclass(frozen=True)
class Candidate:
    """What is known of one volume.

    node: whatever stands for it. study: whose it is, "" where nobody knows. header: what the DICOM database tells.
    """

    node: Any
    name: str
    description: str = ""
    study: str = ""
    header: SeriesHeader | None = None


@dataclass(frozen=True)
class Proposal:
    """The volumes proposed for modalities.

    nodes: the recognized ones. reasons: by what each was recognized, or, of a modality without a node, one sentence on
    why it stays open though some volume could be it.
    """

    nodes: Mapping[Modality, Any] = field(default_factory=dict)
    reasons: Mapping[Modality, str] = field(default_factory=dict)

    @property
    def findings(self) -> dict[Modality, str]:
        """The reasons of the modalities that stay open."""
        return {modality: reason for modality, reason in self.reasons.items() if modality not in self.nodes}


@dataclass(frozen=True)
class _Known:
    """A candidate that says what it is. group: the case that it belongs to, "" where that cannot be told.

    modality: None for a T1 that does not say whether contrast agent was given. sure: False where it could be another
    modality as well, so that it is not chosen.
    """

    candidate: Candidate
    modality: Modality | None
    reason: str
    group: str = ""
    sure: bool = True

    @property
    def time(self) -> str:
        """When it was acquired, in an order that sorts, "" where that is not told."""
        return self.candidate.header.time if self.candidate.header else ""


Decide = Callable[[Any, Any], int | None]
"""Tells of two nodes, T1 images of one head, which was taken with contrast agent: 0, 1, or None where it is not clear.
"""
_SILENT = frozenset((Modality.T1, Modality.T1CE))
"""What a T1 can be that does not say whether contrast agent was given."""


def propose_nodes(scene: Any, chosen: Mapping[Modality, Any] | None = None) -> Proposal:
    """Propose which of a scene's volume nodes is which modality; see `propose`."""
    kind = "vtkMRMLVolumeNode"
    return propose([scene.GetNthNodeByClass(n, kind) for n in range(scene.GetNumberOfNodesByClass(kind))], chosen)


def propose(nodes: Iterable[Any], chosen: Mapping[Modality, Any] | None = None) -> Proposal:
    """Propose which of some volume nodes is which modality.

    chosen: what a person has chosen already; these slots are not proposed, and the others come from the same case.
    Nodes that cannot be an input at all are passed over: label maps, color images, single slices and the like.
    """
    usable = [candidate_of(node) for node in nodes if problem(node) is None and not node.GetHideFromEditors()]
    taken = {modality: candidate_of(node) for modality, node in (chosen or {}).items() if node is not None}
    return assign(usable, taken)


def candidate_of(node: Any) -> Candidate:
    """Return what is known of a volume node."""
    study = find_study(node) if node.GetScene() is not None else 0
    name, study_key = node.GetName() or "", str(study) if study else ""
    return Candidate(node, name, series_description(node), study_key, series_header(node))


def enhanced_node(first: Any, second: Any) -> int | None:
    """Tell by the images which of two T1 volume nodes was taken with contrast agent; see `Decide`."""
    from ...cases.enhancement import enhanced_one  # SimpleITK takes its time, and is seldom needed here

    return enhanced_one(volume(first), volume(second))


def assign(
    candidates: Sequence[Candidate],
    chosen: Mapping[Modality, Candidate] | None = None,
    decide: Decide = enhanced_node,
) -> Proposal:
    """Propose which candidate is which modality; the pure logic of `propose`."""
    taken = dict(chosen or {})
    used = [candidate.node for candidate in taken.values()]
    free = [candidate for candidate in candidates if not any(candidate.node is node for node in used)]
    known, reasons = _recognize([*free, *taken.values()])
    known = _grouped(known)
    wanted = _wanted_group(known, list(taken.values()))
    known = _settle_t1(known, taken, wanted, decide)
    nodes: dict[Modality, Any] = {}
    for modality in MODALITIES:
        if modality in taken:
            reasons.pop(modality, None)
            continue
        those = [k for k in known if k.modality is modality and not any(k.candidate.node is node for node in used)]
        found = _choose(those, wanted)
        if found:
            nodes[modality], reasons[modality] = found.candidate.node, found.reason
        elif those:
            reasons[modality] = _why_open(modality, those, wanted)
    return Proposal(nodes, reasons)


def _recognize(candidates: Sequence[Candidate]) -> tuple[list[_Known], dict[Modality, str]]:
    """Return what each candidate is, and a finding for each modality where name and description contradict."""
    by_name = recognise_files([candidate.name for candidate in candidates])
    known: list[_Known] = []
    findings: dict[Modality, str] = {}
    for candidate in candidates:
        if candidate.header is not None:
            one, found = _recognize_header(candidate, candidate.header, by_name[candidate.name])
            known += [one] if one else []
            findings |= found
            continue
        named, described = by_name[candidate.name], recognise_modality(candidate.description)
        if named and described and named is not described:
            text = _(
                "{name} is {named} by its name, but {described} by its series description '{description}';"
                " choose the volume yourself."
            ).format(name=candidate.name, named=named, described=described, description=candidate.description)
            findings |= {named: text, described: text}
        elif described:
            reason = _("by the series description '{description}'").format(description=candidate.description)
            known.append(_Known(candidate, described, reason))
        elif named:
            known.append(_Known(candidate, named, _("by its name")))
    return known, findings


def _recognize_header(
    candidate: Candidate, header: SeriesHeader, named: Modality | None
) -> tuple[_Known | None, dict[Modality, str]]:
    """Return what a candidate from DICOM is, and a finding for each modality where its name says something else.

    A name that is the series description itself, as Slicer's reader gives it, says nothing more.
    """
    said = classify_series(header.tags)
    if _NUMBER_OF_SERIES.sub("", candidate.name).strip() == candidate.description:
        named = None
    if named and named is not said.modality and named not in said.could_be:
        text = _("{name} is {named} by its name, but by its DICOM header not: {reason}; choose the volume yourself.")
        sentence = text.format(name=candidate.name, named=named, reason=series_text(said.reason))
        return None, dict.fromkeys(filter(None, (named, said.modality)), sentence)
    reason = _("by its DICOM header: {reason}").format(reason=series_text(said.reason))
    if said.modality:
        return _Known(candidate, said.modality, reason), {}
    if named:
        return _Known(candidate, named, _("by its name")), {}
    return (_Known(candidate, None, reason) if {*said.could_be} == _SILENT else None), {}


def _settle_t1(
    known: list[_Known], taken: Mapping[Modality, Candidate], wanted: str | None, decide: Decide
) -> list[_Known]:
    """Tell the T1s of the wanted case apart that are silent on agent, by the time of a T1ce or by the image.

    Those that stay silent could be either, and count for both.
    """
    chosen = list(taken.values())
    silent = [one for one in known if one.modality is None and not any(one.candidate is each for each in chosen)]
    others = [one for one in known if one.modality is not None]
    t1, t1ce = (_sure(others, taken, modality, wanted) for modality in (Modality.T1, Modality.T1CE))
    missing = [modality for modality, there in ((Modality.T1, t1), (Modality.T1CE, t1ce)) if not there]
    unsure = [replace(one, modality=modality, sure=False) for modality in missing for one in silent]
    silent = [one for one in silent if one.group == wanted]
    if not missing or not silent:
        return others + unsure
    before = [one for one in silent if t1ce and t1ce.time and one.time and one.time < t1ce.time]
    if before and t1ce:
        text = _("{reason}; it was taken before {other}")
        return others + [_as(one, Modality.T1, text, t1ce) for one in before]
    sure = t1 or t1ce
    pair = [sure, *silent] if sure else silent
    enhanced = decide(pair[0].candidate.node, pair[1].candidate.node) if len(pair) == 2 else None
    if enhanced is not None and not (sure and (enhanced == 0) != (sure is t1ce)):
        bright, plain = pair[enhanced], pair[1 - enhanced]
        found = [_as(bright, Modality.T1CE, _("{reason}; it is bright where {other} is not"), plain)]
        found.append(_as(plain, Modality.T1, _("{reason}; it is not bright where {other} is"), bright))
        return others + [one for one in found if one.candidate is not (sure.candidate if sure else None)]
    return others + unsure


def _sure(known: list[_Known], taken: Mapping[Modality, Candidate], modality: Modality, group: str | None) -> Any:
    """Return the one candidate that is a modality in a case, a person's choice before all else, or None."""
    if modality in taken:
        return _Known(taken[modality], modality, "", group or "")
    return _choose([one for one in known if one.modality is modality], group)


def _as(one: _Known, modality: Modality, text: str, other: _Known) -> _Known:
    return replace(one, modality=modality, reason=text.format(reason=one.reason, other=other.candidate.name))


def _grouped(known: list[_Known]) -> list[_Known]:
    """Tell the cases apart, by the study, or where there is none by what the names of several modalities begin with."""
    starts: dict[str, set[Modality]] = {}
    for one in known:
        if not one.candidate.study:
            starts.setdefault(case_name(one.candidate.name), set()).add(one.modality or Modality.T1)
    result = []
    for one in known:
        start = case_name(one.candidate.name)
        by_name = f"name {start}" if len(starts.get(start, ())) > 1 else ""
        group = f"study {one.candidate.study}" if one.candidate.study else by_name
        result.append(replace(one, group=group))
    return result


def case_name(name: str) -> str:
    """Return what a volume's name says before it says the modality: `UPENN-GBM-00002_T1GD` -> `upenn gbm 00002`.

    Words that tell the orientation are left out, since they differ within a case.
    """
    words = [word for word in re.split(r"[^A-Za-z0-9+]+", _NUMBER_OF_SERIES.sub("", name)) if word]
    told = next((place for place, word in enumerate(words) if recognise_modality(word)), None)
    before = words[:told] if told is not None else []
    return " ".join(word.lower() for word in before if word.lower() not in _SAYS_NO_CASE)


def _wanted_group(known: list[_Known], chosen: list[Candidate]) -> str | None:
    """Return the case to take volumes from: "" where none can be told, None where it could be one or another.

    It is that of the chosen volumes, or else the one that has most of the modalities exactly once.
    """
    groups = {one.group for one in known if one.group}
    of_chosen = {f"study {candidate.study}" for candidate in chosen if candidate.study}
    of_chosen |= {one.group for one in known if one.group and any(one.candidate is candidate for candidate in chosen)}
    groups = of_chosen or groups
    scores = {group: sum(len(_in_group(known, modality, group)) == 1 for modality in MODALITIES) for group in groups}
    best = [group for group, score in scores.items() if score == max(scores.values())]
    if of_chosen:
        return best[0] if len(groups) == 1 else None
    return best[0] if len(best) == 1 else None if best else ""


def _in_group(known: list[_Known], modality: Modality, group: str) -> list[_Known]:
    return [one for one in known if one.modality is modality and one.group == group]


def _choose(those: list[_Known], wanted: str | None) -> _Known | None:
    """Return the one volume that a modality can be: the wanted case's, or else one that no case claims."""
    if wanted is None:
        return None
    for group in dict.fromkeys((wanted, "")):
        found = [one for one in those if one.group == group]
        if found:
            return found[0] if len(found) == 1 and found[0].sure else None
    return None


def _why_open(modality: Modality, those: list[_Known], wanted: str | None) -> str:
    names = ", ".join(one.candidate.name for one in those)
    here = [one for one in those if one.group in (wanted, "")]
    if len(here) == 1 and not here[0].sure:
        text = _("{name} could be {modality}, {reason}; choose it if it is right.")
        return text.format(name=here[0].candidate.name, modality=modality, reason=here[0].reason)
    if wanted is None:
        text = _("The scene holds several cases, each with volumes that fit; choose {modality} yourself: {names}.")
    elif not here:
        text = _("{names} could be {modality}, but of another case than the other volumes; choose it if it is right.")
    else:
        text = _("{count} volumes could be {modality}: {names}; choose one.")
    return text.format(modality=modality, names=names, count=len(those))
