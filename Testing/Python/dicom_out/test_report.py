"""The report: every measure with its code, on the segment that it is of, its lines on the slices where they lie."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.dicom_out.answers import Answer
from BrainTumorVAESegLib.dicom_out.sources import Source, open_source
from BrainTumorVAESegLib.dicom_out.writing import make_objects, write_dicom
from BrainTumorVAESegLib.images.dicom import find_series
from dicomstudies import write_enhanced, write_series

from .conftest import OBLIQUE, T1CE, answer_of, tumor


def written(answer: Answer, source: Source, folder: Path):
    return highdicom.sr.srread(write_dicom(answer, source, folder / "out", "P1")["measures"])


@pytest.fixture
def report(answer: Answer, source: Source, tmp_path: Path):
    return written(answer, source, tmp_path)


def values(group) -> dict[str, float]:
    return {each.name.meaning: each.value for each in group.get_measurements()}


def by_name(groups) -> dict:
    return {str(group.tracking_identifier): group for group in groups}


def test_it_is_unverified_and_preliminary_and_says_what_it_may_be_used_for(report) -> None:
    assert (report.CompletionFlag, report.VerificationFlag, report.PreliminaryFlag) == (
        "COMPLETE", "UNVERIFIED", "PRELIMINARY",
    )  # fmt: skip
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    comment = report.ContentSequence[-1].TextValue
    assert "not a medical device" in comment and "pre-operative glioma" in comment


def test_every_volume_stands_with_the_segment_that_it_is_of(report, answer: Answer, source: Source) -> None:
    groups = by_name(report.content.get_volumetric_roi_measurement_groups())
    objects = {str(data.SOPInstanceUID): data for data in make_objects(answer, source).values()}
    names = {"Whole tumor": "WT", "Tumor core": "TC", "Enhancing tumor": "ET", "Edema": "ED"}
    for name, key in names.items():
        assert values(groups[name])["Volume"] == pytest.approx(answer.measures.volumes_ml[key], abs=6e-4)
        segment = groups[name].referenced_segment
        described = objects[str(segment.referenced_sop_instance_uid)].SegmentSequence[
            segment.referenced_segment_numbers[0] - 1
        ]
        assert described.SegmentLabel == name
        assert str(described.TrackingUID) == str(groups[name].tracking_uid)
    assert values(groups["Whole tumor"])["Number of lesions"] == 2


def uncertainties(report, name: str) -> dict[str, tuple[float, str]]:
    """What stands below a part's volume, by code: value and unit."""
    groups = report.content.get_volumetric_roi_measurement_groups() + report.content.get_image_measurement_groups()
    (volume,) = (each for each in by_name(groups)[name].get_measurements() if each.name.meaning == "Volume")
    below = [item for item in volume[0].get("ContentSequence", []) if item.RelationshipType == "HAS PROPERTIES"]
    numbers = [(item.ConceptNameCodeSequence[0].CodeValue, item.MeasuredValueSequence[0]) for item in below]
    return {code: (float(n.NumericValue), n.MeasurementUnitsCodeSequence[0].CodeValue) for code, n in numbers}


def test_an_interval_stands_as_the_uncertainty_of_its_volume(answer: Answer, source: Source, tmp_path: Path) -> None:
    whole = answer.measures.volumes_ml["WT"]
    told = replace(answer, intervals_ml={"WT": (whole - 0.25, whole + 1.5), "TC": (0.0, 1e-6)})
    report = written(told, source, tmp_path)
    assert uncertainties(report, "Whole tumor") == {"371886008": (1.5, "ml"), "371885007": (0.25, "ml")}
    assert uncertainties(report, "Tumor core") == {}  # an interval beside its volume is none of it
    assert uncertainties(report, "Edema") == {}
    assert "80 % of cases" in report.ContentSequence[-1].TextValue


def test_without_intervals_no_uncertainty_is_told(report) -> None:
    assert uncertainties(report, "Whole tumor") == {} and "Uncertainties" not in report.ContentSequence[-1].TextValue


