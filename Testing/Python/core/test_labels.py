from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.labels import (
    CHANNEL_SETS,
    ED,
    ET,
    LABEL_BY_KEY,
    LABELS,
    NCR,
    LabelConvention,
    channels_from_labels,
    convert_labels,
    labels_from_channels,
    regions_from_labels,
)

BRATS2021, BRATS2023, BRATS2024, MSD = (
    LabelConvention.BRATS2021,
    LabelConvention.BRATS2023,
    LabelConvention.BRATS2024,
    LabelConvention.MSD,
)
ALL = np.array([[[0, 1, 2, 3, 3, 2, 1, 0]]], np.uint8)


@pytest.mark.parametrize(("source", "target"), list(product(LabelConvention, repeat=2)))
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_labels_come_back_from_every_convention_by_way_of_every_other(source, target, dtype):
    there = convert_labels(ALL, BRATS2023, source).astype(dtype)
    back = convert_labels(convert_labels(there, source, target), target, BRATS2023)
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, ALL)


@pytest.mark.parametrize(
    ("convention", "values"), [(BRATS2021, (1, 2, 4)), (BRATS2023, (1, 2, 3)), (BRATS2024, (1, 2, 3)), (MSD, (2, 1, 3))]
)  # NCR, ED, ET as the data sets state them
def test_each_convention_has_the_values_of_its_data_set(convention, values):
    assert tuple(label.values[convention] for label in (NCR, ED, ET)) == values


def test_inside_the_library_labels_are_those_of_brats_2023():
    assert all(label.value == label.values[BRATS2023] for label in LABELS)
    assert [label.value for label in LABELS] == [1, 2, 3]
    assert LABEL_BY_KEY == {"NCR": NCR, "ED": ED, "ET": ET}


@pytest.mark.parametrize("strange", [3, 5, -1, 256, 65536, 70000])
def test_a_value_that_the_convention_lacks_is_named_and_refused(strange):
    with pytest.raises(InputError, match=rf"holds {strange}, no label of the convention brats2021"):
        convert_labels(np.array([0, 1, 4, strange], np.int64), BRATS2021, BRATS2023)


@pytest.mark.parametrize("strange", [0.5, 1.0001, np.nan, np.inf])
def test_values_that_are_no_whole_numbers_are_refused(strange):
    with pytest.raises(InputError, match="no label"):
        convert_labels(np.array([0, 1, strange], np.float32), BRATS2023, BRATS2021)


def test_many_strange_values_make_a_short_message():
    with pytest.raises(InputError, match="and more") as caught:
        convert_labels(np.arange(1000), BRATS2023, BRATS2021)
    assert len(str(caught.value)) < 150


def test_a_resection_cavity_is_read_as_background():
    labels = np.array([0, 1, 2, 3, 4], np.float32)
    assert convert_labels(labels, BRATS2024, BRATS2023).tolist() == [0, 1, 2, 3, 0]
    with pytest.raises(InputError, match="holds 4, no label of the convention brats2023; 4 is the resection cavity in"):
        convert_labels(labels, BRATS2023, BRATS2021)


def test_regions_are_nested_and_made_of_their_labels():
    whole, core, enhancing = regions_from_labels(ALL)
    np.testing.assert_array_equal(whole, ALL > 0)
    np.testing.assert_array_equal(core, (ALL == 1) | (ALL == 3))
    np.testing.assert_array_equal(enhancing, ALL == 3)
    assert (whole >= core).all() and (core >= enhancing).all()


@pytest.mark.parametrize("names", CHANNEL_SETS)
def test_labels_come_back_from_every_set_of_channels(names):
    channels = channels_from_labels(ALL, names)
    assert channels.shape == (3, *ALL.shape)
    np.testing.assert_array_equal(labels_from_channels(channels, names), ALL)


@pytest.mark.parametrize("names", CHANNEL_SETS)
def test_where_channels_overlap_the_inner_one_wins(names):
    channels = np.ones((3, 1, 1, 1), bool)
    assert labels_from_channels(channels, names).item() == ET.value
    channels[names.index("ET")] = False
    assert labels_from_channels(channels, names).item() == NCR.value
