"""Series that DICOM objects can refer to, and in one sentence why others cannot be referred to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.dicom_out.sources import Source, find_source, open_source, source_of
from BrainTumorVAESegLib.dicom_out.writing import make_objects
from BrainTumorVAESegLib.images.dicom import find_series
from dicomstudies import SPACE, STUDY, TAGS, edit, write_series, write_study

from .conftest import OBLIQUE, T1CE, answer_of, tumor


def test_a_source_knows_its_instances_in_the_order_of_the_grid(source: Source, tmp_path: Path) -> None:
    assert (source.study, source.space, source.number, source.notes) == (STUDY, SPACE, 7, ())
    assert source.grid.same_grid(OBLIQUE, 1e-3)
    files = sorted((tmp_path / "study").glob("*.dcm"), key=lambda path: int(path.stem.split("_")[1]))
    assert list(source.instances) == [str(pydicom.dcmread(path).SOPInstanceUID) for path in files]
    assert source.picture(3) == (source.headers[3], None)


def test_the_other_series_that_an_answer_was_made_from_are_referred_to_as_well(volume: Volume, tmp_path: Path) -> None:
    uids = write_study(dict.fromkeys(TAGS, volume), tmp_path)
    by_uid = {each.uid: each for each in find_series(tmp_path)}
    source = source_of({modality: by_uid[uid] for modality, uid in uids.items()}, Modality.T1CE)
    assert source.series == uids[Modality.T1CE]
    assert len(source.instances) == 4 * len(source.headers) == len(set(source.instances))
    data = make_objects(answer_of(tumor(OBLIQUE), OBLIQUE), source)["labels"]
    assert {item.SeriesInstanceUID for item in data.ReferencedSeriesSequence} == set(uids.values())
    frame = data.PerFrameFunctionalGroupsSequence[0]
    assert len(frame.DerivationImageSequence[0].SourceImageSequence) == 1  # by slices to its own series alone


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"SOPInstanceUID": ""}, "has no SOPInstanceUID, so that no DICOM object can refer to it; export the series"),
        ({"SOPInstanceUID": "1.02.x"}, r"has a SOPInstanceUID that is none \(1.02.x\)"),
        ({"SOPClassUID": ""}, "has no SOPClassUID"),
        ({"StudyInstanceUID": ""}, "has no StudyInstanceUID"),
        ({"StudyInstanceUID": "1.2.3"}, "is of another patient or examination than"),
        ({"PatientID": "P2"}, "is of another patient or examination than"),
    ],
)
def test_an_instance_that_cannot_be_referred_to_is_named(
    make_source: Callable[..., Source], tmp_path: Path, tags: dict, said: str
) -> None:
    make_source()
    path = sorted((tmp_path / "study").glob("*.dcm"))[-1]
    edit(path, **tags)
    (series,) = find_series(tmp_path / "study")
    with pytest.raises(InputError, match=said) as caught:
        open_source(series)
    assert path.name in str(caught.value)


def test_two_instances_of_one_uid_are_named(make_source: Callable[..., Source], tmp_path: Path) -> None:
    uid = make_source().instances[0]
    path = next((tmp_path / "study").glob("*_5.dcm"))
    edit(path, SOPInstanceUID=uid)
    (series,) = find_series(tmp_path / "study")
    with pytest.raises(InputError, match=r"has the SOPInstanceUID of .*; keep one of them"):
        open_source(series)


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"FrameOfReferenceUID": ""}, r"series 7 \(AX T1 POST GAD\): has no one FrameOfReferenceUID"),
        ({"SOPClassUID": "1.3.12.2.1107.5.9.1"}, "is of a private kind"),
    ],
)
def test_a_series_that_cannot_be_referred_to_is_named(
    make_source: Callable[..., Source], tags: dict, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        make_source(**tags)


def test_slices_of_two_frames_of_reference_are_named(make_source: Callable[..., Source], tmp_path: Path) -> None:
    make_source()
    edit(next((tmp_path / "study").glob("*_5.dcm")), FrameOfReferenceUID="1.2.3")
    (series,) = find_series(tmp_path / "study")
    with pytest.raises(InputError, match="has no one FrameOfReferenceUID"):
        open_source(series)


def test_a_series_that_is_no_volume_is_named(make_source: Callable[..., Source], tmp_path: Path) -> None:
    make_source()
    next((tmp_path / "study").glob("*_4.dcm")).unlink()
    (series,) = find_series(tmp_path / "study")
    with pytest.raises(InputError, match=r"series 7 \(AX T1 POST GAD\): 1 slice is missing"):
        open_source(series)


def test_the_series_with_a_grid_is_found_of_several_the_one_of_the_modality(volume: Volume, tmp_path: Path) -> None:
    shifted = Volume(volume.array, OBLIQUE.sub_grid(Box.at((1, 0, 0), volume.array.shape)), "made")
    write_series(volume, tmp_path / "a", **T1CE)
    write_series(shifted, tmp_path / "b", **TAGS[Modality.T2])
    assert find_source(tmp_path, OBLIQUE, Modality.T1CE).first.number == 7
    with pytest.raises(InputError, match="none of its 1 series has the grid of the T1ce"):
        find_source(tmp_path / "b", OBLIQUE, Modality.T1CE)
    write_series(volume, tmp_path / "c", **TAGS[Modality.FLAIR])
    assert find_source(tmp_path, OBLIQUE, Modality.FLAIR).first.number == 5
    with pytest.raises(
        InputError, match=r"2 series have the grid of the T1 \(series 5 .*, series 7 .*\); give a folder"
    ):
        find_source(tmp_path, OBLIQUE, Modality.T1)
