"""The images of a case that a person points at: a folder, a file of several frames, or numbered files of nnU-Net's."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import InputError
from ..core.modalities import MODALITIES, Modality, is_image_name, strip_suffix
from ..images.imagefile import ImageFile, ImageSource
from .channels import channels_of, find_table, named_channels, read_table
from .naming import case_name
from .reading import find_case_files


@dataclass(frozen=True)
class CaseSource:
    """A case's name and its images; order: which frame or number is which, and who says so, where that is a table's."""

    name: str
    images: Mapping[Modality, ImageSource]
    order: str = ""


def find_case(path: Path, optional: Collection[Modality] = (), frames: Sequence[Modality] = ()) -> CaseSource:
    """Find a case's images.

    path: a folder (see `find_case_files`), a file of four dimensions, or nnU-Net's files up to their numbers
    (`imagesTs/CASE`). optional: modalities that may be absent. frames: the order of a file's frames, which goes before
    the table of a data set; one of both is needed. Raises InputError.
    """
    if os.path.isdir(path):  # Path's own questions raise where a folder may not be entered
        return CaseSource(case_name(path), find_case_files(path, optional))
    numbered = {} if os.path.exists(path) else channels_of(path)
    if not numbered and not (os.path.isfile(path) and is_image_name(path)):
        return CaseSource(path.name, find_case_files(path, optional))  # which says what is wrong
    name = strip_suffix(path.name)
    if frames:
        where, channels = "as given", {modality: number for number, modality in enumerate(frames)}
    else:
        table = find_table(path.parent)
        if table is None:
            raise InputError(
                f"{path}: nothing tells which frame is which; give --frames, such as --frames FLAIR,T1,T1ce,T2."
            )
        where, channels = f"by {table.name}", named_channels(read_table(table), path.name, table)
    images: dict[Modality, ImageSource] = (
        {modality: numbered[number] for modality, number in channels.items() if number in numbered}
        if numbered
        else {modality: ImageFile(path, number) for modality, number in channels.items()}
    )
    missing = [str(m) for m in MODALITIES if m not in images and m not in optional]
    if missing:
        raise InputError(f"{path}: {', '.join(missing)} missing; give T1, T1ce, T2 and FLAIR.")
    told = ", ".join(f"{number} {modality}" for modality, number in sorted(channels.items(), key=lambda item: item[1]))
    return CaseSource(name, images, f"{path.name}: frames {told}, {where}")
