"""Translation of a module's texts: a stand-in for Slicer's `slicer.i18n`."""

from __future__ import annotations

import sys
from pathlib import Path


def translate(context: str, text: str) -> str:
    """Return a text in the application's language."""
    import slicer

    return str(slicer.app.translate(context, text))


def tr(text: str) -> str:
    """Translate a text in the context of the file that calls: its package's folder, a dot and its name."""
    path = Path(sys._getframe(1).f_code.co_filename)
    package = f"{path.parent.name}." if (path.parent / "__init__.py").is_file() else ""
    return translate(f"{package}{path.stem}", text)
