"""The four series of a study, chosen with a reason each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.dicom_choice import SeriesChoice, choose_series, read_choice
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.images.dicom import find_series
from BrainTumorVAESegLib.phantom.phantom import Phantom, PhantomSettings, make_phantom

pytest.importorskip("pydicom", reason="the extra [dicom] is not installed")
from dicomstudies import TAGS, write_series, write_study

T1, T1CE, T2, FLAIR = MODALITIES
Choose = Callable[..., SeriesChoice]


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(PhantomSettings(size=(22, 26, 20), spacing=7.5))


@pytest.fixture
def choose(phantom: Phantom, tmp_path: Path) -> Choose:
    """Write the phantom's four series, with tags changed by modality, and choose."""

    def call(given: dict[Modality, str] | None = None, optional: tuple = (), **changes: Any) -> SeriesChoice:
        if not any(tmp_path.iterdir()):
            write_study(phantom.study.volumes, tmp_path, **changes)
        return choose_series(find_series(tmp_path), given, lambda: optional)

    return call


def numbers(choice: SeriesChoice) -> list[int | None]:
    return [each.first.number for each in choice.series.values()]


def test_a_study_gives_its_four_images_with_a_reason_each(choose: Choose) -> None:
    choice = choose()
    assert list(choice.series) == list(MODALITIES)
    assert numbers(choice) == [3, 7, 4, 5]
    assert choice.reasons[T1CE] == "series 7 (AX T1 SE POST GAD): its description says T1 with contrast agent"
    assert choice.reasons[T1].endswith("it was taken before the T1ce, series 7 (AX T1 SE POST GAD)")


def test_the_volumes_are_those_of_the_series(choose: Choose, phantom: Phantom) -> None:
    study = read_choice(choose(), name="P")
    assert (study.name, study.reference) == ("P", T1CE)
    for modality in MODALITIES:
        own = phantom.study[modality]
        assert study[modality].geometry.same_grid(own.geometry)
        np.testing.assert_allclose(study[modality].array, own.array, atol=own.array.max() / 4095)


def test_a_series_that_is_given_goes_before_its_name(choose: Choose) -> None:
    choice = choose({T1: "7", T1CE: "3"})
    assert numbers(choice) == [7, 3, 4, 5]
    assert choice.reasons[T1] == "series 7 (AX T1 SE POST GAD), as given"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({T1: "99"}, "T1: no series has the UID or number 99"),
        ({T1: "4", T2: "4"}, "One series was given for T1 and T2"),
    ],
)
def test_a_series_that_is_given_must_be_there_and_once(choose: Choose, given: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        choose(given)


def test_a_missing_modality_is_told_with_what_could_be_it(choose: Choose) -> None:
    with pytest.raises(
        InputError, match=r"No series is surely T2 \(series 4 \(brain\) may be one: .*; name it by --t2"
    ):
        choose(T2={"SeriesDescription": "brain", "RepetitionTime": 9000.0})
    assert numbers(choose(optional=(T2,))) == [3, 7, 5]


def test_a_series_that_is_no_volume_is_told(choose: Choose, tmp_path: Path) -> None:
    choose()
    flair = next(each for each in find_series(tmp_path) if each.first.number == 5)
    next(file.path for file in flair.files if file.path.stem.endswith("_10")).unlink()
    with pytest.raises(InputError, match=r"surely FLAIR \(series 5 \(AX T2 FLAIR\) is FLAIR, but 1 slice is missing"):
        choose()
    with pytest.raises(InputError, match=r"FLAIR: series 5 \(AX T2 FLAIR\): 1 slice is missing"):
        choose({FLAIR: "5"})


def test_the_finest_of_several_is_taken_and_the_others_are_told(
    choose: Choose, phantom: Phantom, tmp_path: Path
) -> None:
    choose()
    volume = phantom.study[T2]
    coarse = volume.geometry.__class__(
        volume.geometry.size, (7.5, 7.5, 9.0), volume.geometry.origin, volume.geometry.direction
    )
    tags = {**TAGS[T2], "SeriesNumber": 9, "SeriesDescription": "COR T2"}
    write_series(Volume(volume.array, coarse), tmp_path, **tags)
    choice = choose()
    assert choice.series[T2].first.number == 4
    assert "rather than series 9 (COR T2)" in choice.reasons[T2]


def test_folders_that_carry_the_names_count(phantom: Phantom, tmp_path: Path) -> None:
    for modality in MODALITIES:
        write_series(phantom.study[modality], tmp_path / modality.value, SeriesNumber=1, SeriesDescription="brain")
    choice = choose_series(find_series(tmp_path))
    assert [each.first.path.parent.name for each in choice.series.values()] == [m.value for m in MODALITIES]
    assert choice.reasons[T2].endswith("its folder's name says T2")


class TestTwoSilentT1:
    """Neither says whether agent was given, nor does the time tell."""

    SILENT = {"SeriesDescription": "AX T1 SE", "AcquisitionTime": "100000"}  # noqa: RUF012

    def test_the_images_decide_where_they_are_clear(self, choose: Choose) -> None:
        choice = choose(T1=self.SILENT, T1CE=self.SILENT)
        assert numbers(choice) == [3, 7, 4, 5]
        assert choice.reasons[T1CE].endswith("it is bright where series 3 (AX T1 SE) is not")

    def test_two_alike_stay_open(self, phantom: Phantom, tmp_path: Path) -> None:
        volumes = {**phantom.study.volumes, T1CE: phantom.study[T1]}
        write_study(volumes, tmp_path, T1=self.SILENT, T1CE=self.SILENT)
        with pytest.raises(InputError, match=r"surely T1, T1ce \(series 3 .* may be one: .*; series 7 .* may be one"):
            choose_series(find_series(tmp_path))

    def test_a_silent_one_beside_a_t1_without_agent_is_the_t1ce_only_if_it_shows_it(
        self, phantom: Phantom, tmp_path: Path
    ) -> None:
        volumes = {**phantom.study.volumes, T1: phantom.study[T1CE], T1CE: phantom.study[T1]}
        write_study(volumes, tmp_path, T1={"SeriesDescription": "AX T1 PRE"}, T1CE=self.SILENT)
        with pytest.raises(InputError, match="surely T1ce"):
            choose_series(find_series(tmp_path))
