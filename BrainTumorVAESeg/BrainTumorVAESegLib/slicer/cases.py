"""Cases in folders: their images into the scene, and one case after another to files, for scripts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from ..cases.found import FoundCase
from ..cases.naming import case_name
from ..core.disk.files import outputs
from ..core.errors import BrainTumorVAESegError, InputError, OutputError
from ..core.modalities import MODALITIES, Modality
from ..core.steps import Steps
from ..images.imagefile import ImageFile
from ..models.library import find_package
from .choices import DEFAULT, Choices
from .nodes.belongings import remove_result
from .nodes.removing import remove_nodes
from .nodes.volumes import add_volume
from .segmenting import Segmenting


def load_case(folder: Path, optional: Sequence[Modality] = ()) -> dict[Modality, Any]:
    """Load the images of a case's folder, each recognized by its file's name; return the nodes by modality.

    optional: modalities that may be absent. Raises InputError where one is missing, ambiguous or cannot be read;
    nothing of the case stays in the scene then.
    """
    from ..cases.reading import find_case_files

    nodes: dict[Modality, Any] = {}
    try:
        for modality, path in find_case_files(folder, optional).items():
            nodes[modality] = load_image(path, f"{folder.name} {modality}")
    except InputError:
        remove_nodes(nodes.values())
        raise
    return nodes


def load_image(path: Path, name: str) -> Any:
    """Load an image file as a volume node that no view shows.

    Raises InputError, also where the file is cut off or damaged, which Slicer would load with 0 in place of what lacks.
    """
    from ..images.reading import read_volume

    try:
        node = slicer.util.loadVolume(str(path), {"name": name, "show": False})
    except RuntimeError as error:
        raise InputError(_("{path} cannot be read as a volume.").format(path=path)) from error
    try:
        read_volume(path)  # the library's reader holds a file against its own length and check sum
    except InputError:
        remove_nodes([node])
        raise
    return node


def loading(case: FoundCase, optional: Collection[Modality], loaded: dict[Modality, Any]) -> Steps[None]:
    """Load the images of a case that was found, of files or of a DICOM study, in short steps.

    optional: modalities that may be absent. loaded: takes each node as it comes, so that they can be taken out again.
    Raises InputError.
    """
    files = {modality: ImageFile.of(source) for modality, source in case.images.items()}
    if case.dicom is not None:
        from ..images.dicom import read_series

        choice = yield from case.choosing_series(optional)
        for modality, series in choice.series.items():
            loaded[modality] = add_volume(read_series(series), f"{case.name} {modality}")
            yield
    elif any(file.frame is not None for file in files.values()):
        study = case.read(optional=optional)
        for modality in study:
            yield
            loaded[modality] = add_volume(study[modality], f"{case.name} {modality}")
    else:
        for modality, file in files.items():
            loaded[modality] = load_image(file.path, f"{case.name} {modality}")
            yield


def save_segmentation(node: Any, target: Path) -> None:
    """Write a segmentation node to a file, whole or not at all. Raises OutputError."""
    with outputs(target.parent) as place:
        if not slicer.util.saveNode(node, str(place / target.name)):
            raise OutputError(_("{path} cannot be written; is the disk full?").format(path=target))


def process_cases(
    segmenting: Segmenting, folders: Sequence[Path], out: Path, choices: Choices = DEFAULT
) -> dict[str, str]:
    """Segment one case after another, each to CASE.seg.nrrd; see `BrainTumorVAESegLogic.processCases`.

    Raises InputError where two folders have one name, and PackageError where the model is not there.
    """
    names = [case_name(folder) for folder in folders]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(_("Two cases are called {names}: their results would be one.").format(names=", ".join(twice)))
    optional = find_package(choices.model or None, verify=False).settings.may_lack
    told: dict[str, str] = {}
    for name, folder in zip(names, folders, strict=True):
        try:
            _process_case(segmenting, folder, out / f"{name}.seg.nrrd", choices, optional)
            told[name] = ""
        except BrainTumorVAESegError as error:
            told[name] = str(error)
    return told


def _process_case(
    segmenting: Segmenting, folder: Path, target: Path, choices: Choices, optional: Sequence[Modality]
) -> None:
    """Segment a folder's case to a file; its nodes leave the scene whatever comes."""
    nodes: Mapping[Modality, Any] = {}
    made: Any = None
    try:
        nodes = load_case(folder, optional)
        alone = replace(choices, brain=None)  # a mask is of one head
        outcome = segmenting.run({m: nodes.get(m) for m in MODALITIES}, None, alone)
        made = outcome.segmentation
        save_segmentation(outcome.segmentation, target)
    finally:
        if made is not None:
            remove_result(made)
        remove_nodes(nodes.values())
