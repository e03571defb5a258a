"""How odd a value is among the cases that a package was calibrated on, and the file that tells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError, PackageError
from BrainTumorVAESegLib.core.settings import CascadeSettings
from BrainTumorVAESegLib.inference.segmenting import Options, segment
from BrainTumorVAESegLib.models.library import find_package
from BrainTumorVAESegLib.models.manifest import MANIFEST
from BrainTumorVAESegLib.trust.calibrating import (
    calibrate,
    fit_scales,
    left_out_oddities,
    with_calibration,
    with_corrections,
)
from BrainTumorVAESegLib.trust.calibration import FORMAT, TRUST, Calibration, overall, read_calibration
from BrainTumorVAESegLib.trust.observed import CaseObservation
from BrainTumorVAESegLib.trust.temperature import BINS, Correction

VALUES = tuple(np.sort(np.random.default_rng(0).normal(10, 2, 400)).tolist())
CALIBRATION = Calibration(400, {"filled": VALUES, "noise-T1": VALUES}, 3.0, 5.0, intervals={"WT": (0.2, 0.8)})


def test_oddity_is_in_standard_deviations_of_a_gaussian():
    assert CALIBRATION.oddity("filled", 16) == pytest.approx(3, rel=0.15)
    assert CALIBRATION.oddity("filled", 4) == pytest.approx(3, rel=0.15)


def test_less_noise_than_usual_is_no_fault_and_an_unknown_measure_says_nothing():
    assert CALIBRATION.oddity("noise-T1", 4) == 0 < CALIBRATION.oddity("noise-T1", 16)
    assert CALIBRATION.oddity("noise-T2", 99) == 0


def test_a_percentile_is_the_share_of_cases_below():
    assert [CALIBRATION.percentile("filled", value) for value in (-99, VALUES[200], 99)] == [0, 50, 100]


def test_a_package_brings_its_calibration_and_one_without_it_none(two_stages, tmp_path):
    package = two_stages.package
    assert read_calibration(package) is None
    calibrated = with_calibration(package, CALIBRATION, tmp_path / "calibrated")
    found = read_calibration(calibrated)
    np.testing.assert_allclose(found.measures["filled"], VALUES, rtol=1e-5)
    assert replace(found, measures={}) == replace(CALIBRATION, measures={})
    assert calibrated.sha256 != package.sha256 and set(calibrated.files) == {*package.files, TRUST}
    held = {path.relative_to(calibrated.folder).as_posix() for path in calibrated.folder.rglob("*") if path.is_file()}
    assert held == {*calibrated.files, MANIFEST}, "and nothing that stood beside the work"


def test_a_package_that_ships_can_be_calibrated_into_another_folder(tmp_path):
    package = find_package("fast", verify=False)
    assert read_calibration(with_calibration(package, CALIBRATION, tmp_path / "calibrated")) is not None


def test_a_calibration_can_be_replaced_in_place(two_stages, tmp_path):
    first = with_calibration(two_stages.package, CALIBRATION, tmp_path / "calibrated")
    second = with_calibration(first, replace(CALIBRATION, cases=7), first.folder, replaced=True)
    assert read_calibration(second).cases == 7


def test_a_calibration_of_another_format_counts_as_none(two_stages, tmp_path):
    older = with_calibration(two_stages.package, replace(CALIBRATION, format=FORMAT - 1), tmp_path / "calibrated")
    assert read_calibration(older) is None


def test_a_file_that_was_changed_is_refused(two_stages, tmp_path):
    calibrated = with_calibration(two_stages.package, CALIBRATION, tmp_path / "calibrated")
    path = calibrated.folder / TRUST
    path.write_bytes(path.read_bytes().replace(b"400", b"401", 1))
    with pytest.raises(PackageError, match=r"trust\.json was changed"):
        read_calibration(calibrated)


def test_untouched_cases_are_seldom_unusual_and_far_ones_are():
    random = np.random.default_rng(3)
    values = random.normal(size=(60, 2))
    cases = [CaseObservation({"filled": a, "latent": b}, {"WT": 0.5}) for a, b in values]
    calibration = calibrate(cases)
    scores = [calibration.oddity("filled", random.normal()) for _ in range(500)]
    assert np.mean(np.array(scores) / calibration.scales["filled"] >= calibration.unusual) < 0.1
    assert calibration.score("filled", 12) > calibration.unlike > calibration.unusual
    assert calibration.intervals["WT"] == pytest.approx((0.5, 0.5)) and calibration.sequences is None


def test_a_case_is_not_held_against_others_of_its_patient():
    """Two scans of one head are alike, so that the second one would make the first look usual."""
    usual = [CaseObservation({"filled": value}, {}) for value in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    twins = [CaseObservation({"filled": 9.0}, {}, patient="one") for _ in range(4)]
    others = [CaseObservation({"filled": 9.0}, {}, patient=str(number)) for number in range(4)]
    alone = left_out_oddities([*usual, twins[0]])[-1]["filled"]
    assert alone > 5
    assert left_out_oddities([*usual, *twins])[-1]["filled"] == alone
    assert left_out_oddities([*usual, *others])[-1]["filled"] < alone


def test_a_kind_whose_untouched_cases_vary_much_alarms_no_oftener_than_another():
    random = np.random.default_rng(4)
    pairs = zip(random.normal(size=200), random.standard_t(2, 200), strict=True)
    oddities = left_out_oddities([CaseObservation({"filled": a, "tall": b}, {}) for a, b in pairs])
    scales = fit_scales(oddities)
    assert scales["tall"] > scales["filled"] >= 1
    alarms = [np.mean([each[kind] > scales[kind] for each in oddities]) for kind in scales]
    assert sum(alarms) < 0.04 and max(alarms) < 0.03


def test_images_are_held_against_the_worst_image_of_each_case_on_one_scale():
    cases = [CaseObservation({"noise-T1": value, "noise-T2": value - 20, "tall": value}, {}) for value in VALUES[::8]]
    known = calibrate(cases)
    assert set(known.measures) == {"noise", "tall"} and known.measures["noise"] == known.measures["tall"]
    assert known.score("noise-T2", 20) == known.score("noise-T1", 20) > known.unusual
    assert known.percentile("noise-T2", VALUES[-1] + 1) == 100 and known.oddity("noise-T2", VALUES[0] - 20) == 0


def test_studies_are_ranked_by_the_scanners_measures_and_by_others_only_where_they_alarm():
    assert overall({"noise-T1": 0.6, "tall": 0.9}) == 0.6 < overall({"noise-T1": 0.6, "tall": 1.2}) == 1.2
    assert overall({"tall": 0.9}) == overall({}) == 0


def test_corrections_of_a_calibration_leave_the_masks_as_they_are(two_stages, tmp_path, study):
    corrections = (Correction(2.0, 0.4), Correction(0.5), Correction(1.3, -0.6))
    calibrated = with_calibration(
        two_stages.package, replace(CALIBRATION, corrections=corrections), tmp_path / "calibrated"
    )
    own = two_stages.package.settings
    assert calibrated.settings.temperatures == pytest.approx(np.multiply(own.temperatures, (2.0, 0.5, 1.3)))
    assert calibrated.settings.offsets == pytest.approx((0.4, 0.0, -0.6))
    again = segment(study, calibrated, Options(keep_probabilities=True))
    np.testing.assert_array_equal(again.segmentation.labels, two_stages.segmentation.labels)
    assert read_calibration(calibrated).corrections == corrections


def test_a_correction_on_top_of_another_is_both_one_after_the_other():
    first = with_corrections(CascadeSettings(), [Correction(2.0, 0.4)] * 3)
    both = with_corrections(first, [Correction(1.5, -0.3)] * 3)
    logit = 1.7
    expected = Correction(1.5, -0.3).of(Correction(2.0, 0.4).of(1 / (1 + np.exp(-logit))))
    found = Correction(both.temperatures[0], both.offsets[0]).of(1 / (1 + np.exp(-logit)))
    assert found == pytest.approx(expected, abs=1e-4)
    assert both.thresholds[0] == pytest.approx(Correction(1.5, -0.3).of(Correction(2.0, 0.4).of(0.5)), abs=1e-5)


def test_corrections_come_with_the_thresholds_of_the_intervals():
    near = np.zeros((3, BINS, 2))
    near[:, BINS // 2 + 20] = 50, 50  # as likely as not, called 0.92
    near[:, 20] = 100, 1
    cases = [CaseObservation({"filled": n}, {"WT": 0.9}, near=near, patient=str(n)) for n in range(6)]
    calibration = calibrate(cases)
    assert min(each.temperature for each in calibration.corrections) > 2
    assert calibration.intervals["WT"][0] == pytest.approx(calibration.corrections[0].of(0.9), abs=1e-3)


def test_too_few_cases_are_refused():
    with pytest.raises(InputError, match="2 cases are too few"):
        calibrate([CaseObservation({}, {})] * 2)
