"""Writing a package: what it holds, what it leaves out, and that a failure leaves nothing behind."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import pytest
import safetensors.torch
import torch
from BrainTumorVAESegLib.core.errors import OutputError, PackageError
from BrainTumorVAESegLib.models import writing
from BrainTumorVAESegLib.models.manifest import LICENSE, MANIFEST, LatentStatistics, ValidityDomain, stage_file
from BrainTumorVAESegLib.models.package import load_stage, read_package
from BrainTumorVAESegLib.models.writing import write_package, write_zip
from BrainTumorVAESegLib.networks.nvnet import NvNet


@pytest.fixture
def write(tmp_path, tiny_settings, tiny_networks):
    """Write the tiny package at tmp_path/out, with some arguments changed."""

    def write(**changes):
        values = {
            "folder": tmp_path / "out",
            "name": "tiny",
            "version": "0.1.0",
            "settings": tiny_settings,
            "stage1": tiny_networks[0],
            "stage2": tiny_networks[1],
            "card": "# tiny",
        }
        return write_package(**{**values, **changes})

    return write


def test_the_folder_holds_tensors_json_and_texts_alone(written):
    found = sorted(file.relative_to(written.folder).as_posix() for file in written.folder.rglob("*") if file.is_file())
    assert found == sorted([MANIFEST, *written.files])
    assert "CC BY 4.0" in (written.folder / LICENSE).read_text() and "Apache" in (written.folder / LICENSE).read_text()
    assert not list(written.folder.parent.glob(".*")), "a temporary folder stayed"


def test_the_second_stages_vae_branch_is_left_out(written):
    assert written.settings.stage2.vae_crop is None and written.settings.stage1.vae_crop == (16, 16, 16)
    second = safetensors.torch.load_file(written.folder / stage_file(2))
    first = safetensors.torch.load_file(written.folder / stage_file(1))
    assert not any(name.startswith("vae.") for name in second)
    assert any(name.startswith("vae.") for name in first) and written.has_vae


def test_numbers_are_stored_in_half_precision_but_running_statistics(written, write):
    second = safetensors.torch.load_file(written.folder / stage_file(2))
    for name, tensor in second.items():
        whole = name.endswith("num_batches_tracked")
        running = ".running_" in name
        assert tensor.dtype == (torch.int64 if whole else torch.float32 if running else torch.float16), name
    full = safetensors.torch.load_file(write(storage="float32").folder / stage_file(2))
    assert {tensor.dtype for tensor in full.values()} == {torch.float32, torch.int64}


def test_full_precision_gives_the_same_answer_to_the_last_bit(write, tiny_networks):
    network = load_stage(write(storage="float32"), 1)
    x = torch.randn((1, 4, 16, 16, 16), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        torch.testing.assert_close(network(x).logits, tiny_networks[0](x).logits, rtol=0, atol=0)


def test_channels_last_weights_are_written_as_well(write, tiny_settings):
    network = NvNet(tiny_settings.stage1).to(memory_format=torch.channels_last_3d)
    package = write(stage1=network, storage="float32")
    loaded = load_stage(package, 1).state_dict()
    torch.testing.assert_close(loaded["encoder.1.0.conv1.weight"], network.state_dict()["encoder.1.0.conv1.weight"])


def test_the_same_package_is_written_to_the_same_bytes(write, tmp_path):
    assert write().sha256 == write(folder=tmp_path / "again").sha256
    assert write(folder=tmp_path / "other", card="# other").sha256 != write(folder=tmp_path / "third").sha256


def test_a_package_may_hold_one_stage_and_no_vae(write, tiny_settings):
    stage1 = replace(tiny_settings.stage1, vae_crop=None)
    package = write(settings=replace(tiny_settings, stage1=stage1, stage2=None), stage1=NvNet(stage1), stage2=None)
    assert not package.has_vae and list(package.files) == sorted(package.files)
    assert load_stage(read_package(package.folder), 1).vae is None
    with pytest.raises(PackageError, match="no stage 2"):
        load_stage(package, 2)


def test_a_trained_branch_that_the_settings_do_not_name_is_left_out(write, tiny_settings, tiny_networks):
    settings = replace(tiny_settings, stage1=replace(tiny_settings.stage1, vae_crop=None))
    package = write(settings=settings)
    assert not package.has_vae
    assert "vae.head.bias" not in safetensors.torch.load_file(package.folder / stage_file(1))


def test_the_domain_and_latent_are_kept(write, tiny_latent):
    domain = ValidityDomain(text="Children.", ages=("child",))
    package = read_package(write(domain=domain, latent=tiny_latent).folder)
    assert package.domain == domain and package.latent == tiny_latent


def test_metadata_follow_the_bundle_schema(written):
    values = written.metadata
    required = "schema version monai_version pytorch_version numpy_version required_packages_version task description"
    assert set(f"{required} authors copyright network_data_format changelog".split()) <= set(values)
    image = values["network_data_format"]["inputs"]["image"]
    assert image["channel_def"] == {"0": "T1", "1": "T1ce", "2": "T2", "3": "FLAIR"}
    tensor = {"type", "format", "num_channels", "spatial_shape", "dtype", "value_range"}
    for part in (
        image,
        values["network_data_format"]["outputs"]["pred"],
        values["stage2_data_format"]["inputs"]["image"],
    ):
        assert tensor <= set(part) and len(part["channel_def"]) == part["num_channels"]
    assert values["stage2_data_format"]["inputs"]["image"]["spatial_shape"] == [16, 16, 16]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "a/b"}, "cannot name"),
        ({"name": "con.txt"}, "cannot name"),
        ({"version": ""}, "cannot name"),
        ({"card": " \n"}, "model card"),
        ({"stage2": None}, "second stage"),
        ({"training": {"when": object()}}, "JSON"),
        ({"training": {"loss": float("nan")}}, "JSON"),
        ({"latent": LatentStatistics((0.0,), (1.0,))}, "latent"),
        ({"latent": LatentStatistics((0.0,) * 6, (float("nan"),) * 6, 1)}, "latent"),
    ],
)
def test_a_package_that_cannot_be_right_is_not_written(write, tmp_path, changes, complaint):
    with pytest.raises(PackageError, match=complaint):
        write(**changes)
    assert not list(tmp_path.iterdir())


def test_networks_of_other_settings_are_not_written(write, tmp_path, tiny_settings):
    for change in ({"filters": 16}, {"groups": 8}, {"align_corners": False}, {"blocks_down": (1, 1, 1, 1)}):
        with pytest.raises(PackageError, match=r"stage 1.*other settings"):
            write(stage1=NvNet(replace(tiny_settings.stage1, **change)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("number", "complaint"), [(float("nan"), "finite"), (1e5, "half precision")])
def test_weights_that_cannot_be_stored_are_not_written(write, tmp_path, tiny_settings, number, complaint):
    network = NvNet(tiny_settings.stage1)
    with torch.no_grad():
        network.head.bias[0] = number
    with pytest.raises(PackageError, match=complaint):
        write(stage1=network)
    assert not list(tmp_path.iterdir())


def test_an_existing_package_is_replaced_only_on_request(write):
    first = write()
    with pytest.raises(OutputError, match="exists already"):
        write(version="0.2.0")
    assert read_package(first.folder).version == "0.1.0"
    assert write(version="0.2.0", replace=True).version == "0.2.0"
    assert read_package(first.folder).version == "0.2.0"
    assert [path.name for path in first.folder.parent.iterdir()] == ["out"]


def test_a_folder_that_is_no_package_is_never_replaced(write, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="not a model package"):
        write(replace=True)
    assert (tmp_path / "out" / "thesis.txt").read_text() == "years of work"


def test_a_failure_while_writing_leaves_the_old_package_whole(write, tmp_path, monkeypatch):
    write()

    def full_disk(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "_write_files", full_disk)
    with pytest.raises(OutputError, match="the disk is full"):
        write(version="0.2.0", replace=True)
    assert read_package(tmp_path / "out").version == "0.1.0"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_place_that_cannot_be_written_says_so(write, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        write(folder=tmp_path / "file" / "out")


def test_a_zip_holds_the_package_in_one_folder_and_nothing_else(written, tmp_path):
    path = write_zip(written, tmp_path / "deep" / "tiny.zip")
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == sorted(f"tiny/{member}" for member in (MANIFEST, *written.files))
    assert path.read_bytes() == write_zip(written, tmp_path / "again.zip").read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["again.zip", "deep"]


def test_a_damaged_package_is_not_zipped(package_folder, tmp_path):
    package = read_package(package_folder)
    (package_folder / LICENSE).write_text("Do as you like.")
    with pytest.raises(PackageError, match="LICENSE"):
        write_zip(package, tmp_path / "tiny.zip")
    assert not (tmp_path / "tiny.zip").exists()
