"""Lists of cases in JSON: `split.json` (names or folders by part) and those of MSD and MONAI (files by case).

A list is an object whose parts are lists. An entry is a case's name or folder, or `{"image": ..., "label": ...}` with
either one file of four dimensions, whose frames the list's `modality` names, or a file for each modality. The list's
`labels` says which value is which label: it, and no guess, makes the convention. All paths are relative to the list.
nnU-Net's `dataset.json` names its channels, and its cases are those of its folders.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..core.labels import LabelConvention
from ..core.modalities import MODALITIES, Modality, recognise_files, strip_suffix
from ..images.imagefile import ImageFile, ImageSource
from .channels import channel_files, channels_of, named_channels, table_of
from .label_tables import convention_of_table
from .labelled import LabelledCase, convention_of, patient_of

_PARTS = (("train", "training"), ("validation", "val", "valid"), ("test", "testing"))
"""Names of parts that mean the same."""
_NNUNET = {"train": ("imagesTr", "labelsTr"), "test": ("imagesTs", "labelsTs")}
"""Where nnU-Net has the images and the ground truths of a part."""


@dataclass(frozen=True)
class DataList:
    """A list as read: its file and the object that it holds."""

    path: Path
    values: Mapping[str, Any]

    @property
    def root(self) -> Path:
        """The folder that its paths are relative to."""
        return self.path.parent

    def part(self, name: str) -> list[Any]:
        """Return the entries of a part, `train` being `training` as well, and so on. Raises InputError for none."""
        same = next((names for names in _PARTS if name in names), (name,))
        entries = next((self.values[key] for key in (name, *same) if key in self.values), None)
        folders = next((_NNUNET[key] for key in same if key in _NNUNET), None)
        if not isinstance(entries, list) and "channel_names" in self.values and folders:
            return list(_numbered_entries(self.root, *folders))
        if not isinstance(entries, list):
            if entries is not None:
                raise InputError(f"{self.path}: its part {name} is no list of cases; correct the file.")
            known = ", ".join(str(key) for key, value in self.values.items() if isinstance(value, list))
            raise InputError(f"{self.path}: has no part {name}; its parts are {known or 'none'}.")
        return entries


def read_data_list(path: Path) -> DataList:
    """Read a list. Raises InputError where it is none."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as a list of cases ({error}); give a JSON file.") from error
    if not isinstance(values, dict):
        raise InputError(f'{path}: is no list of cases; it must look like {{"train": ["case1", ...], ...}}.')
    return DataList(path, values)


@dataclass(frozen=True)
class ListedCase:
    """A case that a list tells by its files, which are not looked at before `look` or `images` is called.

    truth: None where the entry has no label.
    """

    listed: DataList
    name: str
    paths: Sequence[Path]
    truth: Path | None

    def look(self) -> LabelledCase:
        """Return the case with its ground truth. Raises InputError."""
        truth = self.truth
        if truth is None:
            raise InputError(f"{self.listed.path}: {self.name}: has no label; give a part that has labels.")
        self._require_files(truth)
        images = self._find()
        _require_modalities(self, images)
        convention = _convention(self.listed, len(self.paths) == 1) or convention_of(self.name)
        return LabelledCase(self.name, truth.parent, images, truth, patient_of(self.name), convention)

    def images(self, optional: Collection[Modality] = ()) -> dict[Modality, ImageSource]:
        """Return the case's images, whether it has a ground truth or not. Raises InputError."""
        self._require_files()
        images = self._find()
        _require_modalities(self, images, optional)
        return images

    def _find(self) -> dict[Modality, ImageSource]:
        if len(self.paths) > 1:
            return _files(self.listed, self.name, self.paths)
        return _frames(self.listed, self.paths[0], self._numbered())

    def _numbered(self) -> Mapping[int, Path]:
        first = self.paths[0]
        return channels_of(first) if len(self.paths) == 1 and not first.is_file() else {}

    def _require_files(self, *more: Path) -> None:
        gone = [str(path) for path in (*(() if self._numbered() else self.paths), *more) if not path.is_file()]
        if gone:
            raise InputError(f"{self.listed.path}: {self.name}: no such file: {', '.join(gone)}; check the list.")


