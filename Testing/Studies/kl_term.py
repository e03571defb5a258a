"""What the KL term does: one small stage 1 trained whole from random weights, without the term, with it, and with more.

    python Testing/Studies/kl_term.py --data DATA/train --held-out DATA/validation DATA/cases --out runs/kl-term

The stage is that of the packages on a grid of 6 mm and with half of the filters, so that a CPU trains it; all variants
begin alike and learn from the same samples in the same order. With --minutes it stops after that many, and the same
command goes on from there. What is written: the table, and `kl-term.png`, the decoded images alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "BrainTumorVAESeg"))

from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.cases.labelled import LabelledCase
from BrainTumorVAESegLib.cases.reading import read_labelled
from BrainTumorVAESegLib.core.boxes import Box, cut
from BrainTumorVAESegLib.core.labels import REGIONS, regions_from_labels
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.settings import Preprocessing, StageSettings
from BrainTumorVAESegLib.inference.fields import coarsen
from BrainTumorVAESegLib.networks.losses import LossSettings, stage_loss
from BrainTumorVAESegLib.networks.nvnet import NvNet, StageOutput
from BrainTumorVAESegLib.networks.vae import Latent
from BrainTumorVAESegLib.preparation.preparing import prepare, prepare_labels
from BrainTumorVAESegLib.reporting.latent import Strip, write_strips
from BrainTumorVAESegLib.trust.latent.codes import Cloud, walk
from BrainTumorVAESegLib.trust.latent.measuring import (
    given_back,
    mean_given_back,
    mean_smoothness,
    smoothness,
    telling_slice,
)

SEED = 15
RATE = 1e-3
SAVE_EVERY = 100
HALF: torch.dtype | None = torch.bfloat16
"""A third of the time of float32; on CPUs it is not the same bit for bit from run to run."""
MILLIMETERS = 6
CROP = (32, 32, 32)
STAGE = StageSettings(filters=8, blocks_down=(1, 1, 1, 2), downsample=MILLIMETERS, field=CROP, vae_crop=CROP)
VOXELS_OF_A_VOXEL = (MILLIMETERS / 2) ** 3
"""The packages' stage has as many voxels, of 2 mm, in one of these: by so much less the KL term is divided there."""
DRAWS = 5
NUDGE = 0.5
WALK_STEPS = 5
IN_USE = 0.01
"""Variance over the cases from which on a number of the code tells them apart (Burda et al. 2016)."""


@dataclass(frozen=True)
class Variant:
    """A way to train. kl: how many times the recipe's weight. sample: decode a sample of the code, not its mean."""

    name: str
    title: str
    kl: float
    sample: bool


VARIANTS = (
    Variant("autoencoder", "no KL, a point", kl=0, sample=False),
    Variant("vae", "KL of the recipe, a sample", kl=1, sample=True),
    Variant("vae30", "30 times that KL, a sample", kl=30, sample=True),
)


