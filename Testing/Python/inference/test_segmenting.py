"""The whole way of a study to its segmentation, with a tiny package of random weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.boxes import Box, cut
from BrainTumorVAESegLib.core.choices import Shading
from BrainTumorVAESegLib.core.errors import Cancelled, CheckError, DeviceError, InputError
from BrainTumorVAESegLib.core.findings import Finding, Severity
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.labels import labels_from_channels
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.preparation import AS_GIVEN, GIVEN, UNTOUCHED, PreparationOptions
from BrainTumorVAESegLib.core.settings import Cleaning
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.inference import segmenting
from BrainTumorVAESegLib.inference.cascade import predict
from BrainTumorVAESegLib.inference.engine import Engine
from BrainTumorVAESegLib.inference.progress import Progress
from BrainTumorVAESegLib.inference.segmenting import Options, Segmenter, segment
from BrainTumorVAESegLib.models.package import load_stage
from BrainTumorVAESegLib.preparation.cleaning import clean
from BrainTumorVAESegLib.preparation.preparing import prepare
from BrainTumorVAESegLib.preparation.shading import TERMS, Shade, ShadingModel
from BrainTumorVAESegLib.preparation.unshading import unshade

ON_CPU = Options("cpu")


def turned(volume: Volume, axes: tuple[int, int, int], flips: tuple[int, ...]) -> Volume:
    """The same image stored along other axes.

    axes: which of the present axes (x, y, z) each new one is. flips: the new axes that then run backwards.
    """
    old = volume.geometry
    direction = np.reshape(old.direction, (3, 3))[:, axes]
    size, spacing = [old.size[a] for a in axes], [old.spacing[a] for a in axes]
    origin = np.array(old.origin)
    array = volume.array.transpose(2, 1, 0).transpose(axes)
    for axis in flips:
        origin = origin + direction[:, axis] * spacing[axis] * (size[axis] - 1)
        direction[:, axis] *= -1
        array = np.flip(array, axis)
    geometry = Geometry(tuple(size), tuple(spacing), tuple(origin), tuple(direction.ravel()))
    return Volume(np.ascontiguousarray(array.transpose(2, 1, 0)), geometry, volume.source)


def turned_back(labels: np.ndarray, axes: tuple[int, int, int], flips: tuple[int, ...]) -> np.ndarray:
    array = labels.transpose(2, 1, 0)
    for axis in flips:
        array = np.flip(array, axis)
    return array.transpose(np.argsort(axes)).transpose(2, 1, 0)


@pytest.fixture(scope="module")
def segmenter(package) -> Segmenter:
    return Segmenter(package)


@pytest.fixture(scope="module")
def result(segmenter, study):
    return segmenter.segment(study, replace(ON_CPU, keep_probabilities=True))


@pytest.fixture
def found(monkeypatch):
    """Let the check find what a test says."""

    def let(*findings: Finding) -> None:
        monkeypatch.setattr(segmenting, "check", lambda *_: findings)

    return let


def test_the_result_is_the_cascade_on_the_prepared_study_brought_back(result, study, package):
    prepared = prepare(study, package.settings.preprocessing, MODALITIES)
    stage1, stage2 = load_stage(package, 1), load_stage(package, 2)
    prediction = predict(stage1, stage2, package.settings, prepared.images, Engine("cpu").run)
    labels = labels_from_channels(prediction.probabilities >= 0.7, prediction.channels)
    there = cut(result.segmentation.labels, Box.at(prepared.start, labels.shape))
    np.testing.assert_array_equal(there, labels)
    assert set(np.unique(labels)) == {0, 1, 2, 3}, "a test without tumor tests nothing"
    assert np.count_nonzero(result.segmentation.labels) == np.count_nonzero(labels)
    assert result.regions == prediction.regions and len(result.regions) > 1


def test_the_result_lies_on_the_reference_grid_and_says_how_it_came_about(result, study, package):
    assert result.segmentation.geometry == study.reference_volume.geometry
    assert result.segmentation.labels.shape == study.reference_volume.array.shape
    assert result.segmentation.labels.dtype == np.uint8
    assert list(result.timings) == ["check", "prepare", "stage 1", "stage 2", "restore"]
    assert all(seconds > 0 for seconds in result.timings.values())
    assert result.tumor_found and result.notes == () and result.package is package
    assert result.device.startswith("cpu")


def test_the_labels_are_cleaned_as_the_package_says_and_that_is_noted(result, study, package):
    cleaning = Cleaning((3.2, 3.2, 3.2), fill=True)  # 50 voxels
    plain = result.segmentation
    cleaned = Segmenter(replace(package, settings=replace(package.settings, cleaning=cleaning))).segment(study, ON_CPU)
    expected = clean(plain.labels, plain.geometry.voxel_volume, cleaning)
    np.testing.assert_array_equal(cleaned.segmentation.labels, expected.labels)
    assert expected.removed_parts > 1 and expected.filled_ml > 0.05, "a test without either tests nothing"
    removed, filled = cleaned.notes
    assert removed.startswith(f"{expected.removed_parts} small parts of the answer (")
    assert filled.endswith(" ml that the tumor or its core encloses were filled.")


def test_probabilities_are_kept_on_the_reference_grid_where_asked(result, segmenter, study):
    kept = result.segmentation
    assert kept.probabilities.shape == (3, *study.reference_volume.array.shape)
    assert kept.channels == ("WT", "TC", "ET")
    np.testing.assert_array_equal(labels_from_channels(kept.probabilities >= 0.7, kept.channels), kept.labels)
    assert segmenter.segment(study, ON_CPU).segmentation.probabilities is None


@pytest.mark.parametrize(
    ("axes", "flips"),
    [((0, 1, 2), (0, 1)), ((0, 1, 2), (2,)), ((2, 0, 1), (1,)), ((1, 2, 0), ())],
    ids=["RAS", "upside down", "sagittal slices", "other axes"],
)
def test_the_answer_does_not_depend_on_how_the_images_are_stored(segmenter, study, result, axes, flips):
    other = Study({modality: turned(study[modality], axes, flips) for modality in study})
    labels = segmenter.segment(other, ON_CPU).segmentation.labels
    np.testing.assert_array_equal(turned_back(labels, axes, flips), result.segmentation.labels)


def test_the_images_of_one_study_may_be_stored_in_different_ways(segmenter, study, result):
    mixed = {
        Modality.T1: turned(study[Modality.T1], (2, 1, 0), (0, 2)),
        Modality.T1CE: study[Modality.T1CE],
        Modality.T2: turned(study[Modality.T2], (1, 0, 2), ()),
        Modality.FLAIR: turned(study[Modality.FLAIR], (0, 1, 2), (0, 1)),
    }
    labels = segmenter.segment(Study(mixed), ON_CPU).segmentation.labels
    np.testing.assert_array_equal(labels, result.segmentation.labels)


def test_a_reference_of_thick_slices_gets_a_result_on_its_own_grid(segmenter, study):
    thick = {}
    for modality in study:
        old = study[modality].geometry
        geometry = replace(old, size=(*old.size[:2], old.size[2] // 3), spacing=(4.0, 4.0, 12.0))
        thick[modality] = Volume(np.ascontiguousarray(study[modality].array[1::3]), geometry)
    segmentation = segmenter.segment(Study(thick), ON_CPU).segmentation
    assert segmentation.labels.shape == (12, 48, 40) and segmentation.labels.any()
    assert segmentation.geometry == geometry


def test_the_order_of_the_packages_modalities_is_heeded(study, make_tiny_package, trained_like, small_settings):
    """The same network, its first convolution's inputs in another order."""
    settings = replace(small_settings, stage2=None)
    network, other = trained_like(settings.stage1, 4), trained_like(settings.stage1, 4)
    order = [3, 0, 2, 1]
    other.stem.weight.data = network.stem.weight.data[:, order].clone()
    names = tuple(MODALITIES[n].value for n in order)
    first = segment(study, make_tiny_package(settings, network), ON_CPU)
    second = segment(study, make_tiny_package(replace(settings, modalities=names), other), ON_CPU)
    differ = np.count_nonzero(first.segmentation.labels != second.segmentation.labels)
    assert first.tumor_found and differ < 10, "but for rounding the answer is the same"


