"""The table of maps and how maps are asked for."""

from __future__ import annotations

import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.inspection import MAP_GROUPS, MAPS, choose_maps


def test_every_map_has_a_key_a_name_and_a_range_of_its_own():
    assert len({kind.key for kind in MAPS}) == len({kind.name for kind in MAPS}) == len(MAPS)
    assert all(kind.low < kind.high for kind in MAPS)
    assert not {kind.key for kind in MAPS if kind.key != kind.group} & set(MAP_GROUPS)


def test_nothing_named_means_all():
    assert choose_maps() == MAPS


def test_a_group_gives_its_maps_and_a_key_one_each_once_in_the_tables_order():
    chosen = choose_maps(["residual-T2", "change", "residual-T2", "change-TC"])
    assert [kind.key for kind in chosen] == ["change-WT", "change-TC", "change-ET", "residual-T2"]


def test_an_unknown_map_is_refused_and_the_known_ones_are_named():
    with pytest.raises(InputError, match=r"'heat' is no map; choose probability, .*residual"):
        choose_maps(["uncertainty", "heat"])
