"""The panel with a result and the section Inspect open, and what its tests ask of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from BrainTumorVAESegLib.core.inspection import MAPS
from BrainTumorVAESegLib.core.requests import Explain

PLACES = {kind.key: place for place, kind in enumerate(MAPS, start=1)}


@pytest.fixture
def layers(slices: list[Any], scene: Any) -> list[Any]:
    return [scene.GetNthNodeByClass(n, "vtkMRMLSliceCompositeNode") for n in range(len(slices))]


@pytest.fixture
def inspecting(layers: list[Any], segmented: Any, process_events: Callable[..., bool]) -> Any:
    """The panel with a result, the section open, and the slice views of Slicer."""
    segmented.ui.inspectCollapsibleButton.collapsed = False
    assert process_events(lambda: segmented.ui.nextDoubtfulButton.enabled)
    return segmented


@pytest.fixture
def choose(inspecting: Any, process_events: Callable[..., bool]) -> Callable[[str], Any]:
    """Choose a map by its key and wait until it is shown; returns its node."""

    def run(key: str) -> Any:
        inspecting.ui.mapComboBox.currentIndex = PLACES[key]
        assert process_events(lambda: inspecting.ui.legendLabel.visible and shown_key(inspecting) == key)
        return overlay_of(inspecting)

    return run


def overlay_of(panel: Any) -> Any:
    return panel.ui.segmentationSelector.currentNode().GetNodeReference("BrainTumorVAESeg.map")


def shown_key(panel: Any) -> str:
    node = overlay_of(panel)
    return node.GetAttribute("BrainTumorVAESeg.map") if node is not None else ""


def explained(client: Any) -> list[Explain]:
    return [request for request in client.seen if isinstance(request, Explain)]
