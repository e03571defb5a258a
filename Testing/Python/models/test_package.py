"""Reading a package: what is right is read, what is damaged or forged is refused by name."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors.torch
import torch
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.models.manifest import CARD, LICENSE, MANIFEST, METADATA, stage_file
from BrainTumorVAESegLib.models.package import first_stage_alone, load_stage, read_package
from BrainTumorVAESegLib.models.tensors import check_tensors

LIBRARY = Path(__file__).resolve().parents[3] / "BrainTumorVAESeg"


def refusal(folder: Path, verify: bool = True) -> str:
    """The one line with which a package is refused."""
    with pytest.raises(PackageError) as caught:
        read_package(folder, verify, label="tiny")
    message = str(caught.value)
    assert "\n" not in message and message.startswith("tiny"), message
    return message


def test_a_package_says_what_it_is(written, tiny_settings, tiny_latent):
    package = read_package(written.folder)
    assert (package.name, package.version, package.shipped) == ("tiny", "0.1.0", False)
    assert package.settings.stage1 == tiny_settings.stage1
    assert package.settings.thresholds == (0.4, 0.5, 0.6)
    assert package.latent == tiny_latent
    assert package.domain.timing == ("pre-operative",) and not package.domain.medical_device
    assert package.training == {"seed": 5, "folds": [0, 1]}
    assert "Ωμέγα" in package.card
    assert package.sha256 == written.sha256 and len(package.sha256) == 64
    assert package.size == sum((package.folder / path).stat().st_size for path in package.files)


@pytest.mark.parametrize("path", [stage_file(1), stage_file(2), METADATA, CARD, LICENSE])
def test_one_changed_byte_is_found_and_its_file_named(package_folder, path):
    data = bytearray((package_folder / path).read_bytes())
    data[len(data) // 2] ^= 1
    (package_folder / path).write_bytes(data)
    assert path in refusal(package_folder)


def test_a_truncated_file_names_itself_even_without_hashing(package_folder):
    file = package_folder / stage_file(1)
    file.write_bytes(file.read_bytes()[:-10])
    message = refusal(package_folder, verify=False)
    assert stage_file(1) in message and "bytes" in message


@pytest.mark.parametrize("keep", [0, 5, 200, -10])
def test_truncated_tensors_that_the_manifest_lists_are_refused(package_folder, relist, keep):
    file = package_folder / stage_file(1)
    file.write_bytes(file.read_bytes()[:keep])
    relist(package_folder, stage_file(1))
    message = refusal(package_folder)
    assert stage_file(1) in message and "safetensors" in message


@pytest.mark.parametrize("path", [stage_file(1), stage_file(2), METADATA, CARD, LICENSE])
def test_a_missing_file_names_itself(package_folder, path):
    (package_folder / path).unlink()
    message = refusal(package_folder, verify=False)
    assert path in message and "missing" in message


@pytest.mark.parametrize("path", ["models/model.pt", "configs/inference.json", "models/more/a.safetensors"])
def test_an_extra_file_is_refused(package_folder, path):
    (package_folder / path).parent.mkdir(exist_ok=True)
    (package_folder / path).write_bytes(b"x")
    assert path in refusal(package_folder, verify=False)


def test_what_a_file_manager_leaves_behind_does_no_harm(package_folder):
    (package_folder / "models" / ".DS_Store").write_bytes(b"x")
    assert read_package(package_folder).name == "tiny"


def test_an_edited_manifest_is_found(package_folder):
    values = json.loads((package_folder / MANIFEST).read_text())
    values["settings"]["thresholds"] = [0.1, 0.1, 0.1]
    (package_folder / MANIFEST).write_text(json.dumps(values))
    assert f"{MANIFEST} was changed" in refusal(package_folder, verify=False)


def test_a_manifest_only_laid_out_anew_is_still_the_same(package_folder):
    values = json.loads((package_folder / MANIFEST).read_text())
    (package_folder / MANIFEST).write_text(json.dumps(dict(reversed(values.items()))))
    assert read_package(package_folder, verify=False).name == "tiny"


def test_an_unknown_format_asks_for_an_update(package_folder, edit_manifest):
    edit_manifest(package_folder, lambda values: values.update(format=3))
    message = refusal(package_folder)
    assert "format 3" in message and "update" in message


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": NaN}', "[" * 100_000, "\xff"])
def test_a_manifest_that_is_no_json_object_is_refused(package_folder, text):
    (package_folder / MANIFEST).write_bytes(text.encode("latin-1"))
    assert MANIFEST in refusal(package_folder)


def test_a_folder_that_is_given_without_its_name_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PackageError, match=rf"^{tmp_path.name} is not a model package"):
        read_package(Path("."))


def test_a_folder_without_a_manifest_is_no_package(tmp_path):
    with pytest.raises(PackageError, match=r"not a model package.*cascade\.json"):
        read_package(tmp_path)
    with pytest.raises(PackageError, match="absent does not exist"):
        read_package(tmp_path / "absent")


def _stage1(key, value):
    return lambda values: values["settings"]["stage1"].update({key: value})


def _preprocessing(key, value):
    return lambda values: values["settings"]["preprocessing"].update({key: value})


def _settings(key, value):
    return lambda values: values["settings"].update({key: value})


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.pop("domain"),
        lambda values: values.update(surprise=1),
        lambda values: values.update(name="../evil"),
        lambda values: values.update(name=5),
        lambda values: values.update(version=""),
        lambda values: values.update(training=[]),
        lambda values: values.update(settings=[]),
        lambda values: values.update(latent={"mean": [0.0], "std": [1.0], "cases": 1}),
        lambda values: values["latent"].update(std=[0.0] * 6),
        lambda values: values["domain"].update(medical_device="no"),
        lambda values: values["files"].pop("LICENSE"),
        lambda values: values["files"].update({"../evil.json": {"sha256": "0" * 64, "bytes": 1}}),
        lambda values: values["files"].update({"/etc/evil.json": {"sha256": "0" * 64, "bytes": 1}}),
        lambda values: values["files"].update({"models/evil.pt": {"sha256": "0" * 64, "bytes": 1}}),
        lambda values: values["files"].update({"models/stage3.safetensors": {"sha256": "0" * 64, "bytes": 1}}),
        lambda values: values["files"]["LICENSE"].update(sha256="short"),
        lambda values: values["files"]["LICENSE"].update(bytes="many"),
        _settings("stage1", None),
        _settings("preprocessing", None),
        _settings("output_channels", ["A", "B", "C"]),
        _settings("output_channels", 3),
        _settings("modalities", [1, "T1", None, "T2"]),
        _settings("optional", ["T1", "T1"]),
        _settings("optional", ["T3"]),
        _settings("optional", "T1"),
        _settings("optional", [["T1"]]),
        _settings("thresholds", [0.5, 0.5]),
        _settings("thresholds", [0.5, 0.5, "0.5"]),
        _settings("temperatures", [1.0, 0.0, 1.0]),
        _settings("offsets", [0.0, 0.0]),
        _settings("offsets", [0.0, 1e9, 0.0]),
        _settings("surprise", 1),
        _stage1("architecture", "transformer"),
        _stage1("filters", "8"),
        _stage1("filters", 8.0),
        _stage1("filters", 10**9),
        _stage1("groups", 0),
        _stage1("in_channels", 7),
        _stage1("blocks_down", [10**9, 1, 1, 1]),
        _stage1("blocks_down", 4),
        _stage1("blocks_up", [1, 1]),
        _stage1("blocks_up", [1, 0, 1]),
        _stage1("blocks_up", [1, 1, 10**9]),
        _preprocessing("foreground", "skull"),
        _preprocessing("foreground", 1),
        _stage1("vae_crop", [16, 16]),
        _stage1("align_corners", 1),
        _stage1("downsample", True),
        lambda values: values.update(training={"loss": float("nan")}),
    ],
)
def test_a_forged_manifest_that_makes_no_sense_is_refused(package_folder, edit_manifest, change):
    edit_manifest(package_folder, change)
    assert MANIFEST in refusal(package_folder, verify=False)


def test_a_package_from_before_modalities_were_optional_needs_them_all(package_folder, edit_manifest):
    edit_manifest(package_folder, lambda values: values["settings"].pop("optional"))
    assert read_package(package_folder).settings.optional == ()


def test_the_modalities_that_a_package_can_do_without_are_read(package_folder, edit_manifest):
    edit_manifest(package_folder, _settings("optional", ["T2", "T1ce"]))
    assert read_package(package_folder).settings.optional == ("T2", "T1ce")


def test_metadata_without_a_field_of_the_bundle_schema_are_refused(package_folder, relist):
    values = json.loads((package_folder / METADATA).read_text())
    del values["network_data_format"]["inputs"]
    (package_folder / METADATA).write_text(json.dumps(values))
    relist(package_folder, METADATA)
    assert "network_data_format" in refusal(package_folder)


def _save(folder: Path, stage: int, tensors: dict[str, torch.Tensor]) -> None:
    (folder / stage_file(stage)).write_bytes(safetensors.torch.save(tensors))


@pytest.mark.parametrize(
    ("name", "tensor", "complaint"),
    [
        ("head.bias", torch.zeros(4), "shape"),
        ("head.weight", torch.full((3, 8, 1, 1, 1), torch.nan), "finite"),
        ("head.weight", torch.full((3, 8, 1, 1, 1), torch.inf, dtype=torch.float16), "finite"),
        ("head.weight", torch.zeros((3, 8, 1, 1, 1), dtype=torch.int64), "int64"),
        ("head.weight", torch.zeros((3, 8, 1, 1, 1), dtype=torch.float64), "float64"),
        ("surprise", torch.zeros(1), "surprise"),
        ("head.weight", None, "head.weight"),
        ("gates.0.psi.1.num_batches_tracked", torch.zeros(()), "float32"),
    ],
)
def test_tensors_that_are_not_the_networks_are_refused(package_folder, relist, name, tensor, complaint):
    tensors = safetensors.torch.load_file(package_folder / stage_file(2))
    tensors.pop(name, None)
    if tensor is not None:
        tensors[name] = tensor
    _save(package_folder, 2, tensors)
    relist(package_folder, stage_file(2))
    message = refusal(package_folder)
    assert stage_file(2) in message and complaint in message
    with pytest.raises(PackageError, match=complaint):
        load_stage(read_package(package_folder, verify=False), 2)


def test_settings_for_another_network_than_the_tensors_are_refused(package_folder, edit_manifest):
    edit_manifest(package_folder, lambda values: values["settings"]["stage1"].update(filters=16))
    assert stage_file(1) in refusal(package_folder)


def test_stage_1_alone_decides_as_it_does_before_the_second(written):
    raw = replace(written.settings, thresholds=(0.3,) * 3, stage1_thresholds=(0.6,) * 3, temperatures=(2.0,) * 3)
    raw = replace(raw, offsets=(1.0,) * 3)
    alone = first_stage_alone(replace(written, settings=raw)).settings
    assert alone.stage2 is None and alone.stage1 == raw.stage1
    assert alone.thresholds == (0.6,) * 3 and (alone.temperatures, alone.offsets) == ((1.0,) * 3, (0.0,) * 3)


def test_loading_gives_float32_networks_that_answer_as_before(written, tiny_networks):
    for stage, original in enumerate(tiny_networks, start=1):
        network = load_stage(written, stage)
        assert not network.training and network.vae is None
        assert {p.dtype for p in network.parameters()} == {torch.float32}
        assert not any(p.is_meta for p in network.state_dict().values())
        x = torch.randn((1, original.settings.in_channels, 16, 24, 16), generator=torch.Generator().manual_seed(stage))
        with torch.inference_mode():
            expected, found = original(x), network(x)
        scale = float(expected.logits.std())
        assert scale > 0.01
        assert float((found.logits - expected.logits).abs().max()) < 0.01 * scale, "float16 rounding alone is smaller"


def test_batch_norms_statistics_are_kept_exactly(written, tiny_networks):
    state, original = load_stage(written, 2).state_dict(), tiny_networks[1].state_dict()
    running = [name for name in state if ".running_" in name or name.endswith("tracked")]
    assert len(running) == 27
    for name in running:
        torch.testing.assert_close(state[name], original[name], rtol=0, atol=0)


def test_the_first_stages_vae_branch_comes_on_request_only(written, tiny_networks):
    network = load_stage(written, 1, with_vae=True)
    x = torch.randn((1, 4, 16, 16, 16), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        expected, found = tiny_networks[0](x, reconstruct=True), network(x, reconstruct=True)
    torch.testing.assert_close(found.latent.mean, expected.latent.mean, rtol=0, atol=5e-3)
    torch.testing.assert_close(found.reconstruction, expected.reconstruction, rtol=0, atol=2e-2)
    with pytest.raises(PackageError, match="no VAE branch"):
        load_stage(written, 2, with_vae=True)
    with pytest.raises(PackageError, match="no stage 3"):
        load_stage(written, 3)


def test_tensors_changed_after_reading_are_not_loaded(package_folder):
    package = read_package(package_folder)
    file = package_folder / stage_file(1)
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(PackageError, match=r"stage1\.safetensors"):
        load_stage(package, 1)


def test_listing_and_reading_without_tensors_imports_no_torch(written, user_models):
    code = (
        "import sys; from pathlib import Path; from BrainTumorVAESegLib.models import library, package\n"
        f"assert package.read_package(Path({str(written.folder)!r}), verify=False).name == 'tiny'\n"
        "library.list_packages()\n"
        "assert not {'torch', 'monai', 'SimpleITK'} & set(sys.modules), 'a heavy import'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(LIBRARY), "HOME": str(user_models)})


def test_a_tensors_name_without_end_is_shortened(tiny_settings):
    with pytest.raises(PackageError) as caught:
        check_tensors({"0" * 10**6: torch.zeros(1)}, tiny_settings.stage1, "here")
    assert len(str(caught.value)) < 300 and "are missing or not of this network" in str(caught.value)
