"""The panel fits beside the views: it never makes Slicer's dock wider than that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from BrainTumorVAESegLib.core.findings import Finding, Severity
from BrainTumorVAESegLib.core.modalities import Modality

DOCK = 310
"""Pixels that Slicer gives its module panel at first; 330 are asked for at most."""
NAME = "UPENN-GBM-00055_11_" + "T1ce_registered_to_the_first_examination_" * 3


def test_the_panel_is_narrow_with_everything_shown(
    segmented: Any, client: Any, volumes: dict[Modality, Any], host: Any, process_events: Callable[..., bool]
) -> None:
    import qt

    ui = segmented.ui
    for modality, node in volumes.items():
        node.SetName(NAME + modality.value)
    ui.segmentationSelector.currentNode().SetName(NAME)
    client.findings = tuple(
        Finding("odd", Severity.ERROR, f"{NAME}{m} is odd.", f"Look at {NAME}.", m) for m in (*volumes, None)
    )
    volumes[Modality.T1].GetImageData().Modified()
    segmented.panel.refresh()
    assert process_events(lambda: "is odd" in ui.findingsLabel.text)
    segmented.panel.stop(NAME)
    for name in ("noticeLabel", "deviceLabel", "resultLabel", "modelLabel", "messageLabel"):
        getattr(ui, name).text = NAME
    for combo in (ui.modelComboBox, ui.deviceComboBox):
        combo.addItem(NAME)
    for widget in segmented.parent.findChildren(qt.QWidget):
        if widget.objectName and not widget.isWindow():
            widget.setVisible(True)
    for section in ("inputs", "model", "segment", "results"):
        getattr(ui, f"{section}CollapsibleButton").collapsed = False
    process_events(seconds=0.05)
    wide = {
        widget.objectName: widget.minimumSizeHint().width()
        for widget in segmented.parent.findChildren(qt.QWidget)
        if widget.minimumSizeHint().width() > DOCK and widget.sizePolicy.horizontalPolicy() != qt.QSizePolicy.Ignored
    }
    assert segmented.parent.layout().minimumSize().width() <= DOCK, wide