def listed_cases(listed: DataList, part: str, labelled: bool = True) -> Iterator[ListedCase]:
    """Give each case that a part tells by its files. labelled: an entry without a label raises InputError."""
    for entry in listed.part(part):
        if isinstance(entry, Mapping):
            yield ListedCase(listed, *_entry(listed, entry, labelled))


def _numbered_entries(root: Path, images: str, labels: str) -> Iterator[dict[str, str]]:
    """Give an entry for each case of nnU-Net's folders; the image is what its files' names begin with."""
    truths = {strip_suffix(file.name): file for file in _files_of(root / labels)}
    for name, files in channel_files(_files_of(root / images)).items():
        first = next(iter(files.values())).name
        truth = truths.get(name, root / labels / f"{name}{first[len(strip_suffix(first)) :]}")
        yield {"image": f"{images}/{name}", "label": f"{labels}/{truth.name}"}


def _files_of(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if not file.name.startswith(".")) if folder.is_dir() else []


def _entry(listed: DataList, entry: Mapping[str, Any], labelled: bool) -> tuple[str, list[Path], Path | None]:
    """Return an entry's name, its images and its label, None where it has none and need not have one."""
    images, label = entry.get("image"), entry.get("label")
    several = [value for value in (images if isinstance(images, list) else [images]) if isinstance(value, str)]
    if not several or (labelled and not isinstance(label, str)):
        needed = ("image and label", "both") if labelled else ("image", "its files")
        raise InputError(f"{listed.path}: the entry {dict(entry)} has no {needed[0]}; give the paths of {needed[1]}.")
    paths = [listed.root / value for value in several]
    truth = listed.root / label if isinstance(label, str) else None
    folders = {path.parent for path in (*paths, truth or paths[0])}
    alone = len(paths) > 1 and len(folders) == 1
    return paths[0].parent.name if alone else strip_suffix((truth or paths[0]).name), paths, truth


def _require_modalities(case: ListedCase, images: Collection[Modality], optional: Collection[Modality] = ()) -> None:
    missing = [str(modality) for modality in MODALITIES if modality not in images and modality not in optional]
    if missing:
        raise InputError(f"{case.listed.path}: {case.name}: {', '.join(missing)} missing; give T1, T1ce, T2 and FLAIR.")


def _frames(listed: DataList, path: Path, numbered: Mapping[int, Path]) -> dict[Modality, ImageSource]:
    """Return the frames of a file of four dimensions, or the numbered files of a case, by the list's table."""
    channels = named_channels(table_of(listed.values), path.name, listed.path)
    if not numbered:
        return {modality: ImageFile(path, number) for modality, number in channels.items()}
    return {modality: numbered[number] for modality, number in channels.items() if number in numbered}


def _files(listed: DataList, name: str, paths: Sequence[Path]) -> dict[Modality, ImageSource]:
    by_name = {path.name: path for path in paths}
    found: dict[Modality, ImageSource] = {}
    for file, modality in recognise_files(by_name).items():
        if modality in found:
            raise InputError(
                f"{listed.path}: {name}: {found[modality]} and {file} both look like {modality}; keep one."
            )
        if modality is not None:
            found[modality] = by_name[file]
    return found


def _convention(listed: DataList, required: bool) -> LabelConvention | None:
    """Return the convention that the list's table of labels tells. Raises InputError where it tells none."""
    table = listed.values.get("labels")
    if table is None and not required:
        return None
    convention = convention_of_table(table)
    if convention is None:
        raise InputError(
            f"{listed.path}: its labels {table} do not tell the values of edema, of the non-enhancing and of the"
            ' enhancing tumor; give them as MSD does, "labels": {"1": "edema", ...}.'
        )
    return convention
