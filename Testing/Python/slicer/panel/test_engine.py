"""The choice of what runs the networks: asked of the worker, installed on request, told where it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from BrainTumorVAESegLib.core.errors import Cancelled
from BrainTumorVAESegLib.core.requests import Segment
from optional_packages import OptionalPackage

GPU = 1
BF16, OPENVINO, OPENVINO_BF16 = 1, 2, 3
Process = Callable[..., bool]


@pytest.fixture
def accelerator(assigned: Any) -> OptionalPackage:
    """OpenVINO, installed or not, in place of what Slicer's Python holds."""
    made = OptionalPackage(False, "OpenVINO is not installed: install it, or choose PyTorch.")
    assigned.panel._engine._accelerator = assigned.panel._engine._button.package = made
    return made


def segment(panel: Any, client: Any, process_events: Process) -> Segment:
    panel.ui.applyButton.click()
    assert process_events(lambda: any(isinstance(each[0], Segment) for each in client.requests))
    request = client.requests[0][0]
    client.answer()
    assert process_events(lambda: panel.ui.applyButton.text == "Segment")
    return request


def test_pytorch_in_fp32_is_what_holds_where_nobody_chose(
    assigned: Any, accelerator: OptionalPackage, client: Any, process_events: Process
):
    request = segment(assigned, client, process_events)
    assert (request.engine, request.precision) == ("torch", "auto")
    assert not assigned.ui.installEngineButton.visible


@pytest.mark.parametrize(
    ("index", "asked"),
    [(BF16, ("torch", "bf16")), (OPENVINO, ("openvino", "auto")), (OPENVINO_BF16, ("openvino", "bf16"))],
)
def test_what_is_chosen_is_asked_of_the_worker(
    assigned: Any,
    accelerator: OptionalPackage,
    client: Any,
    process_events: Process,
    index: int,
    asked: tuple[str, str],
):
    accelerator.usable = True
    assigned.ui.engineComboBox.currentIndex = index
    request = segment(assigned, client, process_events)
    assert (request.engine, request.precision) == asked


def test_openvino_that_is_missing_stops_it_until_it_is_installed_on_request(
    assigned: Any, accelerator: OptionalPackage, client: Any
):
    ui, accelerator.error = assigned.ui, Cancelled("Nothing was installed.")
    ui.engineComboBox.currentIndex = OPENVINO
    assert not ui.applyButton.enabled and "install it, or choose PyTorch" in ui.applyButton.toolTip
    assert ui.engineLabel.visible and "is not installed" in ui.engineLabel.text
    assert ui.installEngineButton.visible and ui.installEngineButton.text == "Install OpenVINO (60 MB)..."
    assert accelerator.asked == 0
    ui.installEngineButton.click()
    assert accelerator.asked == 1 and client.stopped == 0, "a no leaves the worker, with what it keeps"
    assert ui.applyButton.toolTip.startswith("Nothing was installed. OpenVINO is not installed")
    accelerator.error = None
    ui.installEngineButton.click()
    assert ui.applyButton.enabled and not ui.installEngineButton.visible and client.stopped == 1


def test_it_is_not_for_the_gpu(assigned: Any, accelerator: OptionalPackage):
    accelerator.usable = True
    assigned.ui.engineComboBox.currentIndex = OPENVINO
    assigned.ui.deviceComboBox.currentIndex = GPU
    assert assigned.ui.applyButton.toolTip == "OpenVINO computes on the processor: choose that, or PyTorch."
    assigned.ui.engineComboBox.currentIndex = BF16
    assert assigned.ui.applyButton.enabled and not assigned.ui.engineLabel.visible
