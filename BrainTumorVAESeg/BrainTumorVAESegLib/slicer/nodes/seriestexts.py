"""What is said of a DICOM series in the panel: the half sentences of `core.series` in the application's language."""

from __future__ import annotations

from slicer.i18n import tr as _

from ...core.phrases import Phrase


def series_text(reason: Phrase) -> str:
    """Return why a series is what it is, half a sentence; what has no translation stands in English."""
    texts = patterns()
    return reason.said(lambda pattern: texts.get(pattern, pattern))


def patterns() -> dict[str, str]:
    """Return the patterns of all half sentences, in English -> in the application's language."""
    return {
        "several slices in one picture": _("several slices in one picture"),
        "a localizer": _("a localizer"),
        "a map of diffusion": _("a map of diffusion"),
        "diffusion": _("diffusion"),
        "perfusion": _("perfusion"),
        "susceptibility": _("susceptibility"),
        "a projection": _("a projection"),
        "a phase image": _("a phase image"),
        "a subtraction": _("a subtraction"),
        "a map of the field": _("a map of the field"),
        "a map of relaxation times": _("a map of relaxation times"),
        "is {kind}, not MR": _("is {kind}, not MR"),
        "of no kind that is told": _("of no kind that is told"),
        "{place} says {word}": _("{place} says {word}"),
        "no name tells what it is, and {why}": _("no name tells what it is, and {why}"),
        "its image type says {value}, {what}": _("its image type says {value}, {what}"),
        "its image type says MPR, a reformat of another series": _(
            "its image type says MPR, a reformat of another series"
        ),
        "its description": _("its description"),
        "its protocol": _("its protocol"),
        "its folder's name": _("its folder's name"),
        "{place} says T1 with contrast agent": _("{place} says T1 with contrast agent"),
        "{place} says T1 without contrast agent": _("{place} says T1 without contrast agent"),
        "{place} says T1, with and without contrast agent": _("{place} says T1, with and without contrast agent"),
        "{place} says T1, not whether contrast agent was given": _(
            "{place} says T1, not whether contrast agent was given"
        ),
        "{said}; the header names one, as scanners do in every series": _(
            "{said}; the header names one, as scanners do in every series"
        ),
        "{said}, but {measured}": _("{said}, but {measured}"),
        "its times are not told": _("its times are not told"),
        "is echo planar": _("is echo planar"),
        "its times are those of FLAIR ({times})": _("its times are those of FLAIR ({times})"),
        "its times are those of STIR ({times})": _("its times are those of STIR ({times})"),
        "its times are those of a T2*-weighted gradient echo ({times})": _(
            "its times are those of a T2*-weighted gradient echo ({times})"
        ),
        "its times are those of a T1 with inversion ({times}), agent given or not": _(
            "its times are those of a T1 with inversion ({times}), agent given or not"
        ),
        "its times tell no single sequence ({times})": _("its times tell no single sequence ({times})"),
        "its times are those of T2 or of a FLAIR without its TI ({times})": _(
            "its times are those of T2 or of a FLAIR without its TI ({times})"
        ),
        "its times are those of T2 ({times})": _("its times are those of T2 ({times})"),
        "its times are those of proton density ({times})": _("its times are those of proton density ({times})"),
        "its times are those of T1 ({times}), agent given or not": _(
            "its times are those of T1 ({times}), agent given or not"
        ),
    }
