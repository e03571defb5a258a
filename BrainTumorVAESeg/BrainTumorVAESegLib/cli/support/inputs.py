"""Which files a case is made of: a folder's, or four named one by one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ...core.errors import InputError
from ...core.modalities import MODALITIES, Modality, recognise_modality, strip_suffix
from ...images.opening import require_image_file

if TYPE_CHECKING:
    from ...images.imagefile import ImageSource

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True)
class CaseFiles:
    """A case's name, from which those of its results are made, and its images.

    order: a sentence on which frame of a file is which modality, where that had to be told.
    """

    name: str
    files: Mapping[Modality, ImageSource]
    order: str = ""


def parse_frames(text: str) -> tuple[Modality, ...]:
    """Return the modalities that the frames of a file are, in their order: `FLAIR,T1,T1ce,T2`.

    Raises typer.BadParameter where one is none, or is named twice.
    """
    words = [word.strip() for word in str(text).split(",")]
    told = [(word, recognise_modality(word)) for word in words]
    unknown = [word for word, modality in told if modality is None]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is no modality; write the frames in their order: FLAIR,T1,T1ce,T2.")
    frames = tuple(modality for _, modality in told if modality is not None)
    if len(set(frames)) < len(frames):
        raise typer.BadParameter(f"{text!r} names a modality twice; name each once, in the order of the frames.")
    return frames


def choose_files(
    folder: Path | None,
    given: Mapping[Modality, Sequence[Path]],
    name: str | None = None,
    optional: Callable[[], Collection[Modality]] = tuple,
    frames: Sequence[Modality] = (),
) -> CaseFiles:
    """Return the files of a case: those in its folder, the frames of one file, or those given by modality.

    frames: the order of a file's frames, where no `dataset.json` beside it is to tell it.
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
    require_name(name)
    if folder is not None:
        from ...cases.sources import find_case

        if frames and folder.is_dir():
            raise typer.BadParameter("--frames belongs to one file of several frames; a folder's images have names.")
        found = find_case(folder, MODALITIES, frames)
        if len(found.images) < len(MODALITIES):
            found = find_case(folder, optional(), frames)
        return CaseFiles(name or found.name, found.images, found.order)
    if frames:
        raise typer.BadParameter("--frames belongs to one file of several frames; give that in place of a folder.")
    if len(files) < len(MODALITIES):
        from ...core.volume import require_modalities

        require_modalities(files, optional())
    _require_each(files)
    return CaseFiles(name or shared_name(list(files.values())), files)


def require_name(name: str | None) -> None:
    """Raise typer.BadParameter where a name was given that is no file's."""
    if name is not None and (not name or _UNSAFE.search(name) or name.startswith(".")):
        raise typer.BadParameter(f"{name!r} cannot begin a file's name; use letters, digits, dashes and dots.")


def shared_name(paths: Sequence[Path]) -> str:
    """Return the words with which the files' names all begin, else their common folder's name, else `case`."""
    words = [re.split(r"([._-]+)", strip_suffix(path.name)) for path in paths]
    shared: list[str] = []
    for column in zip(*words, strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    from ...cases.naming import case_name

    folders = {case_name(path.parent) for path in paths}
    folder = folders.pop() if len({os.path.abspath(path.parent) for path in paths}) == 1 else ""
    return "".join(shared).strip("._-") or folder or "case"


def _require_each(files: Mapping[Modality, Path]) -> None:
    """Raise InputError where a file is no image that can be opened, or two modalities have the same."""
    seen: dict[str, Modality] = {}
    for modality, path in files.items():
        require_image_file(path)
        other = seen.setdefault(os.path.realpath(path), modality)
        if other is not modality:
            raise InputError(f"{path}: was given for {other} and for {modality}; give each modality its own file.")
