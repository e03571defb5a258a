"""The sample cases that Slicer's Sample Data offers, and the phantom in the scene; nothing is downloaded here."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES, recognise_modality
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom

SMALL = PhantomSettings(size=(48, 56, 40), spacing=4.0)


@pytest.fixture
def samples(scene: Any) -> Any:
    """The module under test, over an empty scene."""
    from BrainTumorVAESegLib.slicer import samples

    return samples


@pytest.fixture
def sources(samples: Any, host: Any) -> dict[str, Any]:
    """Name -> what Sample Data knows of each of our samples."""
    samples.register()
    return {source.sampleName: source for source in host.modules.sampleDataSources[samples.CATEGORY]}


def test_two_public_cases_and_the_phantom_are_offered_once(sources: dict[str, Any], samples: Any, host: Any) -> None:
    samples.register()
    names = [source.sampleName for source in host.modules.sampleDataSources[samples.CATEGORY]]
    assert names == ["BraTS-GLI-00001", "BraTS-SSA-00002", samples.PHANTOM]


@pytest.mark.parametrize("name", ["BraTS-GLI-00001", "BraTS-SSA-00002"])
def test_a_public_case_is_four_files_with_checksums_and_names_that_tell(sources: dict[str, Any], name: str) -> None:
    source = sources[name]
    assert [recognise_modality(node) for node in source.nodeNames] == list(MODALITIES)
    assert [recognise_modality(file) for file in source.fileNames] == list(MODALITIES)
    assert [uri.rsplit("/", 1)[1] for uri in source.uris] == list(source.fileNames)
    assert all(uri.startswith("https://github.com/lassoan/SlicerMONAIAuto3DSeg/releases/") for uri in source.uris)
    assert all(re.fullmatch("SHA256:[0-9a-f]{64}", checksum) for checksum in source.checksums)
    assert len(set(source.checksums)) == len(MODALITIES)


def test_each_sample_has_its_own_thumbnail(sources: dict[str, Any]) -> None:
    pictures = [Path(source.thumbnailFileName) for source in sources.values()]
    assert len(set(pictures)) == len(sources)
    for picture in pictures:
        header = picture.read_bytes()[:24]
        assert (int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")) == (260, 280), picture


def test_the_phantom_lies_in_the_scene_as_it_was_made(samples: Any, host: Any) -> None:
    nodes = samples.load_phantom(SMALL)
    study = make_phantom(SMALL).study
    assert list(nodes) == list(MODALITIES)
    for modality, node in nodes.items():
        assert recognise_modality(node.GetName()) is modality
        assert np.array_equal(host.util.arrayFromVolume(node), study[modality].array)
        matrix = host.util.arrayFromVTKMatrix(_ijk_to_ras(node))
        assert np.allclose(np.diag([-1, -1, 1, 1]) @ matrix, study[modality].geometry.index_to_physical)
        assert node.GetDisplayNode() is not None


def test_the_phantoms_button_makes_it_without_the_network(
    samples: Any, sources: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(samples, "_maker", SimpleNamespace(start=lambda done, failed: started.append("phantom")))
    source = sources[samples.PHANTOM]
    source.customDownloader(source)
    assert started == ["phantom"]


def _ijk_to_ras(node: Any) -> Any:
    import vtk

    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return matrix
