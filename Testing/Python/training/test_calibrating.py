"""A run's thresholds and cleaning: what its networks answer on the cases that they did not see."""

from __future__ import annotations

from dataclasses import replace

from BrainTumorVAESegLib.inference.cascade import predict
from BrainTumorVAESegLib.training import calibrating
from BrainTumorVAESegLib.training.packaging import HeldOut, Naming, package_run
from BrainTumorVAESegLib.training.trained import TrainedNetworks
from trainedruns import SHADING


def test_cases_are_predicted_without_the_shading_that_the_package_will_take_away(trained, monkeypatch):
    start = package_run(trained, Naming("mine", "1.2.3"), HeldOut())
    run = replace(trained, start=start)
    seen: list[float] = []

    def note(stage1, stage2, settings, images, answer):
        seen.append(float(images.abs().max()))
        return predict(stage1, stage2, settings, images, answer)

    monkeypatch.setattr(calibrating, "predict", note)
    monkeypatch.setattr(calibrating, "unshade_images", lambda images, modalities, model, settings: images / 1e6)
    networks = TrainedNetworks.to_ship(run)
    shaded = calibrating._tally_cases(run, networks, run.cases[:1])
    monkeypatch.setattr(calibrating, "read_shading", lambda package: SHADING)
    even = calibrating._tally_cases(run, networks, run.cases[:1])
    assert len(seen) == 2 and seen[1] < 1e-3 < seen[0]
    assert set(shaded.values()).isdisjoint(even.values()), "one is not taken for the other"