def look(cases: Sequence[LabelledCase], folder: Path, crop: tuple[int, int, int] = CROP) -> list[Path]:
    """Keep each case's images and regions on the stage's grid, in fp16; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{case.name}.npz" for case in cases]
    for case, path in zip(cases, paths, strict=True):
        if path.is_file():
            continue
        print(f"look at {case.name}", flush=True)
        study, truth = read_labelled(case)
        prepared = prepare(study, Preprocessing(), MODALITIES)
        sides = [n * MILLIMETERS for n in crop]
        box = Box.at([(n - side) // 2 for n, side in zip(prepared.brain.shape, sides, strict=True)], sides)
        regions = regions_from_labels(prepare_labels(truth, prepared))
        images, masks = (
            coarsen(
                torch.from_numpy(np.stack([cut(each.astype(np.float32), box) for each in whole])[None]), MILLIMETERS
            )
            for whole in (prepared.images, regions)
        )
        np.savez(path, images=images[0].half().numpy(), regions=masks[0].half().numpy())
    return paths


def answer(network: NvNet, images: torch.Tensor, sample: bool) -> StageOutput:
    """Answer images with the mask and with what is decoded: of a sample of the code, or of its mean."""
    features = network.encode(images)
    assert network.vae is not None
    latent = network.vae.encode(features[-1])
    decoded = network.vae.decode(latent.sample() if sample else latent.mean)
    return StageOutput(network.decode(features).logits, (), latent, decoded)


def train(
    variant: Variant, samples: Sequence[Path], folder: Path, until: int, steps: int, stage: StageSettings = STAGE
) -> None:
    """Train a variant until it has made some of its steps, from where its state in the folder ends."""
    torch.manual_seed(SEED)
    network = NvNet(stage).to(memory_format=torch.channels_last_3d)
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, weight_decay=1e-5)
    path, done = folder / f"{variant.name}.pt", 0
    if path.is_file():
        kept = torch.load(path, weights_only=True)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        done = kept["done"]
    if done >= until:
        return
    usual = LossSettings()
    losses = LossSettings(kl=usual.kl * variant.kl / VOXELS_OF_A_VOXEL)
    for step in range(done, until):
        images, regions = sample_of(samples, step)
        torch.manual_seed(SEED + step)
        optimizer.param_groups[0]["lr"] = RATE * (1 - step / steps) ** 0.9
        with torch.autocast("cpu", HALF, enabled=HALF is not None):
            answered = answer(network, images.to(memory_format=torch.channels_last_3d), variant.sample)
        terms = stage_loss(answered, regions, images, losses)
        optimizer.zero_grad()
        terms.total.backward()
        optimizer.step()
    torch.save({"network": network.state_dict(), "optimizer": optimizer.state_dict(), "done": until}, path)
    print(
        f"{variant.name}: step {until}, Dice {1 - terms.dice / 3:.3f}, L2 {terms.l2:.4f}, KL {terms.kl:.5f}", flush=True
    )


def sample_of(paths: Sequence[Path], step: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return images (1, 4, D, H, W) and regions of a step: each case once in a round, mirrored, scaled and shifted."""
    random = np.random.default_rng((SEED, step // len(paths)))
    number = int(random.permutation(len(paths))[step % len(paths)])
    random = np.random.default_rng((SEED, step))
    with np.load(paths[number]) as values:
        images, regions = (values[key].astype(np.float32) for key in ("images", "regions"))
    brain = (images != 0).any(axis=0)
    scale, shift = random.uniform(0.9, 1.1, (4, 1, 1, 1)), random.uniform(-0.1, 0.1, (4, 1, 1, 1))
    images = np.where(brain, images * scale + shift, 0).astype(np.float32)
    if random.random() < 0.5:
        images, regions = images[..., ::-1].copy(), regions[..., ::-1].copy()
    return torch.from_numpy(images)[None], torch.from_numpy(regions)[None]


class Trained:
    """A trained stage, and what it makes of the cases: codes (n, latent) and images (n, 4, z, y, x)."""

    def __init__(self, variant: Variant, folder: Path, learned: Sequence[Path], stage: StageSettings = STAGE) -> None:
        self.network = NvNet(stage).eval()
        self.network.load_state_dict(torch.load(folder / f"{variant.name}.pt", weights_only=True)["network"])
        codes = np.stack([self.look(path)[0].mean[0].numpy() for path in learned])
        self.cloud = Cloud(codes.mean(axis=0), codes.std(axis=0))
        self.average = self.decode(self.cloud.mean[None])[0]

    def look(self, path: Path) -> tuple[Latent, np.ndarray]:
        """Return a case's code, and the Dice of the regions (3,) on the stage's grid."""
        with np.load(path) as values, torch.inference_mode():
            images, regions = (torch.from_numpy(values[key][None]).float() for key in ("images", "regions"))
            features = self.network.encode(images)
            mask = self.network.decode(features).logits[0] > 0
            assert self.network.vae is not None
            latent = self.network.vae.encode(features[-1])
        truth = regions[0] > 0.5
        both, sizes = (mask & truth).sum((1, 2, 3)), mask.sum((1, 2, 3)) + truth.sum((1, 2, 3))
        return latent, torch.where(sizes > 0, 2 * both / sizes.clamp(min=1), 1.0).numpy()

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the images of codes."""
        assert self.network.vae is not None
        with torch.inference_mode():
            return np.stack([self.network.vae.decode(torch.from_numpy(code[None]))[0].numpy() for code in codes])


def measure(trained: Trained, held_out: Sequence[Path]) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Return what is told of a stage, and the images of the figure by the name of their row."""
    latents, dice = zip(*(trained.look(path) for path in held_out), strict=True)
    codes = np.stack([latent.mean[0].numpy() for latent in latents])
    spread = np.stack([latent.spread[0].numpy() for latent in latents])
    images, seen = trained.decode(codes), [_seen(path) for path in held_out]
    errors = [mean_given_back(each) for each in zip(
        *(given_back(one, image, trained.average) for one, image in zip(seen, images, strict=True)), strict=True
    )]  # fmt: skip
    prior = Cloud.prior(codes.shape[1])
    drawn, near = trained.decode(prior.draw(DRAWS, SEED)), trained.decode(trained.cloud.draw(DRAWS, SEED))
    shaken = trained.decode(codes + NUDGE * prior.draw(len(codes), SEED + 1))
    apart = np.mean([_distance(one, other) for one, other in combinations(images, 2)])
    walks = mean_smoothness([smoothness(trained.decode(walk(*ends, WALK_STEPS))) for ends in pairwise(codes)])
    told = {f"Dice, {region.key}": float(value) for region, value in zip(REGIONS, np.mean(dice, axis=0), strict=True)}
    told |= {f"explained, {name}": each.explained for name, each in zip(MODALITIES, errors, strict=True)} | {
        "size of the codes (RMS)": float(np.sqrt(np.mean(codes**2))),
        "numbers in use": float(np.sum(trained.cloud.spread**2 > IN_USE)),
        "spread of a number": float(spread.mean()),
        "prior draws' likeness to the average head": _likeness(drawn, trained.average),
        "draws like the training codes: the same": _likeness(near, trained.average),
        "the cases given back: the same": _likeness(images, trained.average),
        f"change by a nudge of {NUDGE} SD of the prior": float(
            np.mean([_distance(one, other) for one, other in zip(images, shaken, strict=True)]) / apart
        ),
        "walk: length": walks.length,
        "walk: largest step": walks.largest_step,
        "walk: contrast midway": walks.contrast,
        "blend: contrast midway": walks.blend_contrast,
    }  # fmt: skip
    return told, {"given back": images[:DRAWS], "from the prior": drawn, "near the cases": near}


def tell(folder: Path, learned: Sequence[Path], held_out: Sequence[Path], stage: StageSettings = STAGE) -> None:
    """Print the table of all variants, and write the figure."""
    found = [measure(Trained(variant, folder, learned, stage), held_out) for variant in VARIANTS]
    print(f"\n| | {' | '.join(variant.title for variant in VARIANTS)} |", "|---" * (1 + len(VARIANTS)) + "|", sep="\n")
    for name in found[0][0]:
        print(f"| {' | '.join([name, *(f'{told[name]:.3f}' for told, _ in found)])} |")
    place = telling_slice(np.concatenate([rows["given back"] for _, rows in found]))
    flair = MODALITIES.index(Modality.FLAIR)
    strips = [
        Strip(f"{name},\n{variant.name}", rows[name][:, flair, place])
        for name in found[0][1]
        for variant, (_, rows) in zip(VARIANTS, found, strict=True)
    ]
    write_strips(
        folder / "kl-term.png", "FLAIR, decoded by stages trained without, with and with more of the KL term", strips
    )


def _seen(path: Path) -> np.ndarray:
    with np.load(path) as values:
        return np.asarray(values["images"], np.float32)


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(one - other))))


def _likeness(images: np.ndarray, average: np.ndarray) -> float:
    """Return the mean correlation of images with the average code's."""
    return float(np.mean([np.corrcoef(image.ravel(), average.ravel())[0, 1] for image in images]))


def main(arguments: Sequence[str]) -> None:
    """Look at the cases, then train each variant, as far as the time goes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=1e9)
    given = parser.parse_args(arguments)
    end = time.monotonic() + 60 * given.minutes
    samples = look(discover_cases(given.data), given.out / "seen")
    held_out = look([case for folder in given.held_out for case in discover_cases(folder)], given.out / "seen")
    done = 0
    while done < given.steps and time.monotonic() < end:
        done = min(done + SAVE_EVERY, given.steps)
        for variant in VARIANTS:
            train(variant, samples, given.out, done, given.steps)
    if done < given.steps:
        print("not done: give the same command to go on")
    else:
        tell(given.out, samples, held_out)


if __name__ == "__main__":
    main(sys.argv[1:])
