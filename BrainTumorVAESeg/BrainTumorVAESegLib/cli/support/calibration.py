"""The cases that the ranges of networks of 8 bits are taken from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import InputError

if TYPE_CHECKING:
    from ...core.volume import Study

MOST_CASES = 8
"""More change the ranges little, and each takes as long as to segment it."""


def list_studies(folder: Path) -> list[Callable[[], Study]]:
    """Return what reads the case in a folder, or the first few of the cases in its subfolders.

    Raises InputError where there is none, or where one of them is not whole.
    """
    from ...cases.reading import find_case_files, read_case
    from ...images.opening import no_folder

    if not folder.is_dir():
        raise InputError(f"{folder}: {no_folder(folder)}; give a case's, or one with a subfolder for each case.")
    folders = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))[:MOST_CASES]
    if not folders or any(each.is_file() and ".nii" in each.name for each in folder.iterdir()):
        folders = [folder]
    for each in folders:
        find_case_files(each)
    return [partial(read_case, each) for each in folders]
