"""The files that a segmentation leaves, and their writing: all of them or none."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.disk.files import outputs, write_json
from ..core.rounding import as_written

if TYPE_CHECKING:
    from ..core.labels import LabelConvention
    from ..core.segmentation import Segmentation
    from ..core.volume import Study


@dataclass(frozen=True)
class ResultFiles:
    """Where a case's results go; probabilities, montage, report and its PDF only where they are wanted."""

    folder: Path
    name: str
    probabilities: bool = False
    montage: bool = False
    report: bool = False
    pdf: bool = False

    @property
    def names(self) -> dict[str, str]:
        """What -> the file's name in the folder."""
        files = {"labels": f"{self.name}_seg.nii.gz", "segmentation": f"{self.name}.seg.nrrd"}
        if self.probabilities:
            files["probabilities"] = f"{self.name}_probabilities.nii.gz"
        if self.montage:
            files["montage"] = f"{self.name}.png"
        if self.report:
            files["report"] = report_name(self.name)
        if self.pdf:
            files["pdf"] = report_name(self.name, ".pdf")
        return {**files, "summary": f"{self.name}.json"}

    @property
    def paths(self) -> dict[str, Path]:
        """What -> the file's path."""
        return {what: self.folder / name for what, name in self.names.items()}


def report_name(name: str, ending: str = ".html") -> str:
    """Return how the file with a case's report is called."""
    return f"{name}_report{ending}"


def write_results(
    files: ResultFiles,
    study: Study,
    segmentation: Segmentation,
    convention: LabelConvention,
    title: str,
    summarize: Callable[[float], dict[str, Any]],
    write_more: Callable[[Path], dict[str, Any]] = lambda _: {},
    write_last: Callable[[Path, Mapping[str, Any]], None] = lambda _, summary: None,
) -> dict[str, Any]:
    """Write all of a case's results, or none, and return the summary.

    summarize takes the seconds that the writing took so far and returns the summary as plain JSON values. write_more
    takes the folder to write further files to, and returns what the summary tells of them. write_last takes the folder
    and the summary, for what is made from that. Raises OutputError.
    """
    from ..images.writing import write_label_map, write_probabilities, write_segmentation_nrrd

    start = time.perf_counter()
    with outputs(files.folder) as folder:
        names = files.names
        write_label_map(segmentation, folder / names["labels"], convention)
        write_segmentation_nrrd(segmentation, folder / names["segmentation"])
        if files.probabilities:
            write_probabilities(segmentation, folder / names["probabilities"])
        if files.montage:
            from ..reporting.montage import write_montage

            write_montage(study, segmentation, folder / names["montage"], title)
        more = write_more(folder)
        summary = as_written({**summarize(time.perf_counter() - start), **more})
        if "preparation" in more:
            summary["preparation"] = more["preparation"]  # whose transforms are applied when it is read again
        write_json(folder / names["summary"], summary)
        write_last(folder, summary)
    return summary
