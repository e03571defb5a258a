"""The codes of labels and regions as Slicer writes them into segments, in files and in nodes alike."""

from __future__ import annotations

from .labels import Code, Label, Region

TYPE_CONTEXT = "Segmentation category and type - BrainTumorVAESeg"
"""Name of our list of types, `Resources/Terminologies/BrainTumorVAESeg.term.json`."""
REGION_CONTEXT = "Anatomic codes - DICOM master list"
"""Name of Slicer's own list of the parts of the body."""
BRAIN = Code("SCT", "12738006", "Brain")
_ANATOMY_CONTEXT = "Segmentation category and type - 3D Slicer General Anatomy list"
_ANATOMY = Code("SCT", "123037004", "Anatomical Structure")


def brain_entry() -> str:
    """Return the codes of a segment that is the brain itself, as Slicer's own list of anatomy has them."""
    nothing = "^^"
    return "~".join((_ANATOMY_CONTEXT, _code(_ANATOMY), _code(BRAIN), nothing, REGION_CONTEXT, nothing, nothing))


def terminology_entry(part: Label | Region) -> str:
    """Return the codes as Slicer writes them: seven fields, none of them modified, in the region brain.

    Context of the types, category, type, type modifier, context of the regions, region, region modifier. Slicer reads
    the codes from the entry itself, so that it also holds where our list is not loaded.
    """
    nothing = "^^"
    type_fields = (TYPE_CONTEXT, _code(part.category), _code(part.type), nothing)
    return "~".join((*type_fields, REGION_CONTEXT, _code(BRAIN), nothing))


def _code(code: Code) -> str:
    return f"{code.scheme}^{code.value}^{code.meaning}"
