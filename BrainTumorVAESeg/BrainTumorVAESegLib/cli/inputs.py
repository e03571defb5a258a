"""Which files a case is made of: a folder's, or four named one by one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from ..core.errors import InputError
from ..core.modalities import MODALITIES, Modality, strip_suffix
from ..images.opening import require_image_file

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True)
class CaseFiles:
    """A case's name, from which those of its results are made, and its images."""

    name: str
    files: Mapping[Modality, Path]


def choose_files(
    folder: Path | None,
    given: Mapping[Modality, Sequence[Path]],
    name: str | None = None,
    optional: Callable[[], Collection[Modality]] = tuple,
) -> CaseFiles:
    """Return the files of a case: those in its folder, or those given by modality.

    optional: tells which modalities may be absent; asked only where one is. Raises typer.BadParameter where both,
    neither or two files for a modality are given, or the name is no file's name; InputError where a file or a needed
    modality is missing, or one file stands for two modalities.
    """
    files = {modality: paths[0] for modality, paths in given.items() if paths}
    twice = [str(modality) for modality, paths in given.items() if len(paths) > 1]
    if twice:
        raise typer.BadParameter(f"{', '.join(twice)} was given twice; give one file for each modality.")
    if folder is not None and files:
        raise typer.BadParameter("Both a case's folder and files were given; give one or the other.")
    if folder is None and not files:
        raise typer.BadParameter("No images were given; give a case's folder, or --t1, --t1ce, --t2 and --flair.")
    if name is not None and (not name or _UNSAFE.search(name) or name.startswith(".")):
        raise typer.BadParameter(f"{name!r} cannot begin a file's name; use letters, digits, dashes and dots.")
    if folder is not None:
        from ..cases.reading import find_case_files

        found = find_case_files(folder, MODALITIES)
        if len(found) < len(MODALITIES):
            found = find_case_files(folder, optional())
        return CaseFiles(name or folder.resolve().name, found)
    if len(files) < len(MODALITIES):
        from ..core.volume import require_modalities

        require_modalities(files, optional())
    _require_each(files)
    return CaseFiles(name or shared_name(list(files.values())), files)


def shared_name(paths: Sequence[Path]) -> str:
    """Return the words with which the files' names all begin, else their common folder's name, else `case`."""
    words = [re.split(r"([._-]+)", strip_suffix(path.name)) for path in paths]
    shared: list[str] = []
    for column in zip(*words, strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    folders = {path.resolve().parent for path in paths}
    folder = folders.pop().name if len(folders) == 1 else ""
    return "".join(shared).strip("._-") or folder or "case"


def _require_each(files: Mapping[Modality, Path]) -> None:
    """Raise InputError where a file is no image that can be opened, or two modalities have the same."""
    seen: dict[str, Modality] = {}
    for modality, path in files.items():
        require_image_file(path)
        other = seen.setdefault(os.path.realpath(path), modality)
        if other is not modality:
            raise InputError(f"{path}: was given for {other} and for {modality}; give each modality its own file.")