def test_an_error_of_the_check_stops_and_names_all_errors(segmenter, study, found):
    found(
        Finding("apart", Severity.ERROR, "lies elsewhere.", "Register it.", Modality.T2),
        Finding("small_brain", Severity.WARNING, "is small."),
        Finding("constant", Severity.ERROR, "is empty.", "Choose another."),
    )
    with pytest.raises(CheckError, match=r"T2: lies elsewhere\. Register it\. is empty\. Choose another\.$") as caught:
        segmenter.segment(study, ON_CPU)
    assert [finding.code for finding in caught.value.findings] == ["apart", "small_brain", "constant"]


def test_force_segments_all_the_same_and_carries_the_findings(segmenter, study, found, result):
    finding = Finding("apart", Severity.ERROR, "lies elsewhere.")
    found(finding)
    forced = segmenter.segment(study, replace(ON_CPU, force=True))
    assert forced.findings == (finding,)
    np.testing.assert_array_equal(forced.segmentation.labels, result.segmentation.labels)


def test_a_warning_is_carried_and_does_not_stop(segmenter, study, found):
    finding = Finding("small_brain", Severity.WARNING, "is small.")
    found(finding)
    assert segmenter.segment(study, ON_CPU).findings == (finding,)


def test_what_the_check_really_finds_is_carried(result):
    assert {finding.code for finding in result.findings} == {"thick_slices"}
    assert len(result.findings) == 4


