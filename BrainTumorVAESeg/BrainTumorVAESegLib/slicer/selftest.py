"""The steps of the module's self test: on a made case, without a network, within a minute.

Each step is a function of the running test case (a unittest.TestCase); its docstring is what the display says.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from ..core.errors import BrainTumorVAESegError
from ..core.modalities import MODALITIES, Modality
from ..core.steps import result_of
from ..phantom.phantom import Phantom, PhantomSettings, make_phantom
from .choices import Choices, Device, Style
from .nodes.assignment import propose_nodes
from .nodes.output import table_of
from .nodes.segments import labels_of, segment_keys
from .nodes.tables import rows_of
from .nodes.volumes import Nodes, array
from .phantoms import add_volumes
from .setup.requirements import Requirements

Step = Callable[[Any], None]
_CHOICES = Choices(device=Device.CPU)
_PATIENCE = 120.0
"""Seconds to wait for a segmentation before the test fails."""


@cache
def made_case() -> Phantom:
    """The made case of all steps, at 2 mm, so that it is quick."""
    return make_phantom(PhantomSettings(size=(120, 120, 78), spacing=2.0))


def load_case() -> Nodes:
    """Put the made case's volumes into the scene; return their nodes by modality."""
    nodes: Nodes = result_of(add_volumes(made_case().study, "Phantom"))
    return nodes


def segments_a_made_case(test: Any) -> None:
    """Segment a made case through the worker: segments, volumes and places are right."""
    nodes = load_case()
    test.assertEqual(propose_nodes(slicer.mrmlScene).nodes, nodes)
    outcome = get_logic().segmenting.run(nodes, None, _CHOICES)
    segmentation = outcome.segmentation.GetSegmentation()
    ids = tuple(segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments()))
    test.assertEqual(ids, segment_keys(Style.DISJOINT))
    truth, found = made_case().labels > 0, labels_of(outcome.segmentation, nodes[Modality.T1CE]) > 0
    dice = 2 * np.count_nonzero(truth & found) / (np.count_nonzero(truth) + np.count_nonzero(found))
    test.assertGreater(dice, 0.5, "The made tumor was not found.")
    milliliters = np.count_nonzero(found) * made_case().study.reference_volume.geometry.voxel_volume
    test.assertAlmostEqual(rows_of(table_of(outcome.segmentation))["WT"], milliliters, places=3)


def refuses_wrong_input(test: Any) -> None:
    """Refuse a missing volume, one that is given twice and a label map, in one plain sentence."""
    nodes, segmenting = load_case(), get_logic().segmenting
    labels = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "Labels")
    wrong = {"FLAIR": None, nodes[Modality.T2].GetName(): nodes[Modality.T2], "Labels": labels}
    for named, node in wrong.items():
        with test.assertRaises(BrainTumorVAESegError) as caught:
            segmenting.run({**nodes, Modality.FLAIR: node}, None, _CHOICES)
        test.assertIn(named, str(caught.exception))
        test.assertFalse(segmenting.busy)


def works_in_the_panel(test: Any) -> None:
    """Segment in the panel: the volumes are assigned, the button becomes Cancel and back, the table is filled."""
    widget, nodes = slicer.util.getModuleWidget("BrainTumorVAESeg"), load_case()
    widget.enter()
    widget.panel.assign()
    parameters = widget.logic.getParameterNode()
    for modality in MODALITIES:
        test.assertIs(getattr(parameters, modality.value.lower()), nodes[modality])
    parameters.device = Device.CPU
    widget.ui.applyButton.click()
    test.assertTrue(widget.logic.segmenting.busy, widget.panel.explanation)
    wait(lambda: not widget.logic.segmenting.busy)
    test.assertIsNotNone(parameters.segmentation, widget.panel.explanation)
    test.assertEqual(widget.ui.resultsTable.rowCount, 5)
    test.assertTrue(widget.ui.applyButton.enabled, widget.panel.explanation)


def cancels(test: Any) -> None:
    """Cancel a segmentation: the scene stays as it was, and the next one can begin."""
    nodes, segmenting = load_case(), get_logic().segmenting
    before = slicer.mrmlScene.GetNumberOfNodes()
    stages: list[str] = []
    note = segmenting.progressed.connect(lambda stage, fraction, left: stages.append(stage))
    segmenting.start(nodes, None, _CHOICES)
    wait(lambda: "prepare" in stages)
    start = time.monotonic()
    segmenting.cancel()
    test.assertLess(time.monotonic() - start, 1.0)
    segmenting.progressed.disconnect(note)
    test.assertFalse(segmenting.busy)
    test.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), before)


def restores_a_scene(test: Any) -> None:
    """Save and load a scene: all choices come back."""
    logic, nodes = get_logic(), load_case()
    parameters = logic.getParameterNode()
    for modality in MODALITIES:
        setattr(parameters, modality.value.lower(), nodes[modality])
    parameters.model, parameters.device, parameters.style = "fast", Device.CPU, Style.NESTED
    parameters.force, parameters.show3d, parameters.opacity = True, True, 0.4
    with tempfile.TemporaryDirectory(dir=slicer.app.temporaryPath) as folder:
        path = str(Path(folder) / "scene.mrb")
        test.assertTrue(slicer.util.saveScene(path))
        slicer.mrmlScene.Clear()
        slicer.util.loadScene(path)
    restored = logic.getParameterNode()
    for modality in MODALITIES:
        node = getattr(restored, modality.value.lower())
        test.assertEqual(node.GetName(), nodes[modality].GetName())
        test.assertTrue(np.array_equal(array(node), made_case().study[modality].array))
    test.assertEqual((restored.model, restored.device, restored.style), ("fast", Device.CPU, Style.NESTED))
    test.assertEqual((restored.force, restored.show3d, restored.opacity), (True, True, 0.4))


def get_logic() -> Any:
    """The logic of the module's panel, whose worker all steps share."""
    return slicer.util.getModuleLogic("BrainTumorVAESeg")


def wait(reached: Callable[[], bool]) -> None:
    """Process Slicer's events until something is so. Raises AssertionError where it takes too long."""
    end = time.monotonic() + _PATIENCE
    while not reached():
        if time.monotonic() > end:
            raise AssertionError("It took too long.")
        slicer.app.processEvents()
        time.sleep(0.01)


def usable_steps() -> tuple[Step, ...]:
    """Return the steps that this Slicer can take: without PyTorch only those that do not compute, which is logged."""
    state = Requirements().state()
    if state.usable:
        return (*STEPS, *COMPUTING)
    logging.warning("BrainTumorVAESegTest: only %d steps are taken: %s", len(STEPS), state.sentence)
    return STEPS


STEPS: tuple[Step, ...] = (refuses_wrong_input, restores_a_scene)
"""Steps that need no PyTorch; each begins with an empty scene."""
COMPUTING: tuple[Step, ...] = (segments_a_made_case, works_in_the_panel, cancels)
"""Steps that do."""
