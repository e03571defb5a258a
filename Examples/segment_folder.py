"""Segment every case of a folder with the networks loaded once, and write a table of volumes.

    python Examples/segment_folder.py path/to/cases --out results

A case is a subfolder with its four images. One that fails is named at the end and stops no other.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

from BrainTumorVAESegLib.cases.reading import read_case
from BrainTumorVAESegLib.core.errors import BrainTumorVAESegError
from BrainTumorVAESegLib.images.writing import write_segmentation_nrrd
from BrainTumorVAESegLib.inference.segmenting import Segmenter
from BrainTumorVAESegLib.models.library import find_package

COLUMNS = ("case", "NCR", "ED", "ET", "WT", "TC")


def main(arguments: Sequence[str] | None = None) -> int:
    """Segment case after case; return how many failed."""
    parser = argparse.ArgumentParser(description="Segment every case of a folder.")
    parser.add_argument("folder", type=Path, help="holds a subfolder for each case")
    parser.add_argument("--out", type=Path, required=True, help="folder for what is written")
    parser.add_argument("--model", help="a package's name or folder; the one that ships where none is given")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)

    # Loading the networks takes a moment: a segmenter keeps them for all cases.
    segmenter = Segmenter(find_package(given.model))
    failed: dict[str, str] = {}
    with (given.out / "volumes.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, COLUMNS)
        table.writeheader()
        for case in sorted(path for path in given.folder.iterdir() if path.is_dir()):
            try:
                result = segmenter.segment(read_case(case))
                write_segmentation_nrrd(result.segmentation, given.out / f"{case.name}.seg.nrrd")
            except BrainTumorVAESegError as error:  # its message says which file is at fault, and what to do
                failed[case.name] = str(error)
                continue
            volumes = result.segmentation.volumes_ml()
            table.writerow({"case": case.name, **{key: f"{volumes[key]:.3f}" for key in COLUMNS[1:]}})
            print(f"{case.name}: {volumes['WT']:.1f} ml of tumor")
    for name, reason in failed.items():
        print(f"{name} was left out: {reason}")
    return len(failed)


if __name__ == "__main__":
    raise SystemExit(min(main(), 1))
