from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.images.itk import resample
from BrainTumorVAESegLib.inference.regridding import on_grid_of
from BrainTumorVAESegLib.inference.segmenting import Options, Segmenter
from movedheads import motion, moved

TRUE = motion(4.0, (3.0, -2.0, 1.0))


@pytest.fixture(scope="module")
def result(package, study):
    """Of a study whose T2 has a grid of its own, and is known to have moved."""
    elsewhere = moved(study[Modality.T2], TRUE)
    registered = replace(study, volumes={**study.volumes, Modality.T2: elsewhere}, transforms={Modality.T2: TRUE})
    return Segmenter(package).segment(registered, Options("cpu", keep_probabilities=True, keep_evidence=True))


def test_the_answer_lies_on_the_inputs_own_grid_where_its_tissue_is(result, study):
    native = on_grid_of(result, Modality.T2).segmentation
    assert native.geometry == result.study.volumes[Modality.T2].geometry != study[Modality.T2].geometry
    assert not result.segmentation.is_empty
    # T2's voxels are the study's own, only their header moved: voxel by voxel the same answer.
    assert np.mean(native.labels != result.segmentation.labels) < 0.02
    assert native.probabilities.shape == (3, *native.geometry.shape)


def test_the_references_own_grid_gives_the_answer_itself(result):
    assert np.array_equal(on_grid_of(result, Modality.T1CE).segmentation.labels, result.segmentation.labels)


def test_maps_are_made_where_the_input_was_registered_to(result):
    native = on_grid_of(result, Modality.T2)
    assert native.evidence.reference == result.study[Modality.T2].geometry
    values = result.evidence.prepared.images[0]
    there = resample(values, result.evidence.prepared.geometry, native.evidence.reference)
    assert there.shape == native.segmentation.labels.shape


def test_a_volume_that_is_not_there_or_a_result_without_evidence_is_refused(result):
    with pytest.raises(InputError, match="keep_evidence"):
        on_grid_of(replace(result, evidence=None), Modality.T2)
    less = replace(
        result, study=replace(result.study, volumes={Modality.T1CE: result.study[Modality.T1CE]}, transforms={})
    )
    with pytest.raises(InputError, match="no FLAIR"):
        on_grid_of(less, Modality.FLAIR)
