"""Train a package on made cases in less than a minute, and let it segment one that it never saw.

    python Examples/train_on_phantoms.py --out out/trained

Everything of a real training happens: folds, masks for stage 2, calibration, a model card. But the networks are tiny
and see few coarse cases, so that the package is of no use. It needs the extra `[train]`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.cases.reading import read_case
from BrainTumorVAESegLib.core.errors import BrainTumorVAESegError
from BrainTumorVAESegLib.inference.segmenting import Options, segment
from BrainTumorVAESegLib.models.package import read_package
from BrainTumorVAESegLib.phantom.cases import write_phantoms
from BrainTumorVAESegLib.training.fit.processes import Processes
from BrainTumorVAESegLib.training.packaging import HeldOut, Naming
from BrainTumorVAESegLib.training.pipeline import run_recipe
from BrainTumorVAESegLib.training.recipe import read_recipe
from BrainTumorVAESegLib.training.run import open_run

# A recipe says only what it changes of another one: here of `smoke`, to coarser images, smaller networks, fewer steps.
RECIPE = """\
base: smoke
name: tiny
workers: 0
networks:
  preprocessing: {{spacing: {spacing}}}
  stage1: &network
    {{filters: 8, groups: 4, blocks_down: [1, 1, 1, 1], field: [32, 32, 32], vae_crop: [32, 32, 32], latent: 8}}
  stage2: *network
stage1: &training {{steps: {steps}, final_steps: {steps}, batch: 1, check_every: 0}}
stage2: *training
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Make cases, train by a recipe, and segment a new case."""
    parser = argparse.ArgumentParser(description="Train a package on made cases.")
    parser.add_argument("--out", type=Path, default=Path("out/trained"), help="folder for cases, run and package")
    parser.add_argument("--steps", type=int, default=20, help="of each of the six trainings")
    parser.add_argument("--spacing", type=float, default=4.0, help="size of a voxel in mm")
    given = parser.parse_args(arguments)

    # Labeled cases as data sets have them: a folder each, with four images and a truth. The last is not trained on.
    list(write_phantoms(given.out / "train", count=4, spacing=given.spacing))
    list(write_phantoms(given.out / "test", count=1, seed=100, spacing=given.spacing))
    recipe_file = given.out / "tiny.yaml"
    recipe_file.write_text(RECIPE.format(steps=given.steps, spacing=given.spacing), encoding="utf-8")

    # A run reads and checks all cases first. Begun again in the same folder, it goes on where it was interrupted.
    recipe = read_recipe(recipe_file)
    cases, test = discover_cases(given.out / "train"), discover_cases(given.out / "test")
    run = open_run(recipe, cases, given.out / "run", Processes(recipe.precision), report=print)
    run_recipe(run, HeldOut(test=tuple(test)), Naming(about="Made brains.", command="Examples/train_on_phantoms.py"))

    # What comes of it is a package like those that ship; its card tells how good it is.
    package = read_package(run.folder / "package" / recipe.name)
    print("\n".join(line for line in package.card.splitlines() if test[0].name in line))
    result = segment(read_case(test[0].folder), package, Options(device="cpu"))
    print(f"{package.name} {package.version} finds {result.segmentation.volumes_ml()['WT']:.1f} ml of tumor")


if __name__ == "__main__":
    try:
        main()
    except BrainTumorVAESegError as error:
        raise SystemExit(f"error: {error}") from error
