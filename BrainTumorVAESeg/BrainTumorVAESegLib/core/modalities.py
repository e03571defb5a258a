"""The one table of MR modalities: order, names and how files and series of each are called.

Sources of the names: BraTS 2018 to 2021 (`_t1ce`), BraTS 2023 and later (`-t1c`), UPENN-GBM (`_T1GD`), the Medical
Segmentation Decathlon's Task01 (`T1gd`, `T1w`), BIDS (`_T1w`), and what clinical scanners call their sequences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Modality(StrEnum):
    """An MR sequence the networks read; iterating gives the order T1, T1ce, T2, FLAIR."""

    T1 = "T1"
    T1CE = "T1ce"
    T2 = "T2"
    FLAIR = "FLAIR"


class Agent(StrEnum):
    """What a name says of contrast agent; `BOTH`: with and without, which leaves it open."""

    GIVEN = "given"
    NONE = "none"
    BOTH = "both"
    SILENT = "silent"


@dataclass(frozen=True)
class NameReading:
    """What a name says. weighting: T1 (with agent or not), T2, FLAIR, or None where no word tells it.

    other: the words by which it is a mask, or a sequence or map that the networks do not read; the rest is void then.
    """

    weighting: Modality | None = None
    agent: Agent = Agent.SILENT
    other: str = ""

    @property
    def modality(self) -> Modality | None:
        """The modality, a T1 whose name is silent on agent being one without; None where the name leaves it open."""
        if self.weighting is not Modality.T1:
            return self.weighting
        return {Agent.GIVEN: Modality.T1CE, Agent.BOTH: None}.get(self.agent, Modality.T1)


MODALITIES: tuple[Modality, ...] = tuple(Modality)
"""All modalities in the project's order; the order of a network's input channels is stored with its weights."""

IMAGE_SUFFIXES: tuple[str, ...] = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd")
"""Endings of the image files that are read."""

# --- the words, in lower case -----------------------------------------------------------------------------------------
_AGENT = r"(?:contrast|kontrast\w*|kontrastmittel|gad\w*|gd|gdtpa|gddtpa|km|ce|c|inj\w*|enhanced|enhancement)"
_CONTRAST = re.compile(
    r"\b(?:post|postcontrast|postgad\w*|postgd|postcon|contrast|kontrast\w*|gad\w*|gd|gddtpa|km|ce|enhanced|inj\w*)\b"
    rf"|\+ ?(?:{_AGENT}|k)\b|\bc ?\+|\bt1w?[a-z]* c\b|\b(?:tra|sag|cor|ax)\b.* c$"
)
"""Says that a T1 was taken with contrast agent (`km`, Kontrastmittel, is German, `inj`, injection, French)."""
_CONTRAST_ALONE = re.compile(
    r"\b(?:gd|gado?|gadolinium|postcontrast|postgad|post (?:contrast|gad\w*))\b|\+ ?(?:c|gd)\b"
)
"""Says so clearly enough where no word tells the weighting."""
_UNENHANCED = re.compile(
    rf"\b(?:pre|no|non|without|wo|before|ohne|vor|sans|avant)(?: iv)?(?: {_AGENT})?\b"
    r"|\b(?:pre|non?)(?:contrast|gad|gd|con|enhanced)\b|\b(?:unenhanced|nativ\w*|plain)\b|\bt1w?(?:n|pre|native|plain)\b"
)
_BOTH = re.compile(r"\bpre (?:and |\+ )?post\b|\bwith (?:and |\+ )?(?:without|wo)\b|\bwithout (?:and |\+ )?with\b")
"""With and without contrast: a name that leaves it open."""
_OTHER = re.compile(
    r"\b(?:adc|e?dwi|dti|tracew?|swi|swan|perf\w*|dsc|dce|asl|r?cbv|cbf|mtt|ttp|bold|fmri|epi|ep2d|diff|diffusion)\b"
    r"|\b(?:mra|tof|ciss|fiesta|stir|locali[sz]er|scout|survey|subtraction|mrs|(?:t[12])?(?:map|mapping|rho))\b"
    r"|\bt2w? ?(?:\*|star)|\bt2w?\b.*\b(?:gre|eg|hemo|medic|fl2d|ffe)\b"
    r"|\b(?:reformat\w*|m(?:in)?ip|subtr\w*|calibration)\b"
    r"|\b[esd]?t2w? pdw?\b|\bpdw? [esd]?t2w?\b|\b(?:double|dual) echo\b|\bdir\b"
)
"""Sequences and maps that the networks do not read."""
_OTHER_ALONE = re.compile(
    r"\b(?:pdw?|loc|3pl|3plane|e?stir|csi|cest|pha|difusion|phoenixzipreport|mpr|reconstruction)\b"
)
"""Those that may also be part of an identifier, and count where no word tells the weighting."""
_WEIGHTED = re.compile(
    r"(?:[234]d)?(?P<before>gd|ce|c|[esd])?t(?P<weight>[12])w?"
    r"(?P<after>|i|n|f|fl[23]d|t?fe|ffe|gre|ir|t?se|fse|frfse|mpr|mprage|f?spgr|vibe|spc|space|cube|bravo|blade|tirm"
    r"|propeller|ax|sag|cor|tra|flair|darkfluid|pre|native|plain|weighted|c|ce|gd|gad|gado|gadolinium|post|km|contrast|pc|enhanced|inj)"
)
"""One word that tells the weighting, with what is often written together with it (Philips puts e, s or d before)."""
_T1_SEQUENCE = re.compile(r"(?:me)?mp2?rage(?:adni)?|f?spgr|bravo|vibe|tfl3d[0-9]*")
_WITH_CONTRAST = frozenset(
    ("c", "ce", "gd", "gad", "gado", "gadolinium", "post", "km", "contrast", "pc", "enhanced", "inj")
)
_CONTRAST_WORDS = _WITH_CONTRAST | {"pre", "+", "no", "non", "without"}
_SAYS_NOTHING = re.compile(
    r"(?:(?<![a-z])(?:sub|ses|space)-[a-z0-9]+|(?:pre|post)[ _-]?op[a-z]*"
    r"|(?<![a-z])(?:co)?reg(?:ist[a-z]*)?[ _-]?(?:to|onto|2)[ _-]?[a-z0-9]+"
    r"|(?<![a-z])(?:to|in|on)[ _-][a-z0-9]+[ _-]space)"
)
"""Whose, when and where, not what: BIDS's subject, session and space, the operation, what it was registered to."""
_SEGMENTATION = re.compile(
    r"(?<![a-z])(?:(?:brain|skull|head|tumou?r|lesion|core|o?edema|prob|d)[ _-]?)?"
    r"(?:seg|segm|segmentations?|labels?|labelmap|masks?|rois?|gt|ground[ _-]?truth|annotations?)(?![a-z])"
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a word begins within another one: `tumorMask`."""
_BRAIN = re.compile(r"(?<![a-z])(?:brain|skull|head)[ _-]?(?:seg|segm|segmentations?|labels?|labelmap|masks?)(?![a-z])")


def strip_suffix(name: str) -> str:
    """Return a file name without its image suffix: `case_t1.nii.gz` -> `case_t1`."""
    for suffix in IMAGE_SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def is_image_name(path: Path) -> bool:
    """Say whether a file's name ends like an image's."""
    return path.name.lower().endswith(IMAGE_SUFFIXES)


def is_segmentation_name(name: str) -> bool:
    """Say whether a name is that of a ground truth or mask (`_seg`, `-dseg`, `_segm`, `label`, `tumorMask`)."""
    return _SEGMENTATION.search(_plain(name)) is not None


def is_brain_mask_name(name: str) -> bool:
    """Say whether a name is that of a mask of the brain or skull, which is no ground truth of a tumor."""
    return _BRAIN.search(_plain(name)) is not None


def recognise_modality(name: str) -> Modality | None:
    """Recognize the modality from a file name, a node name or a DICOM series description; see `read_name`.

    Returns None where the name tells nothing, says two things at once, or is that of a segmentation or of a sequence
    that the networks do not read: a guess is worse than a question.
    """
    return read_name(name).modality


def read_name(name: str) -> NameReading:
    """Read what a name says of the weighting and of contrast agent.

    The last word that tells the weighting counts, since a case's identifier comes first.
    """
    words = _words(name)
    spoken = " ".join(words)
    if mask := _SEGMENTATION.search(_plain(name)):
        return NameReading(other=mask[0])
    if other := _OTHER.search(spoken):
        return NameReading(other=other[0])
    told = [_weighting(word, words[place + 1 :]) for place, word in enumerate(words)]
    said = [(place, weighting) for place, weighting in enumerate(told) if weighting]
    if not said:
        if "fl" in words:
            return NameReading(Modality.FLAIR)
        if alone := _OTHER_ALONE.search(spoken):
            return NameReading(other=alone[0])
        agent = _CONTRAST_ALONE.search(_UNENHANCED.sub(" ", spoken))
        return NameReading(Modality.T1, Agent.GIVEN) if agent else NameReading()
    last = said[-1][1]
    if last == "flair":
        last = _t1_flair(said, words) or last
    elif last == "t2" and any(weighting == "flair" for _, weighting in said):
        last = "flair"
    if last == "t1ce":
        return NameReading(Modality.T1, Agent.GIVEN)
    return NameReading({"t1": Modality.T1, "t2": Modality.T2, "flair": Modality.FLAIR}[last], _agent(spoken))


def recognise_files(names: Iterable[str]) -> dict[str, Modality | None]:
    """Recognize the modality of each file of one case, by what its name does not share with all others.

    An identifier such as `T2_study_contrast_` at the start of all the names is thereby left out of account.
    """
    stems = {name: strip_suffix(name) for name in names}
    shared = _shared_start(list(stems.values())) if len(stems) > 1 else ""
    cut = max(shared.rfind(separator) for separator in "_- .") + 1
    return {name: recognise_modality(stem[cut:]) or recognise_modality(stem) for name, stem in stems.items()}


def _shared_start(texts: list[str]) -> str:
    first, last = min(texts), max(texts)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]


def _words(name: str) -> list[str]:
    """Split a name into its words, in lower case, with `+` and `*` as words and `w/`, `w/o` spelled out."""
    text = _SAYS_NOTHING.sub(" ", strip_suffix(name).lower())
    text = re.sub(r"\bw/ ?o\b", " without ", text)
    text = re.sub(r"\bw/", " with ", text).replace("&", "+")
    return re.findall(r"[a-z0-9]+|[+*]", text)


def _plain(name: str) -> str:
    """Return a file's name without its ending, in lower case, words that are written together apart."""
    return _HUMP.sub(" ", strip_suffix(name)).lower()


def _t1_flair(said: list[tuple[int, str]], words: list[str]) -> str | None:
    """Return `t1` or `t1ce` for `T1 FLAIR`, a T1-weighted sequence, whatever else it is called; else None.

    Nothing but words of contrast may stand between the two.
    """
    other = next((n for n in reversed(range(len(said))) if said[n][1] != "flair"), None)
    if other is None or said[other][1] == "t2":
        return None
    (first, weighting), (second, _) = said[other], said[other + 1]
    return weighting if all(word in _CONTRAST_WORDS for word in words[first + 1 : second]) else None


def _weighting(word: str, following: list[str]) -> str | None:
    """Tell what one word says about the weighting: `t1`, `t1ce`, `t2`, `flair` or nothing."""
    pair = word + (following[0] if following else "")
    if "flair" in word or word in ("t2f", "fla", "tirm", "darkfluid") or pair in ("darkfluid", "dafl", "t2fl"):
        match = _WEIGHTED.fullmatch(word)
        return "t1" if match and match["weight"] == "1" else "flair"
    if _T1_SEQUENCE.fullmatch(word) or pair == "mprage":
        return "t1"
    match = _WEIGHTED.fullmatch(word)
    if match is None:
        return None
    if match["weight"] == "2":
        return {"f": "flair", "tirm": "flair", "darkfluid": "flair"}.get(match["after"], "t2")
    return "t1ce" if match["before"] in ("gd", "ce", "c") or match["after"] in _WITH_CONTRAST else "t1"


def _agent(spoken: str) -> Agent:
    """Tell what the words of a name that tells its weighting say of contrast agent."""
    if _BOTH.search(spoken):
        return Agent.BOTH
    if _CONTRAST.search(_UNENHANCED.sub(" ", spoken)):
        return Agent.GIVEN
    return Agent.NONE if _UNENHANCED.search(spoken) else Agent.SILENT
