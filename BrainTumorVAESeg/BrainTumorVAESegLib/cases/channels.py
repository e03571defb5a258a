"""Which frame of a file, or which of several numbered files, is which modality: told by a data set's table.

nnU-Net writes a file for each channel, `CASE_0000.nii.gz` and so on, MSD one file of four dimensions. What channel or
frame is what stands in `dataset.json` beside them or one folder above (`channel_names`, formerly `modality`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..core.modalities import MODALITIES, Modality, is_image_name, recognise_modality, strip_suffix

TABLE_FILE = "dataset.json"
_CHANNEL = re.compile(r"(.+)_(\d{4})")


def channel_files(files: Iterable[Path]) -> dict[str, dict[int, Path]]:
    """Return case -> channel -> file of those that are named as nnU-Net names them."""
    found: dict[str, dict[int, Path]] = {}
    for file in files:
        match = _CHANNEL.fullmatch(strip_suffix(file.name)) if is_image_name(file) else None
        if match:
            found.setdefault(match[1], {})[int(match[2])] = file
    return found


def channels_of(stem: Path) -> dict[int, Path]:
    """Return the numbered files of a case, given as their folder and what their names begin with; none is none."""
    folder = stem.parent
    return channel_files(sorted(folder.iterdir())).get(strip_suffix(stem.name), {}) if folder.is_dir() else {}


def table_of(values: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the table of channels that a data set's description holds."""
    return next((values[key] for key in ("channel_names", "modality") if isinstance(values.get(key), Mapping)), None)


def find_table(folder: Path) -> Path | None:
    """Return the description of the data set that a folder's files belong to: in it, or in the one above."""
    return next((place for up in (folder, folder.parent) if (place := up / TABLE_FILE).is_file()), None)


def read_table(path: Path) -> Mapping[str, Any] | None:
    """Return the table of channels of a data set's description. Raises InputError where it cannot be read."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read as a data set's description ({error}); give a JSON file.") from error
    return table_of(values) if isinstance(values, dict) else None


def named_channels(table: Mapping[str, Any] | None, of: object, where: object) -> dict[Modality, int]:
    """Return the channel or frame of each modality. Raises InputError where the table does not name all four, once.

    of: what it must name, and where: whence it is, for messages.
    """
    if table is None or not all(str(key).isdecimal() for key in table):
        raise InputError(f'{where}: does not name the frames of {of}; add "channel_names": {{"0": "FLAIR", ...}}.')
    found: dict[Modality, int] = {}
    for number, said in table.items():
        modality = recognise_modality(str(said))
        if modality in found:
            raise InputError(f"{where}: two frames are called {modality}; name each once in its table of channels.")
        if modality is not None:
            found[modality] = int(number)
    return {modality: found[modality] for modality in MODALITIES if modality in found}
