# ruff: noqa: N802, N803 (the names are Slicer's)
"""Sample data sets: a stand-in for Slicer's module SampleData, which registers and loads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer

__all__ = ["SampleDataLogic", "SampleDataSource", "downloadSample", "downloadSamples"]


def _several(value: Any, count: int) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value] * count


class SampleDataSource:
    """One data set: names, addresses and files, a list of each."""

    def __init__(
        self,
        sampleName: str | None = None,
        sampleDescription: str | None = None,
        uris: Any = None,
        fileNames: Any = None,
        nodeNames: Any = None,
        checksums: Any = None,
        loadFiles: Any = None,
        customDownloader: Any = None,
        thumbnailFileName: str | None = None,
        loadFileTypes: Any = None,
        loadFileProperties: dict[str, Any] | None = None,
    ) -> None:
        count = len(uris) if isinstance(uris, list | tuple) else 1
        self.sampleName, self.sampleDescription = sampleName, sampleDescription or sampleName
        self.uris, self.fileNames = _several(uris, count), _several(fileNames, count)
        self.nodeNames, self.checksums = _several(nodeNames, count), _several(checksums, count)
        self.loadFiles, self.loadFileTypes = _several(loadFiles, count), _several(loadFileTypes, count)
        self.customDownloader, self.thumbnailFileName = customDownloader, thumbnailFileName
        self.loadFileProperties = loadFileProperties or {}
        if {len(getattr(self, n)) for n in ("fileNames", "nodeNames", "checksums", "loadFiles")} != {count}:
            raise ValueError("All fields of sample data source must have the same length")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SampleDataSource) and str(vars(self)) == str(vars(other))


class SampleDataLogic:
    """The sources by category, in `slicer.modules.sampleDataSources`."""

    def __init__(self, logMessage: Any = None) -> None:
        pass

    @staticmethod
    def registerCustomSampleDataCategory(category: str, title: str) -> None:
        if not hasattr(slicer.modules, "sampleDataSourceCategories"):
            slicer.modules.sampleDataSourceCategories = {}
        slicer.modules.sampleDataSourceCategories[category] = {"title": title}

    @staticmethod
    def registerCustomSampleDataSource(category: str = "Custom", **fields: Any) -> None:
        if not hasattr(slicer.modules, "sampleDataSources"):
            slicer.modules.sampleDataSources = {}
        sources = slicer.modules.sampleDataSources.setdefault(category, [])
        source = SampleDataSource(**fields)
        if source not in sources:
            sources.append(source)

    def sourceForSampleName(self, sampleName: str) -> SampleDataSource | None:
        sources = [s for several in slicer.modules.sampleDataSources.values() for s in several]
        return next((source for source in sources if source.sampleName == sampleName), None)

    def downloadFromSource(self, source: SampleDataSource) -> list[Any]:
        folder = Path(slicer.app.temporaryPath)
        loaded = []
        for uri, file, name, checksum in zip(
            source.uris, source.fileNames, source.nodeNames, source.checksums, strict=True
        ):
            slicer.util.downloadFile(uri, str(folder / file), checksum)
            loaded.append(slicer.util.loadVolume(str(folder / file), {"name": name, **source.loadFileProperties}))
        return loaded

    def downloadSamples(self, sampleName: str) -> list[Any]:
        source = self.sourceForSampleName(sampleName)
        return self.downloadFromSource(source) if source is not None else []

    def downloadSample(self, sampleName: str) -> Any:
        return self.downloadSamples(sampleName)[0]


def downloadSample(sampleName: str) -> Any:
    """Load a data set and return its first node."""
    return SampleDataLogic().downloadSample(sampleName)


def downloadSamples(sampleName: str) -> list[Any]:
    """Load a data set and return its nodes."""
    return SampleDataLogic().downloadSamples(sampleName)
