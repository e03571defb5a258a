"""`braintumorvaeseg latent`: the latent space as files, and in figures."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.settings import CascadeSettings, Preprocessing, StageSettings
from BrainTumorVAESegLib.images.reading import read_volume
from BrainTumorVAESegLib.models.manifest import LatentStatistics, digest
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet
from knownmodels import SPACING

pytestmark = pytest.mark.usefixtures("with_branch")
ALONE = ("--model", "with-branch", "--sequence", "FLAIR", "--no-figure")


@pytest.fixture(scope="session")
def branch_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package with a VAE branch of six numbers, with random weights."""
    stage = StageSettings(filters=4, groups=2, blocks_down=(1, 1, 1, 1), dropout=0.0, vae_crop=(32, 32, 32), latent=6)
    settings = CascadeSettings(preset="fast", preprocessing=Preprocessing(spacing=SPACING), stage1=stage)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = NvNet(stage).eval()
    latent = LatentStatistics(mean=(0.5,) * 6, std=(2.0,) * 6, cases=3)
    folder = tmp_path_factory.mktemp("branch") / "with-branch"
    write_package(folder, "with-branch", "1.2.3", settings, network, None, "# with-branch\n", latent=latent)
    return folder


@pytest.fixture
def with_branch(shipped: Path, branch_folder: Path) -> str:
    shutil.copytree(branch_folder, shipped / "with-branch")
    return "with-branch"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_case_is_given_back_where_it_lies_with_a_figure(command, case: Path, out: Path) -> None:
    outcome = command("latent", "reconstruct", case, "--out", out, "--model", "with-branch", "--json")
    assert outcome.code == 0, outcome.err
    volumes = [f"PATIENT-1_reconstruction_{name}.nii.gz" for name in ("FLAIR", "T1", "T1ce", "T2")]
    assert names(out) == ["PATIENT-1_latent.json", "PATIENT-1_latent.png", *volumes]
    told = outcome.json
    assert told == json.loads((out / "PATIENT-1_latent.json").read_text())
    assert len(told["code"]) == len(told["spread"]) == 6 and min(told["spread"]) > 0
    assert set(told["given_back"]) == {"T1", "T1ce", "T2", "FLAIR"}
    assert told["package"]["name"] == "with-branch"
    image, given = read_volume(out / volumes[0]), read_volume(case / "PATIENT-1_flair.nii.gz")
    assert image.geometry.spacing == pytest.approx((SPACING,) * 3)
    np.testing.assert_allclose(image.geometry.corners().mean(0), given.geometry.corners().mean(0), atol=4 * SPACING)


def test_draws_of_a_seed_are_the_same_again_and_their_codes_are_told(command, out: Path) -> None:
    def drawn(seed: int) -> list[list[float]]:
        few = ("--count", 2, "--seed", seed, "--from", "prior")
        outcome = command("latent", "sample", "--out", out, *few, "--overwrite", *ALONE)
        assert outcome.code == 0, outcome.err
        return json.loads((out / "sample_latent.json").read_text())["codes"]["prior"]

    codes = drawn(5)
    assert names(out) == ["prior-1_FLAIR.nii.gz", "prior-2_FLAIR.nii.gz", "sample_latent.json"]
    assert drawn(5) == codes != drawn(6)


def test_draws_lie_around_0_and_around_the_training_codes(command, out: Path) -> None:
    outcome = command("latent", "sample", "--out", out, "--count", 6, *ALONE)
    assert outcome.code == 0, outcome.err
    assert len(names(out)) == 2 * 6 + 1
    codes = {key: np.array(each) for key, each in json.loads((out / "sample_latent.json").read_text())["codes"].items()}
    np.testing.assert_allclose(codes["training"], 0.5 + 2.0 * codes["prior"], rtol=1e-5, atol=1e-6)


def test_a_walk_from_a_case_to_itself_gives_equal_volumes(command, case: Path, out: Path) -> None:
    outcome = command("latent", "walk", case, case, "--out", out, "--steps", 3, *ALONE)
    assert outcome.code == 0, outcome.err
    first, *others = (read_volume(out / f"walk-{number}_FLAIR.nii.gz").array for number in (1, 2, 3))
    assert first.std() > 0 and all(np.array_equal(first, other) for other in others)
    told = json.loads((out / "walk_latent.json").read_text())
    assert told["smoothness"]["length"] == 1.0 and told["cases"] == ["PATIENT-1", "PATIENT-1"]


