"""Fonts and the look of pictures: offscreen, Qt has no fonts of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication


def add_fonts() -> None:
    """Give the application DejaVu Sans from matplotlib's package where the machine offers no font."""
    import matplotlib

    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf"):
        QFontDatabase.addApplicationFont(str(folder / name))
    QApplication.setFont(QFont("DejaVu Sans", 9))
    QApplication.setStyle("Fusion")


def grab(widget: Any, path: str | Path, width: int = 480) -> Path:
    """Draw a widget as it would be on a screen, as wide as given and as high as it wants to be; write a PNG.

    Args:
        widget: Any widget; a panel's `uiWidget` or the module's whole widget.
        path: The file to write.
        width: In pixels. Slicer's module panel is about 480 wide.
    """
    widget.setFixedWidth(width)
    widget.show()
    for _ in range(3):  # layouts settle in a few turns
        QApplication.processEvents()
        height = max(widget.layout().totalHeightForWidth(width) if widget.layout() else -1, widget.sizeHint().height())
        widget.resize(width, height)
    if not widget.grab().save(str(path)):
        raise OSError(f"{path} could not be written.")
    return Path(path)
