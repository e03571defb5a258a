"""What a stage of the work is called in the panel."""

from __future__ import annotations

import re

from slicer.i18n import tr as _

_REGION = re.compile(r"stage 2, region (\d+) of (\d+)")
_PASS = re.compile(r"(.+) \((\d+) of (\d+)\)")
_OF_VOLUME = re.compile(r"(register|correct shading) (\w+)")


def stage_text(stage: str) -> str:
    """Return the text for a stage as the worker names it (`inference.progress`); an unknown one stands as it is."""
    of_passes = _PASS.fullmatch(stage)
    if of_passes:
        text = _("Pass {number} of {count}: {stage}")
        return text.format(number=of_passes[2], count=of_passes[3], stage=stage_text(of_passes[1]))
    if stage.startswith("map: "):
        return _("Making the map")
    region = _REGION.fullmatch(stage)
    if region:
        return _("Stage 2, region {number} of {count}").format(number=region[1], count=region[2])
    of_volume = _OF_VOLUME.fullmatch(stage)
    if of_volume:
        text = {"register": _("Registering {volume}"), "correct shading": _("Correcting the shading of {volume}")}
        return text[of_volume[1]].format(volume=of_volume[2])
    return {
        "brain mask": _("Finding the brain"),
        "hand over": _("Handing over the volumes"),
        "load the model": _("Loading the model"),
        "convert the model": _("Converting the model for OpenVINO, once"),
        "check": _("Checking the volumes"),
        "prepare": _("Preparing the volumes"),
        "stage 1": _("Stage 1, the whole brain"),
        "stage 2": _("Stage 2, the tumor's region"),
        "measure": _("Measuring"),
        "restore": _("Bringing the result to the volume's grid"),
        "fill": _("Writing the segments"),
    }.get(stage, stage)
