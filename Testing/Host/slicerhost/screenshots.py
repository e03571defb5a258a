"""Pictures of the panel in its states, to be looked at: `python -m slicerhost.screenshots --out FOLDER`.

With the real worker, the package that ships and a made case; needs no screen. Run from Testing/Host. `--views FOLDER`
takes a case's folder and draws what the slice views show of each of its maps instead, and of the threshold as it moves;
`--model` chooses the package.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

WIDTH = 440
_MODULE = Path(__file__).resolve().parents[3] / "BrainTumorVAESeg" / "BrainTumorVAESeg.py"


class Studio:
    """The module in the host, and the pictures of it."""

    def __init__(self, out: Path) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from . import install, load_module

        self.slicer = install()
        self.out = out
        out.mkdir(parents=True, exist_ok=True)
        representation = load_module(_MODULE).widgetRepresentation()
        representation.enter()
        self.panel: Any = representation.self()
        self.ui = self.panel.ui

    def take(self, name: str) -> None:
        """Write a picture of the panel as it is now."""
        from .fonts import grab

        self.slicer.app.processEvents()
        path = grab(self.panel.parent, self.out / f"{name}.png", WIDTH)
        print(path)

    def wait(self, until: Callable[[], object], seconds: float = 120.0) -> None:
        """Process events until something holds. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                raise TimeoutError(self.ui.messageLabel.text or "The panel did not get there.")
            self.slicer.app.processEvents()
            time.sleep(0.01)

    def settle(self) -> None:
        """Wait until nothing runs and the volumes are checked."""
        self.wait(lambda: not self.panel.logic.segmenting.busy and "Checking" not in self.ui.findingsLabel.text)


def take_all(studio: Studio) -> None:
    """Go through the panel's states, from fresh to failed."""
    ui = studio.ui
    studio.wait(lambda: ui.deviceLabel.text)
    studio.take("fresh")
    ui.sampleButton.click()
    studio.wait(lambda: ui.flairSelector.currentNode())
    spoil(ui.t2Selector.currentNode())
    studio.settle()
    studio.take("finding")
    mend(ui.t2Selector.currentNode())
    studio.settle()
    studio.take("assigned")
    ui.applyButton.click()
    studio.wait(lambda: ui.progressBar.value > 30)
    studio.take("running")
    studio.settle()
    studio.take("finished")
    ui.modelCollapsibleButton.collapsed = False
    studio.take("model")
    ui.modelCollapsibleButton.collapsed = True
    take_inspect(studio)
    ui.applyButton.click()
    studio.wait(lambda: ui.progressBar.value > 30)
    os.kill(studio.panel.logic.segmenting.client.worker.pid, 9)
    studio.settle()
    studio.take("failed")


def take_inspect(studio: Studio) -> None:
    """Open the section with a map, the second doubtful slice and a threshold that was moved."""
    ui = studio.ui
    ui.inspectCollapsibleButton.collapsed = False
    ui.mapComboBox.currentIndex = 4
    studio.wait(lambda: ui.legendLabel.visible and ui.nextDoubtfulButton.enabled)
    ui.nextDoubtfulButton.click()
    ui.nextDoubtfulButton.click()
    ui.thresholdSlider.value = 0.3
    studio.wait(lambda: ui.resetThresholdButton.enabled)
    studio.take("inspect")
    ui.inspectCollapsibleButton.collapsed = True


def take_views(studio: Studio, case: Path, model: str = "") -> None:
    """Segment a case; draw the slice views with each map, and with the whole tumor's border at five thresholds."""
    from .sliceviews import SliceViews

    ui = studio.ui
    views = SliceViews()
    studio.panel.parent.show()
    studio.wait(lambda: ui.deviceLabel.text)
    studio.panel.logic.getParameterNode().model = model
    studio.panel.logic.loadCase(case)
    studio.panel.panel.assign()
    studio.settle()
    ui.applyButton.click()
    studio.wait(lambda: ui.segmentationSelector.currentNode() and ui.resultsTable.rowCount, 600)
    views.fit()
    ui.goToTumorButton.click()
    print(views.draw(studio.out / "result.png"))
    ui.inspectCollapsibleButton.collapsed = False
    for index in range(1, ui.mapComboBox.count):
        ui.mapComboBox.currentIndex = index
        studio.wait(lambda: "Making" not in ui.inspectLabel.text and (ui.legendLabel.visible or ui.inspectLabel.text))
        if ui.legendLabel.visible:
            name = f"{index:02}-{studio.panel.logic.getParameterNode().overlay}"
            print(views.draw(studio.out / f"map-{name}.png"))
            studio.take(f"inspect-{name}")
    take_further(studio, views)
    ui.mapComboBox.currentIndex = 0
    for value in (0.1, 0.3, 0.5, 0.7, 0.9):
        ui.thresholdSlider.value = value
        studio.wait(lambda: ui.resetThresholdButton.enabled)
        studio.slicer.app.processEvents()
        print(views.draw(studio.out / f"threshold-{value}.png"))
    ui.resetThresholdButton.click()
    ui.inspectCollapsibleButton.collapsed = True
    take_lesions(studio, views)


def take_further(studio: Studio, views: Any) -> None:
    """Answer mirrored images, and images without each sequence in turn."""
    ui = studio.ui
    studio.take("further-before")
    ui.mirrorButton.click()
    studio.wait(lambda: ui.furtherProgressBar.value > 30, 600)
    studio.take("further-running")
    studio.wait(lambda: not ui.furtherProgressBar.visible and "Making" not in ui.inspectLabel.text, 600)
    print(views.draw(studio.out / f"map-{ui.mapComboBox.count - 1:02}-information.png"))
    ui.contributionsButton.click()
    studio.wait(lambda: ui.contributionsTable.visible, 600)
    studio.take("further-after")


def take_lesions(studio: Studio, views: Any) -> None:
    """Go to each lesion of the table in the views, move a diameter, and edit the segmentation."""
    ui = studio.ui
    studio.take("lesions")
    for row in range(min(ui.lesionsTable.rowCount, 4)):
        ui.lesionsTable.cellClicked.emit(row, 0)
        print(views.draw(studio.out / f"lesion-{ui.lesionsTable.item(row, 0).text().replace(' ', '-')}.png"))
    segmentation = ui.segmentationSelector.currentNode()
    line = segmentation.GetNthNodeReference("BrainTumorVAESeg.diameters", 0)
    if line is not None:
        line.SetNthControlPointPositionWorld(0, [value + 8 for value in line.GetNthControlPointPositionWorld(0)])
    segmentation.GetSegmentation().RemoveSegment("NCR")
    studio.wait(lambda: ui.measureButton.visible)
    studio.take("edited")
    ui.measureButton.click()
    studio.wait(lambda: not ui.measureButton.visible)
    ui.goToTumorButton.click()


def spoil(node: Any) -> None:
    """Put a volume 12 mm away, as if it were not registered."""
    node.SetOrigin(*(value + 12 for value in node.GetOrigin()))


def mend(node: Any) -> None:
    """Put it back."""
    node.SetOrigin(*(value - 12 for value in node.GetOrigin()))


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description="Pictures of the panel in its states.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--model", default="", help="the package (the panel's default)")
    parser.add_argument("--views", type=Path, help="a case's folder: draw its slice views instead")
    arguments = parser.parse_args()
    studio = Studio(arguments.out)
    try:
        if arguments.views:
            take_views(studio, arguments.views.resolve(), arguments.model)
        else:
            take_all(studio)
    finally:
        studio.panel.cleanup()


if __name__ == "__main__":
    main()
