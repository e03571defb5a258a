"""In 3D Slicer: load a case, segment it, and read the volumes; Slicer stays usable meanwhile.

In Slicer's Python console::

    exec(open("path/to/Examples/from_slicers_console.py").read())

or from a shell, with a case's folder (a made brain is taken where none is given)::

    Slicer --python-script Examples/from_slicers_console.py path/to/case
"""

from __future__ import annotations

import sys
from pathlib import Path

import slicer
from BrainTumorVAESegLib.slicer.choices import Choices, Device, Style
from BrainTumorVAESegLib.slicer.nodes.tables import rows_of
from BrainTumorVAESegLib.slicer.samples import load_phantom

# The module's logic, the same that the panel uses. It speaks with a process of its own that computes.
logic = slicer.util.getModuleLogic("BrainTumorVAESeg")

# Four volume nodes, of a folder whose files are told apart by their names, or of a made brain.
folders = [argument for argument in sys.argv[1:] if Path(argument).is_dir()]
if folders:
    volumes = logic.loadCase(folders[0])
else:
    volumes = {modality.value.lower(): node for modality, node in load_phantom().items()}

# Segment and wait; `logic.start` takes the same and returns at once. All choices can be left out.
choices = Choices(model="fast", device=Device.AUTO, style=Style.NESTED, show_3d=True)
segmentation = logic.process(**volumes, choices=choices)

# A segmentation node like any other, on the grid of the T1ce: edit it in the Segment Editor, or save it.
for index in range(segmentation.GetSegmentation().GetNumberOfSegments()):
    print(segmentation.GetSegmentation().GetNthSegment(index).GetName())

# Its volumes are in a table node beside it, and in what the logic tells of the last segmentation.
outcome = logic.lastOutcome
for key, milliliters in rows_of(outcome.table).items():
    print(f"{key:>4} {milliliters:8.2f} ml")
for finding in outcome.told.findings:
    print(finding)
