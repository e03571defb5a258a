"""What the worker answered becomes nodes of the scene: a segmentation with all that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.answers import Segmented
from ..core.modalities import Modality
from .choices import Choices
from .client.stepping import Steps
from .nodes.belongings import remove_result
from .nodes.display import show_3d
from .nodes.measured import write_measures
from .nodes.output import new_segmentation, write_output
from .nodes.registered import write_prepared
from .nodes.segments import fill
from .nodes.volumes import Nodes


@dataclass(frozen=True)
class Outcome:
    """What a segmentation gave: its nodes, and what the worker told (findings, notes, volumes in ml, timings in s)."""

    segmentation: Any
    table: Any
    told: Segmented
    seconds: float


@dataclass(frozen=True)
class Answer:
    """What the worker found of a case.

    labels: (z, y, x), uint8, on the reference's grid. brain: the mask that was made on it, the node of the one that was
    given, or None.
    """

    labels: np.ndarray
    told: Segmented
    brain: Any


def write_answer(target: Any, answer: Answer, volumes: Nodes, of: Modality, choices: Choices) -> Steps:
    """Write an answer into the scene, a segment a step; return the segmentation's node and its table's.

    target: the node that is written, None for a new one, of which nothing stays where it fails. of: the modality of the
    reference.
    """
    reference, told = volumes[of], answer.told
    node = target if target is not None else new_segmentation(reference)
    done = False
    try:
        for _step in fill(node, answer.labels, reference, choices.style, choices.opacity):
            yield
        table = write_output(node, reference, told, answer.labels)
        if told.measures is not None:
            write_measures(node, reference, answer.labels, told.measures)
        write_prepared(node, reference, volumes, told.prepared, answer.brain)
        done = True
    finally:
        if not done and target is None:
            remove_result(node)
    yield
    if choices.show_3d:
        show_3d(node, True)
    return node, table
