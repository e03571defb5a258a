"""The input check's verdict as text and as plain values."""

from __future__ import annotations

import json

import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.verdict import Familiarity, Reason, Verdict

REASON = Reason("noise", "T1 is noisier than 99 % of known cases.", 99.2, Modality.T1)


def test_it_is_one_line_with_its_reasons():
    assert str(Verdict(Familiarity.FAMILIAR)) == "Input: familiar."
    assert str(Verdict(Familiarity.UNLIKE, (REASON,))).endswith("data. T1 is noisier than 99 % of known cases.")


def test_its_plain_values_are_json():
    values = json.loads(json.dumps(Verdict(Familiarity.UNUSUAL, (REASON,), ("no latent statistics",)).as_dict()))
    assert values["familiarity"] == "unusual" and values["unavailable"] == ["no latent statistics"]
    expected = {"code": "noise", "message": REASON.message, "percentile": 99.2, "modality": "T1"}
    assert values["reasons"] == [expected]


def test_it_comes_back_from_its_plain_values():
    verdict = Verdict(Familiarity.UNUSUAL, (REASON, Reason("no-tumor", "No tumor was found.")), ("no VAE",))
    assert Verdict.from_dict(json.loads(json.dumps(verdict.as_dict()))) == verdict


@pytest.mark.parametrize("values", [{}, [], {"familiarity": "nice", "reasons": [], "unavailable": []}])
def test_values_that_are_no_verdict_are_refused(values):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Verdict.from_dict(values)