def test_a_volume_given_twice_is_refused_by_the_check(segmenter, study):
    volumes = {modality: study[modality] for modality in study}
    volumes[Modality.FLAIR] = volumes[Modality.T2]
    with pytest.raises(CheckError, match=r"FLAIR \(.*\): the image is the same"):
        segmenter.segment(Study(volumes), ON_CPU)


def test_missing_modalities_are_named(segmenter, study):
    part = Study({modality: study[modality] for modality in (Modality.T1CE, Modality.T2)})
    with pytest.raises(InputError, match="T1, FLAIR are missing; give T1, T1ce, T2 and FLAIR"):
        segmenter.segment(part, ON_CPU)


def test_a_package_that_can_do_without_a_modality_sees_0_for_it_and_says_so(
    study, make_tiny_package, trained_like, small_settings
):
    settings = replace(small_settings, stage2=None, optional=("T1ce", "T2"))
    network = trained_like(settings.stage1, 4)
    tiny = make_tiny_package(settings, network)
    part = Study({m: study[m] for m in (Modality.T1, Modality.T2, Modality.FLAIR)}, Modality.FLAIR)
    answer = segment(part, tiny, replace(ON_CPU, keep_probabilities=True))
    (finding,) = [finding for finding in answer.findings if finding.code == "missing"]
    assert (finding.severity, finding.modality) == (Severity.WARNING, Modality.T1CE)
    assert "Segmented without T1ce: the answer is less sure than with all four images." in answer.notes
    images = prepare(study, settings.preprocessing, MODALITIES).images.copy()
    images[1] = 0
    expected = predict(network, None, settings, images, Engine("cpu").run)
    np.testing.assert_allclose(
        answer.segmentation.probabilities.max((1, 2, 3)), expected.probabilities.max((1, 2, 3)), atol=1e-5
    )
    with pytest.raises(InputError, match=r"T1 is missing; give T1 and FLAIR \(T1ce and T2 may be absent\)"):
        segment(Study({Modality.FLAIR: study[Modality.FLAIR]}, Modality.FLAIR), tiny, ON_CPU)


def test_a_whole_study_gets_no_word_about_missing_images(study, make_tiny_package, trained_like, small_settings):
    settings = replace(small_settings, stage2=None, optional=("T1", "T1ce", "T2", "FLAIR"))
    answer = segment(study, make_tiny_package(settings, trained_like(settings.stage1, 4)), ON_CPU)
    assert not any("ithout" in note for note in answer.notes)
    assert "missing" not in {finding.code for finding in answer.findings}


def test_an_empty_answer_is_noted(study, make_tiny_package, trained_like, small_settings):
    stage1 = trained_like(small_settings.stage1)
    stage1.head.bias.data.fill_(-30)
    tiny = make_tiny_package(small_settings, stage1, trained_like(small_settings.stage2))
    result = segment(study, tiny, ON_CPU)
    assert not result.tumor_found and not result.segmentation.labels.any()
    assert result.notes == ("No tumor was found: the segmentation is empty.",)
    assert "stage 2" not in result.timings


def test_stage_1s_answer_alone_is_noted_where_there_is_a_second_stage(
    study, make_tiny_package, trained_like, small_settings, monkeypatch
):
    stage1 = trained_like(small_settings.stage1, 4)
    monkeypatch.setattr("BrainTumorVAESegLib.inference.cascade.choose_regions", lambda mask, size: [])
    result = segment(study, make_tiny_package(small_settings, stage1, trained_like(small_settings.stage2)), ON_CPU)
    assert result.tumor_found and result.notes == ("Stage 2 was not used: stage 1's answer stands.",)
    alone = segment(study, make_tiny_package(replace(small_settings, stage2=None), stage1), ON_CPU)
    assert alone.tumor_found and alone.notes == ()


