"""Where one 3D image lies: a file of its own, or one frame of a file of four dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ImageFile:
    """A file, and which of its frames (from 0); None for a file that holds one 3D image."""

    path: Path
    frame: int | None = None

    @classmethod
    def of(cls, source: ImageSource) -> ImageFile:
        """Return a source as an ImageFile; a path alone is a file of one image."""
        return source if isinstance(source, ImageFile) else cls(Path(source))

    def __str__(self) -> str:
        return str(self.path) if self.frame is None else f"{self.path}, frame {self.frame}"


ImageSource = Path | ImageFile
"""What can be read as one 3D image."""
