"""What a result's table tells as its mask is edited: of the answer while the mask is the answer's, and no longer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.segmentation import Segmentation

INTERVALS = {"WT": (1.0, 99.0)}
Process = Callable[..., bool]


@pytest.fixture
def node(running: Any, client: Any, process_events: Process) -> Any:
    """A result with an interval."""
    client.intervals = INTERVALS
    client.answer()
    assert process_events(lambda: running.ui.applyButton.text == "Segment")
    return running.ui.segmentationSelector.currentNode()


@pytest.fixture
def arrange(node: Any, process_events: Process) -> Callable[[np.ndarray], None]:
    """Give the result these labels, as a person's edit does, and measure it as rearranging its segments does."""
    from BrainTumorVAESegLib.slicer.choices import Style
    from BrainTumorVAESegLib.slicer.nodes.output import reference_of
    from BrainTumorVAESegLib.slicer.nodes.segments import fill
    from BrainTumorVAESegLib.slicer.restyling import restyle_steps

    def run(labels: np.ndarray) -> None:
        for _step in fill(node, labels, reference_of(node), Style.DISJOINT):
            pass
        for _step in restyle_steps(node, Style.DISJOINT):
            pass

    return run


def told_by(node: Any) -> tuple[dict[str, float], dict[str, tuple[float, float]], bool]:
    """The volumes and intervals that the table tells, and whether it says that they were edited."""
    from BrainTumorVAESegLib.slicer.nodes.output import table_of
    from BrainTumorVAESegLib.slicer.nodes.tables import intervals_of, rows_of

    table = table_of(node)
    return rows_of(table), intervals_of(table), table.GetDescription().endswith("Edited since.")


def moved(labels: np.ndarray) -> np.ndarray:
    """The same tumor a voxel further: another mask of the same volumes."""
    return np.roll(labels, 1, axis=0)


def test_another_mask_of_the_same_volumes_is_an_edit_and_has_no_interval(node: Any, arrange: Any, client: Any):
    volumes, intervals, edited = told_by(node)
    assert intervals == INTERVALS and not edited
    arrange(moved(client.labels))
    assert told_by(node) == (pytest.approx(volumes), {}, True)


def test_it_is_not_taken_for_the_answer_where_an_edit_came_between(node: Any, arrange: Any, client: Any):
    volumes = told_by(node)[0]
    arrange(np.where(client.labels == 2, 0, client.labels).astype(np.uint8))
    assert told_by(node)[0]["ED"] == 0
    arrange(moved(client.labels))
    assert told_by(node) == (pytest.approx(volumes), {}, True)


def test_an_edit_that_is_taken_back_brings_the_answer_back(node: Any, arrange: Any, client: Any):
    before = told_by(node)
    arrange(moved(client.labels))
    arrange(client.labels)
    assert told_by(node) == before


def test_wider_intervals_come_with_the_answer_alone(node: Any, arrange: Any, client: Any):
    from BrainTumorVAESegLib.slicer.nodes.output import write_intervals

    wider = {"WT": (0.5, 120.0)}
    arrange(moved(client.labels))
    write_intervals(node, wider)
    assert told_by(node)[1:] == ({}, True)
    arrange(client.labels)
    assert told_by(node)[1:] == (wider, False)
    write_intervals(node, INTERVALS)
    assert told_by(node)[1:] == (INTERVALS, False)


def test_a_table_that_notes_no_mask_is_told_by_its_volumes(node: Any, arrange: Any, client: Any):
    """As those of scenes that were saved before masks were noted."""
    from BrainTumorVAESegLib.slicer.nodes import output

    table = output.table_of(node)
    first = json.loads(table.GetAttribute(output._AS_SEGMENTED))
    del first["mask"]
    table.SetAttribute(output._AS_SEGMENTED, json.dumps(first))
    table.RemoveAttribute(output._MASK)
    arrange(client.labels)
    assert told_by(node)[1:] == (INTERVALS, False)
    arrange(np.zeros_like(client.labels))
    assert told_by(node)[1:] == ({}, True)
    assert set(told_by(node)[0]) == set(Segmentation(client.labels, client.geometry).volumes_ml())


@pytest.mark.parametrize("noted", ["{}", "[]", "0", "no JSON", '{"mask": 1}'])
def test_a_scene_with_a_damaged_note_is_measured_as_edited(node: Any, arrange: Any, client: Any, noted: str):
    from BrainTumorVAESegLib.slicer.nodes import output

    output.table_of(node).SetAttribute(output._AS_SEGMENTED, noted)
    arrange(np.zeros_like(client.labels))
    output.write_intervals(node, INTERVALS)
    assert told_by(node)[1:] == ({}, True)
