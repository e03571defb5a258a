from __future__ import annotations

from pathlib import Path

import pytest
from BrainTumorVAESegLib.cohort.folder import Cohort, claimed_cohort, require_apart, require_same, write_tables
from BrainTumorVAESegLib.cohort.outcome import Outcome, State
from BrainTumorVAESegLib.cohort.places import Places
from BrainTumorVAESegLib.cohort.settings import CohortOptions, PackageRef
from BrainTumorVAESegLib.cohort.task import run_case
from BrainTumorVAESegLib.core.errors import InputError, OutputError

REFERENCE = PackageRef(Path("models/one"), "one", "1.0", "a" * 64)


@pytest.fixture
def places(tmp_path) -> Places:
    return Places(tmp_path / "out")


def _cohort(data: str = "data", reference: PackageRef = REFERENCE, **options: object) -> Cohort:
    return Cohort.of([Path(data)], "test", reference, CohortOptions(**options))


def test_the_same_cohort_goes_on_in_its_folder(places):
    with claimed_cohort(places, _cohort()):
        pass
    require_same(places, _cohort(threads=3, device="cpu"))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (_cohort("elsewhere"), "of other data"),
        (_cohort(reference=PackageRef(Path("models/one"), "one", "1.1", "b" * 64)), "by another package"),
        (_cohort(probabilities=True), "with other options"),
    ],
)
def test_a_folder_of_another_cohort_is_refused_unless_it_is_to_be_replaced(places, other, said):
    with claimed_cohort(places, _cohort()):
        pass
    with pytest.raises(OutputError, match=rf"holds the cohort data, by one 1\.0, {said}"):
        require_same(places, other)
    require_same(places, other, overwrite=True)


def test_files_that_no_cohort_left_are_not_replaced(places):
    places.out.mkdir()
    (places.out / "index.html").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        require_same(places, _cohort())


def test_a_description_that_is_none_is_told(places):
    places.out.mkdir()
    (places.out / "cohort.json").write_text("[1]")
    with pytest.raises(OutputError, match="is not what cohort writes"):
        require_same(places, _cohort())


def test_two_commands_do_not_share_a_folder(places):
    with (
        claimed_cohort(places, _cohort()),
        pytest.raises(OutputError, match="another process"),
        claimed_cohort(places, _cohort()),
    ):
        pass


def test_no_path_of_the_data_is_told(places, tmp_path):
    data = tmp_path / "SMITH^JOHN" / "data"
    with claimed_cohort(places, Cohort.of([data], "test", REFERENCE, CohortOptions())):
        assert "SMITH" not in (places.out / "cohort.json").read_text()


@pytest.mark.parametrize("out", ["data", "data/results", "data/x/../y"])
def test_results_among_the_data_are_refused(tmp_path, out):
    (tmp_path / "data").mkdir()
    with pytest.raises(InputError, match="taken for cases"):
        require_apart(tmp_path / out, [tmp_path / "data"])


def test_results_beside_the_data_are_taken(tmp_path):
    (tmp_path / "data").mkdir()
    require_apart(tmp_path / "data-results", [tmp_path / "data"])


def test_tables_and_page_tell_of_finished_cases_and_of_failures(task):
    places = Places(task.out)
    run_case(task)
    failures = [Outcome("P001", State.FAILED, "It is empty.", 3)]
    assert write_tables(places, _cohort(), ["P000", "P001", "P009"], failures) == 1
    assert (places.out / "cohort.csv").read_text().count("\n") == 2
    assert (places.out / "failures.csv").read_text() == "case,state,why\nP001,failed,It is empty.\n"
    page = (places.out / "index.html").read_text()
    assert "P000" in page and "It is empty." in page and "1 finished, 1 without a result" in page
