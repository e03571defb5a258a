"""Where the files that come with the library lie: model packages and training recipes.

Three layouts are known: a checkout and Slicer's install tree, where `Resources` stands beside the library, and an
installed wheel, where it stands inside the library.
"""

from __future__ import annotations

from pathlib import Path

from .errors import PackageError

_LIBRARY = Path(__file__).resolve().parent.parent
_PARTS = ("Models", "Recipes")


def resources_folder() -> Path:
    """Return the folder that holds `Models` and `Recipes`.

    Raises PackageError where neither layout holds one of them.
    """
    # Inside first: beside an installed wheel lies all of site-packages, where a stranger's Resources may stand.
    candidates = (_LIBRARY / "Resources", _LIBRARY.parent / "Resources")
    for folder in candidates:
        if any((folder / part).is_dir() for part in _PARTS):
            return folder
    places = " and ".join(str(folder) for folder in candidates)
    raise PackageError(
        f"The library's Resources folder is missing (looked at {places}); install BrainTumorVAESeg again."
    )
