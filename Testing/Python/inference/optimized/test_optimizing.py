"""Networks are kept only where they answer as torch's do; 8 bits are calibrated on cases, and say on which."""

from __future__ import annotations

import pytest
from BrainTumorVAESegLib.core.errors import OutputError, PackageError
from BrainTumorVAESegLib.inference.optimized import converting, optimizing
from BrainTumorVAESegLib.inference.optimized.optimizing import TOLERANCE, make_optimized, optimize
from BrainTumorVAESegLib.inference.optimized.storage import OPENVINO, OPENVINO_INT8, folder_of, read_optimized
from BrainTumorVAESegLib.inference.segmenting import Options, Segmenter
from BrainTumorVAESegLib.models.package import load_stage
from torch import nn


def test_fp32_is_exact_and_its_facts_are_kept(package, ready):
    facts = read_optimized(package, OPENVINO)
    assert 0 < facts.difference < TOLERANCE <= 1e-4
    assert min(facts.dice.values()) > 0.999 and set(facts.dice) == {"WT", "TC", "ET"}
    assert (facts.package, facts.sha256, facts.calibrated_on) == ("tiny", package.sha256, "")


def test_what_is_converted_is_not_converted_again(package, ready, monkeypatch):
    monkeypatch.setattr(optimizing, "optimize", lambda *_, **__: pytest.fail("it was converted again"))
    assert make_optimized(package, OPENVINO).facts == read_optimized(package, OPENVINO)


def test_8_bits_are_never_made_unasked(package, models):
    with pytest.raises(PackageError, match="was not converted for the engine openvino-int8"):
        make_optimized(package, OPENVINO_INT8)


def test_fp32_that_differs_is_not_kept(package, models, monkeypatch):
    monkeypatch.setattr(optimizing, "TOLERANCE", 1e-12)
    with pytest.raises(OutputError, match=r"differ from torch's by \d\.\de-\d\d .*not kept"):
        optimize(package)
    assert not folder_of(package, OPENVINO).exists()
    assert not [path for path in models.iterdir() if "optimizing" in path.name]


def test_what_comes_through_to_the_labels_stays_in_fp32(package):
    network = load_stage(package, 2)
    kept = converting._precise(converting._converted(network))
    for part in (
        "network.stem/",
        "network.head/",
        "decoder.0.block.conv1/",
        "decoder.0.block.conv2/",
        "decoder.1.halve/",
    ):
        assert any(part in name for name in kept), part
    assert not [name for name in kept if "encoder" in name or "down" in name or "decoder.1.block" in name]
    convolutions = sum(isinstance(module, nn.Conv3d) for module in network.modules())
    gates, levels = 3 * len(network.gates), len(network.decoder)
    assert len(kept) == 2 + gates + levels + 2 < convolutions


@pytest.mark.slow
def test_8_bits_from_a_given_case_are_another_engine_and_say_so(package, models, study, monkeypatch):
    monkeypatch.setitem(optimizing.LEAST_DICE, OPENVINO_INT8, 0.3)  # random weights are not made for 8 bits
    told: list[str] = []
    facts = optimize(package, int8=True, studies=[lambda: study], report=lambda stage, share: told.append(stage))
    assert facts.kind == OPENVINO_INT8 and facts.calibrated_on == "1 case" and facts.difference > 1e-4
    assert "calibrate on case 1 of 1" in told and told[-1] == "verify"
    result = Segmenter(package).segment(study, Options(engine=OPENVINO_INT8))
    assert result.device.endswith("int8)") and "8 bits" in result.notes[0]
    first, second = ((folder_of(package, OPENVINO_INT8) / f"stage{stage}.xml").read_text() for stage in (1, 2))
    assert "i8" in second and "i8" not in first
