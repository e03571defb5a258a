"""Slicer's DICOM database made of a small patient's study, and volume nodes as Slicer's DICOM reader leaves them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.volume import Volume

__all__ = ["dicom_scene"]


class DicomScene:
    """Puts series into the database and their volumes into the scene, under the item of a study."""

    def __init__(self, host: Any, folder: Path) -> None:
        from slicerhost.dicomdatabase import ctkDICOMDatabase

        self.host, self.folder = host, folder
        self.database = ctkDICOMDatabase()
        self.database.openDatabase(str(folder))
        hierarchy = host.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(host.mrmlScene)
        subject = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "P1")
        self.study = hierarchy.CreateStudyItem(subject, "MR brain")
        self.hierarchy = hierarchy

    def add(self, volume: Volume, name: str = "", enhanced: bool = False, **tags: Any) -> Any:
        """Write a volume as a series into a folder of its own, index it and load it; returns its node."""
        from dicomstudies import write_enhanced, write_series

        folder = self.folder / f"series-{tags['SeriesNumber']}"
        write = write_enhanced if enhanced else write_series
        uid = write(volume, folder / "image.dcm" if enhanced else folder, **tags)
        for path in sorted(folder.iterdir()):
            self.database.insert(str(path))
        matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.geometry.index_to_physical
        described = f"{tags['SeriesNumber']}: {tags.get('SeriesDescription', '')}"
        node = self.host.util.addVolumeFromArray(volume.array, matrix, name or described)
        node.SetAttribute("DICOM.instanceUIDs", " ".join(self.database.instancesForSeries(uid)))
        item = self.hierarchy.CreateItem(self.study, node)
        self.hierarchy.SetItemAttribute(item, "DICOM.SeriesDescription", tags.get("SeriesDescription", ""))
        return node

    def add_all(self, volumes: Mapping[Any, Volume], **changes: Mapping[str, Any]) -> dict[Any, Any]:
        """Put in a series for each volume, with the usual tags; changes: tags by modality's name."""
        from dicomstudies import TAGS

        return {m: self.add(volumes[m], **{**TAGS[m], **changes.get(m.name, {})}) for m in volumes}


@pytest.fixture
def dicom_scene(scene: Any, host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DicomScene]:
    """An empty scene beside an open database."""
    made = DicomScene(host, tmp_path / "dicom")
    monkeypatch.setattr(host, "dicomDatabase", made.database, raising=False)
    yield made
