"""Segment one case: a folder with T1, T1ce, T2 and FLAIR, or a made brain where none is given.

For instance::

    python Examples/segment_case.py
    python Examples/segment_case.py path/to/case --out results
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from BrainTumorVAESegLib.cases.reading import read_case
from BrainTumorVAESegLib.core.errors import BrainTumorVAESegError
from BrainTumorVAESegLib.images.writing import write_label_map, write_segmentation_nrrd
from BrainTumorVAESegLib.inference.segmenting import Options, segment
from BrainTumorVAESegLib.models.library import find_package
from BrainTumorVAESegLib.phantom.cases import write_phantoms


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, segment, tell and write one case."""
    parser = argparse.ArgumentParser(description="Segment one case.")
    parser.add_argument("case", type=Path, nargs="?", help="its folder; a made brain where none is given")
    parser.add_argument("--out", type=Path, default=Path("out/segment_case"), help="folder for what is written")
    parser.add_argument("--model", help="a package's name or folder; the one that ships where none is given")
    parser.add_argument("--spacing", type=float, default=2.0, help="size of the made brain's voxels in mm")
    given = parser.parse_args(arguments)

    if given.case is None:  # write the images of a made brain, so that all goes on as with real ones
        (name,) = write_phantoms(given.out, count=1, spacing=given.spacing)
        given.case = given.out / name

    # A study is four volumes by modality, each with its place in the patient. Files are told apart by their names.
    study = read_case(given.case)

    # A package holds the networks and all that belongs to them; its files are verified before they are used.
    package = find_package(given.model)

    # Check, prepare, run both stages, and come back to T1ce's own grid. What the check finds stops it only if grave.
    result = segment(study, package, Options(device="auto"))
    for finding in result.findings:
        print(finding)
    for note in result.notes:
        print(note)
    for key, volume in result.segmentation.volumes_ml().items():
        print(f"{key:>4} {volume:8.2f} ml")

    # The labels as a plain label map, and as named and colored segments that Slicer opens.
    given.out.mkdir(parents=True, exist_ok=True)
    write_label_map(result.segmentation, given.out / f"{study.name}_seg.nii.gz")
    write_segmentation_nrrd(result.segmentation, given.out / f"{study.name}.seg.nrrd")
    print(f"segmented by {package.name} {package.version} on {result.device}; written to {given.out}")


if __name__ == "__main__":
    try:
        main()
    except BrainTumorVAESegError as error:  # one plain sentence for a person, with what to do
        raise SystemExit(f"error: {error}") from error