def test_all_axes_share_the_average_in_the_middle(command, out: Path) -> None:
    outcome = command("latent", "axes", "--out", out, "--axis", 1, "--axis", 4, *ALONE)
    assert outcome.code == 0, outcome.err
    volumes = {name: read_volume(out / name).array for name in names(out) if name.endswith(".nii.gz")}
    assert sorted(volumes) == [f"axis-{axis}-{number}_FLAIR.nii.gz" for axis in (1, 4) for number in (1, 2, 3)]
    np.testing.assert_array_equal(volumes["axis-1-2_FLAIR.nii.gz"], volumes["axis-4-2_FLAIR.nii.gz"])
    assert not np.array_equal(volumes["axis-1-1_FLAIR.nii.gz"], volumes["axis-1-3_FLAIR.nii.gz"])
    codes = np.array(json.loads((out / "axes_latent.json").read_text())["codes"])
    assert codes[1].tolist() == [0.5] * 6 and codes[2, 1] == pytest.approx(0.5 + 3 * 2.0)


def test_a_model_is_measured_on_cases(command, case: Path, out: Path) -> None:
    outcome = command("latent", "measure", "--data", case.parent, "--model", "with-branch", "--out", out)
    assert outcome.code == 0, outcome.err
    told = json.loads((out / "latent.json").read_text())
    assert told["cases"] == ["PATIENT-1"] and told["smoothness"] is None and told["familiar"] == {}
    assert "brings nothing to judge the images by" in outcome.out
    error = told["given_back"]["T1"]["error_sd"]
    assert error > 0 and f"{error:.3f}" in outcome.out


@pytest.mark.parametrize(
    "arguments", [("sample",), ("axes",), ("reconstruct", "CASE"), ("walk", "CASE", "CASE"), ("measure", "DATA")]
)
def test_a_model_without_a_branch_is_told_in_one_sentence(command, case: Path, out: Path, arguments) -> None:
    given = [{"CASE": case}.get(each, each) for each in arguments if each != "DATA"]
    place = ("--data", case.parent) if "DATA" in arguments else ()
    outcome = command("latent", *given, *place, "--out", out, "--model", "nothing")
    assert outcome.code == 5
    assert outcome.error == "error: This package's first stage has no VAE branch, so there is no reconstruction."
    assert not out.exists() or not names(out)


def test_a_package_without_statistics_draws_from_the_prior_alone(command, shipped: Path, out: Path) -> None:
    manifest = shipped / "with-branch" / "configs" / "cascade.json"
    values = json.loads(manifest.read_text())
    values["latent"] = None
    values["sha256"] = digest(values)
    manifest.write_text(json.dumps(values))
    outcome = command("latent", "sample", "--out", out, "--count", 1, *ALONE)
    assert outcome.code == 5
    assert outcome.error == "error: with-branch does not tell where its training codes lie; give --from prior."
    assert command("latent", "sample", "--out", out, "--count", 1, "--from", "prior", *ALONE).code == 0


def test_a_package_whose_branch_lost_its_weights_is_told(command, shipped: Path, out: Path) -> None:
    path = shipped / "with-branch" / "models" / "stage1.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    outcome = command("latent", "sample", "--out", out, *ALONE)
    assert outcome.code == 5 and "install the package again." in outcome.error


def test_a_case_that_cannot_be_read_is_told(command, tmp_path: Path, out: Path) -> None:
    (tmp_path / "empty").mkdir()
    outcome = command("latent", "reconstruct", tmp_path / "empty", "--out", out, *ALONE)
    assert outcome.code == 3 and "no image at all" in outcome.error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("axes", "--axis", 6), "--axis 6 is none of this model's; choose 0 to 5."),
        (("axes", "--steps", 4), "--steps 4: is even and has no middle; choose an odd number."),
        (("sample", "--from", "nowhere"), "--from nowhere: is no cloud of codes; choose prior, training or both."),
    ],
)
def test_what_cannot_be_meant_is_refused(command, out: Path, arguments, said) -> None:
    outcome = command("latent", *arguments, "--out", out, *ALONE)
    assert outcome.code == 2 and said in outcome.error and not out.exists()


def test_what_exists_is_not_replaced_unasked(command, out: Path) -> None:
    out.mkdir(parents=True)
    (out / "prior-1_FLAIR.nii.gz").write_text("mine")
    outcome = command("latent", "sample", "--out", out, *ALONE)
    assert outcome.code == 7 and "give --overwrite" in outcome.error
    assert (out / "prior-1_FLAIR.nii.gz").read_text() == "mine"
