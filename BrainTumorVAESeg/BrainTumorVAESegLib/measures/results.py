"""What measuring a segmentation returns; the classes are in core, since the worker sends them to Slicer."""

from __future__ import annotations

from ..core.measures import MOST_LESIONS, Burden, Diameters, Lesion, Measures, Point, Side

__all__ = ["MOST_LESIONS", "Burden", "Diameters", "Lesion", "Measures", "Point", "Side"]
