"""The codes of what is measured, and the way from our codes to highdicom's."""

from __future__ import annotations

from highdicom.coding_schemes import CodingSchemeIdentificationItem
from highdicom.sr import CodedConcept

from ..core.labels import PRIVATE_SCHEME, Code
from ..core.terminology import BRAIN

VOLUME = Code("SCT", "118565006", "Volume")
NUMBER_OF_LESIONS = Code("SCT", "246206008", "Number of lesions")
LONG_AXIS = Code("SCT", "103339001", "Long axis")
SHORT_AXIS = Code("SCT", "103340004", "Short axis")
DIAMETER_3D = Code("IBSI", "L0JK", "Maximum 3D Diameter of a Mesh")
PRODUCT = Code(PRIVATE_SCHEME, "PRODUCT", "Product of longest and perpendicular diameter")
SUM_OF_PRODUCTS = Code(PRIVATE_SCHEME, "SPD", "Sum of products of target lesions")
NEAREST = Code(PRIVATE_SCHEME, "NEAREST", "Distance to the nearest other lesion")
ACROSS = Code(PRIVATE_SCHEME, "ACROSS", "Extent across the midline")
NONENHANCING_SHARE = Code(PRIVATE_SCHEME, "NONENHANCING", "Non-enhancing share of the tumor core")
ENHANCING_SHARE = Code(PRIVATE_SCHEME, "ENHANCING", "Enhancing share of the tumor core")
MEASURABLE = Code(PRIVATE_SCHEME, "MEASURABLE", "Measurable lesion")
TARGET = Code(PRIVATE_SCHEME, "TARGET", "Target lesion")
ABOVE = Code("SCT", "371886008", "+, range of upper measurement uncertainty")
BELOW = Code("SCT", "371885007", "-, range of lower measurement uncertainty")
"""How far the true value may lie from the one told (TID 310)."""
YES, NO = Code("SCT", "373066001", "Yes"), Code("SCT", "373067005", "No")
SIDES = {"left": Code("SCT", "7771000", "Left"), "right": Code("SCT", "24028007", "Right")}
PROCEDURE = Code("LN", "24590-2", "Brain MRI")
COMMENT = Code("DCM", "121106", "Comment")
NETWORK = Code("DCM", "123110", "Artificial Intelligence")
"""Family of the algorithm (CID 7162)."""
SITE = BRAIN

MILLILITER = Code("UCUM", "ml", "milliliter")
MILLIMETER = Code("UCUM", "mm", "millimeter")
SQUARE_MILLIMETER = Code("UCUM", "mm2", "square millimeter")
PERCENT = Code("UCUM", "%", "percent")
ONE = Code("UCUM", "1", "no units")


def concept(code: Code) -> CodedConcept:
    """Return a code as highdicom takes it."""
    return CodedConcept(code.value, code.scheme, code.meaning)


def private_scheme() -> CodingSchemeIdentificationItem:
    """Return what an object says of the scheme of our own codes."""
    return CodingSchemeIdentificationItem(
        PRIVATE_SCHEME,
        name="Regions of the Brain Tumor Segmentation challenge",
        responsible_organization="BrainTumorVAESeg",
    )