def test_lesions_are_told_with_what_rano_asks_of_them(report, answer: Answer) -> None:
    lesion = answer.measures.enhancing.lesions[0]
    group = by_name(report.content.get_volumetric_roi_measurement_groups())["Enhancing tumor, lesion 1"]
    told = values(group)
    assert told["Volume"] == pytest.approx(lesion.volume_ml, abs=6e-4)
    assert told["Maximum 3D Diameter of a Mesh"] == pytest.approx(lesion.diameter_3d_mm, abs=6e-4)
    judged = {each.name.meaning: each.value.meaning for each in group.get_qualitative_evaluations()}
    assert judged["Measurable lesion"] == ("Yes" if lesion.measurable else "No")
    assert judged["Target lesion"] == ("Yes" if lesion.target else "No")


def lines(group) -> dict[str, pydicom.Dataset]:
    """The coordinates of a group's measurements, by what they are of."""
    found = {}
    for item in group[0].ContentSequence:
        for below in item.get("ContentSequence", []):
            if below.ValueType in ("SCOORD", "SCOORD3D"):
                found[item.ConceptNameCodeSequence[0].CodeMeaning] = below
    return found


def test_diameters_are_lines_on_the_slice_where_they_were_measured(report, answer: Answer, source: Source) -> None:
    group = by_name(report.content.get_image_measurement_groups())["Enhancing tumor, lesion 1"]
    found = answer.measures.enhancing.lesions[0].diameters
    matrix = source.grid.index_to_physical
    for name, ends in (("Long axis", found.ends), ("Short axis", found.perpendicular_ends)):
        line = lines(group)[name]
        picture = line.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        index = source.instances.index(str(picture))
        points = np.reshape(line.GraphicData, (2, 2)) - 0.5
        places = [(matrix @ (column, row, index, 1))[:3] for column, row in points]
        np.testing.assert_allclose(places, ends, atol=1e-3)
    assert values(group)["Long axis"] == pytest.approx(found.longest_mm, abs=6e-4)


def test_of_a_sagittal_series_they_lie_across_its_slices_in_the_patient_s_space(tmp_path: Path, volume: Volume) -> None:
    grid = replace(OBLIQUE, direction=(0.0, 0.0, -1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0))
    write_series(Volume(volume.array, grid, "made"), tmp_path / "study", **T1CE)
    (series,) = find_series(tmp_path / "study")
    source, answer = open_source(series), answer_of(tumor(grid), grid)
    content = written(answer, source, tmp_path).content
    line = lines(by_name(content.get_image_measurement_groups())["Enhancing tumor, lesion 1"])["Long axis"]
    assert line.ValueType == "SCOORD3D" and line.ReferencedFrameOfReferenceUID == source.space
    np.testing.assert_allclose(
        np.reshape(line.GraphicData, (2, 3)), answer.measures.enhancing.lesions[0].diameters.ends, atol=1e-3
    )


def test_of_an_enhanced_file_they_name_the_frame(tmp_path: Path, volume: Volume, answer: Answer) -> None:
    write_enhanced(volume, tmp_path / "study" / "IM0", **T1CE)
    (series,) = find_series(tmp_path / "study")
    source = open_source(series)
    content = written(answer, source, tmp_path).content
    line = lines(by_name(content.get_image_measurement_groups())["Enhancing tumor, lesion 1"])["Long axis"]
    frame = int(line.ContentSequence[0].ReferencedSOPSequence[0].ReferencedFrameNumber)
    assert source.frames.index(frame) == answer.measures.enhancing.lesions[0].diameters.slice


def test_a_part_without_a_voxel_has_a_volume_of_zero(source: Source, tmp_path: Path) -> None:
    answer = answer_of(np.where(tumor(OBLIQUE) == 3, 0, tumor(OBLIQUE)).astype(np.uint8), OBLIQUE)
    content = written(answer, source, tmp_path).content
    told = by_name(content.get_image_measurement_groups())["Enhancing tumor"]
    assert values(told) == {"Volume": 0, "Number of lesions": 0, "Sum of products of target lesions": 0}


def test_what_does_not_enhance_of_the_core_is_not_called_necrotic(report) -> None:
    told = values(by_name(report.content.get_volumetric_roi_measurement_groups())["Tumor core"])
    shares = [told[f"{which} share of the tumor core"] for which in ("Non-enhancing", "Enhancing")]
    assert sum(shares) == pytest.approx(100, abs=0.01) and not [name for name in told if "ecrotic" in name]