def test_progress_names_its_stages_and_rises_to_the_whole(segmenter, study, result):
    told: list[Progress] = []
    segmenter.segment(study, ON_CPU, told.append)
    shares = [progress.fraction for progress in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == pytest.approx(1)
    regions = [f"stage 2, region {n} of {len(result.regions)}" for n in range(1, len(result.regions) + 1)]
    assert list(dict.fromkeys(p.stage for p in told)) == ["check", "prepare", "stage 1", *regions, "restore"]


@pytest.mark.parametrize("stage", ["check", "prepare", "stage 1", "stage 2, region 2 of ", "restore"])
def test_the_wish_to_stop_is_heard_in_every_stage(segmenter, study, stage):
    told: list[Progress] = []
    with pytest.raises(Cancelled):
        segmenter.segment(study, ON_CPU, told.append, lambda: bool(told) and told[-1].stage.startswith(stage))
    assert told[-1].stage.startswith(stage)
    assert sum(progress.stage == told[-1].stage for progress in told) == 1


def test_a_memory_limit_counts_what_the_study_holds(segmenter, study):
    def least(study: Study) -> float:
        with pytest.raises(DeviceError, match="the least is") as caught:
            segmenter.segment(study, replace(ON_CPU, memory=1 << 20))
        return float(str(caught.value).split("--memory ")[1].split("G)")[0]) * 2**30

    wide = {}
    for modality in study:
        old = study[modality]
        array = np.pad(old.array, [(0, 110 - n) for n in old.array.shape]).astype(np.float64)
        wide[modality] = Volume(array, replace(old.geometry, size=(110, 110, 110)))
    more = 4 * 8 * 110**3 - 4 * study.reference_volume.array.nbytes
    assert least(Study(wide)) - least(study) == pytest.approx(more, abs=0.011 * 2**30)
    assert segmenter.segment(study, replace(ON_CPU, memory=int(least(study)))).tumor_found


def test_one_segmenter_answers_one_study_after_another(segmenter, study, result):
    darker = Study({m: replace(study[m], array=(study[m].array * 0.5).astype(np.float32)) for m in study})
    other = segmenter.segment(darker, ON_CPU).segmentation.labels
    again = segmenter.segment(study, ON_CPU).segmentation.labels
    np.testing.assert_array_equal(again, result.segmentation.labels)
    assert np.count_nonzero(other != again) < 10, "intensities are z-scored, so that their scale does not count"


@pytest.fixture
def unshading(package, monkeypatch) -> Segmenter:
    """One that knows of shading, and takes it away by mirroring the images; T1 was strongly shaded, T2 hardly."""
    shades = {Modality.T1: Shade(1.44, "left", "top back"), Modality.T2: Shade(1.05, "left", "right")}
    mirrored = lambda given, model, settings: (replace(given, images=given.images[..., ::-1].copy()), shades)  # noqa: E731
    monkeypatch.setattr(segmenting, "unshade", mirrored)
    size = len(MODALITIES) * TERMS
    segmenter = Segmenter(package)
    segmenter.shading = ShadingModel((0.0,) * size, tuple(np.eye(size).ravel().tolist()))
    return segmenter


def test_shading_is_taken_from_what_the_networks_see_and_strong_shading_is_told(unshading, study):
    result = unshading.segment(study, replace(ON_CPU, keep_evidence=True))
    assert result.prepared.shading is Shading.AUTO and result.prepared.unshaded == (Modality.T1,)
    assert result.prepared.evened == (Modality.T1, Modality.T2)
    assert "Shading was taken from T1: it was about 1.4 times as bright at the left as at the top back." in result.notes
    assert not any("T2" in note for note in result.notes)
    evidence = result.evidence
    np.testing.assert_array_equal(evidence.prepared.images, evidence.given.images[..., ::-1])
    again = unshading.predict(evidence.prepared.images, ON_CPU)
    np.testing.assert_array_equal(evidence.prediction.probabilities, again.probabilities)


def test_shading_that_a_small_brain_does_not_tell_is_not_said_to_be_taken_away(unshading, study, monkeypatch):
    monkeypatch.setattr(segmenting, "unshade", unshade)
    result = unshading.segment(study, replace(ON_CPU, keep_evidence=True))
    assert result.evidence.prepared is result.evidence.given
    assert result.prepared.evened == result.prepared.unshaded == ()
    assert result.prepared.shading is Shading.AUTO, "it is segmented so again"


def test_shading_stays_where_that_is_wished_for_or_the_package_knows_nothing_of_it(unshading, segmenter, study):
    left = unshading.segment(study, replace(ON_CPU, preparation=UNTOUCHED))
    plain = segmenter.segment(study, replace(ON_CPU, preparation=AS_GIVEN))
    for result in (left, plain):
        assert result.prepared.shading is Shading.OFF and result.prepared.unshaded == result.prepared.evened == ()
    np.testing.assert_array_equal(left.segmentation.labels, plain.segmentation.labels)


@pytest.mark.parametrize("preparation", [AS_GIVEN, PreparationOptions()], ids=["as given", "looked at"])
def test_a_mask_that_came_with_a_study_that_needs_nothing_is_told_with_its_volume(segmenter, study, preparation):
    reference = study.reference_volume
    brain = replace(reference, array=(reference.array != 0).astype(np.uint8))
    options = replace(ON_CPU, preparation=preparation)
    prepared = segmenter.segment(replace(study, brain=brain), options).prepared
    assert prepared.mask == GIVEN and not prepared.alignments
    assert prepared.brain_ml == pytest.approx(np.count_nonzero(brain.array) * reference.geometry.voxel_volume)
    assert prepared.brain_ml > 10
    assert segmenter.segment(study, options).prepared.mask == ""
