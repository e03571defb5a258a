"""Maps of a result: where they lie, what they hold, and why some cannot be made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.inspection import MAPS
from BrainTumorVAESegLib.core.labels import labels_from_channels, regions_from_labels
from BrainTumorVAESegLib.inference.segmenting import Options, segment
from BrainTumorVAESegLib.preparation.restoring import restore_map
from BrainTumorVAESegLib.trust.explaining import NO_SECOND_STAGE, Explanation, explain
from BrainTumorVAESegLib.trust.reconstructing import NO_BRANCH


@pytest.fixture(scope="module")
def explanation(two_stages) -> Explanation:
    return explain(two_stages)


def test_every_map_lies_on_the_references_own_grid(explanation, study):
    found = list(explanation.maps())
    assert [each.kind.group for each in found if each.kind.group in ("reconstruction", "residual")] == []
    assert len(found) == 3 + 1 + 1 + 3 + 3
    for each in found:
        assert each.volume.geometry == study.reference_volume.geometry
        assert each.volume.array.dtype == np.float32 and np.isfinite(each.volume.array).all()


def test_the_probabilities_above_the_thresholds_are_the_mask(explanation, two_stages):
    regions = np.stack([explanation.map(f"probability-{region}").volume.array for region in ("WT", "TC", "ET")])
    labels = labels_from_channels(regions >= 0.7, ("WT", "TC", "ET"))
    np.testing.assert_array_equal(labels, two_stages.segmentation.labels)


def test_what_stage_2_won_and_lost_leads_from_stage_1_to_the_answer(explanation, two_stages):
    before = explanation.map("stage1").volume.array.astype(np.uint8)
    for number, region in enumerate(("WT", "TC", "ET")):
        change = explanation.map(f"change-{region}").volume.array
        after = regions_from_labels(two_stages.segmentation.labels)[number]
        np.testing.assert_array_equal(regions_from_labels(before)[number] + change, after)
        row = explanation.changes[number]
        assert (row.won_voxels, row.lost_voxels) == ((change > 0).sum(), (change < 0).sum())
    assert any(row.won_voxels + row.lost_voxels for row in explanation.changes)


def test_the_gates_are_seen_within_the_regions_alone(explanation, two_stages):
    gate = explanation.map("attention-1").volume.array
    assert 0 < gate.max() <= 1 and (gate == 0).any()
    low, high = explanation.map("attention-1").low, explanation.map("attention-1").high
    assert low < gate[gate != 0].min() < high
    evidence = two_stages.evidence
    brain = restore_map(evidence.prepared.brain.astype(np.float32), evidence.prepared, evidence.reference)
    assert not gate[brain == 0].any() and gate[brain == 1].any()


def test_without_a_second_stage_or_a_branch_a_sentence_says_so(one_stage, two_stages):
    with pytest.raises(InputError, match=NO_SECOND_STAGE):
        explain(one_stage).map("attention-2")
    with pytest.raises(InputError, match=NO_BRANCH):
        explain(two_stages).map("residual-T1")
    assert explain(one_stage).changes == ()
    assert {kind.group for kind in MAPS if explain(one_stage).unavailable(kind)} == {
        "change",
        "attention",
        "information",
    }


def test_reconstruction_and_residual_add_up_to_what_the_branch_saw(one_stage):
    explanation = explain(one_stage)
    back, rest = (explanation.map(f"{group}-T2").volume.array for group in ("reconstruction", "residual"))
    brain = np.asarray(back != 0)
    image = one_stage.evidence.prepared.images[2]
    assert brain.sum() == one_stage.evidence.prepared.brain.sum()
    assert np.corrcoef((back + rest)[brain], image[one_stage.evidence.prepared.brain])[0, 1] > 0.8


def test_a_reference_on_another_grid_has_its_maps_on_that(study, package):
    thick = {m: replace(v, array=v.array[::3], geometry=_every_third(v.geometry)) for m, v in study.volumes.items()}
    result = segment(replace(study, volumes=thick), package, Options(keep_evidence=True, force=True))
    found = explain(result).map("uncertainty").volume
    assert found.array.shape == thick[study.reference].array.shape and found.array.max() > 0


def _every_third(geometry):
    x, y, z = geometry.size
    return replace(geometry, size=(x, y, -(-z // 3)), spacing=(*geometry.spacing[:2], 3 * geometry.spacing[2]))


def test_a_result_made_without_evidence_is_refused(two_stages):
    with pytest.raises(InputError, match="keep_evidence"):
        explain(replace(two_stages, evidence=None))


def test_the_plain_run_keeps_nothing(study, one_stage):
    assert segment(study, one_stage.package).evidence is None
