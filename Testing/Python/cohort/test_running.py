from __future__ import annotations

from dataclasses import replace

import pytest
from BrainTumorVAESegLib.cohort.outcome import State
from BrainTumorVAESegLib.cohort.running import segment_cohort
from BrainTumorVAESegLib.cohort.settings import CohortOptions
from BrainTumorVAESegLib.core.errors import InputError


def test_results_come_one_by_one_and_a_failure_stops_no_other(found, package):
    damaged = replace(
        found[0], name="damaged", images={**found[0].images, **dict.fromkeys(["T2"], found[0].paths[0].parent)}
    )
    outcomes = segment_cohort([damaged, *found], package)
    first = next(outcomes)
    assert (first.name, first.state, first.segmentation) == ("damaged", State.FAILED, None)
    assert [(each.name, each.state) for each in outcomes] == [("P000", State.DONE), ("P001", State.DONE)]


def test_folders_are_cases(data, package, tmp_path):
    (outcome,) = segment_cohort([data / "P001"], package, out=tmp_path / "out")
    assert outcome.row["case"] == "P001" and (tmp_path / "out" / "cases" / "P001" / "P001_seg.nii.gz").is_file()


def test_a_folder_that_is_no_case_is_told(package, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no file looks like"):
        list(segment_cohort([tmp_path / "empty"], package))


def test_a_report_is_written_where_it_is_wanted(found, package, tmp_path):
    (outcome,) = segment_cohort(found[:1], package, out=tmp_path, options=CohortOptions(report=True))
    assert outcome.message == "" and (tmp_path / "cases" / "P000" / "P000_report.html").is_file()
