"""Put a package where the packages that ship lie, with each stage stored once.

    python Testing/Tools/ship_package.py runs/standard/package/standard
    python Testing/Tools/ship_package.py runs/fast/package/fast --shares standard

The second one's first stage is that of `standard`: it is named in the manifest by its hash, and not stored again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from BrainTumorVAESegLib.models.archive import unpack
from BrainTumorVAESegLib.models.library import shipped_folder
from BrainTumorVAESegLib.models.package import ModelPackage, read_package
from BrainTumorVAESegLib.models.sharing import share_stages
from BrainTumorVAESegLib.models.staging import move_into_place, staging_folder
from BrainTumorVAESegLib.models.writing import write_zip


def ship_package(folder: Path, shares: str = "", place: Path | None = None) -> ModelPackage:
    """Copy a package's folder to place, the one of those that ship, in place of the one that has its name there.

    shares: the name of the package there that holds its tensors as well. Raises PackageError and OutputError.
    """
    place = place or shipped_folder()
    package = read_package(folder)
    with staging_folder(place, "shipping") as staging:
        copy = unpack(write_zip(package, staging / "package.zip"), staging / package.name)
        move_into_place(copy, place / package.name, replace=True)
    shipped = read_package(place / package.name)
    return share_stages(shipped, read_package(place / shares)) if shares else shipped


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="a package's folder")
    parser.add_argument("--shares", default="", metavar="NAME", help="the package beside it that holds its tensors too")
    chosen = parser.parse_args()
    there = ship_package(chosen.package, chosen.shares)
    print(f"{there.name} {there.version}: {there.folder}")
