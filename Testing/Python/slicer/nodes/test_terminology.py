from __future__ import annotations

import json
from typing import Any

import pytest
from BrainTumorVAESegLib.core.labels import LABELS, REGIONS
from BrainTumorVAESegLib.core.terminology import TYPE_CONTEXT, terminology_entry

PARTS = {part.key: part for part in (*LABELS, *REGIONS)}


@pytest.fixture
def terminology(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import terminology

    return terminology


@pytest.fixture
def logic(host: Any, terminology: Any) -> Any:
    """Slicer's own reader of terminologies with our list in it."""
    logic = host.vtkSlicerTerminologiesModuleLogic()
    assert logic.LoadTerminologyFromFile(str(terminology.terminology_file())) == TYPE_CONTEXT
    return logic


def test_the_list_holds_the_types_of_the_one_table_of_labels(terminology: Any):
    content = json.loads(terminology.terminology_file().read_text("utf-8"))
    (category,) = content["SegmentationCodes"]["Category"]
    types = {(t["CodingSchemeDesignator"], t["CodeValue"], t["CodeMeaning"]): t for t in category["Type"]}
    assert content["SegmentationCategoryTypeContextName"] == TYPE_CONTEXT
    assert types.keys() == {(p.type.scheme, p.type.value, p.type.meaning) for p in PARTS.values()}
    for part in PARTS.values():
        assert (category["CodingSchemeDesignator"], category["CodeValue"], category["CodeMeaning"]) == (
            part.category.scheme, part.category.value, part.category.meaning,
        )  # fmt: skip
        color = types[(part.type.scheme, part.type.value, part.type.meaning)]["recommendedDisplayRGBValue"]
        assert color == pytest.approx([255 * value for value in part.color], abs=0.51)


def test_slicer_finds_our_types_in_the_list(host: Any, logic: Any):
    category, found = host.vtkSlicerTerminologyCategory(), host.vtkSlicerTerminologyType()
    assert logic.GetNumberOfCategoriesInTerminology(TYPE_CONTEXT) == 1
    assert logic.GetNthCategoryInTerminology(TYPE_CONTEXT, 0, category)
    types = {}
    for n in range(logic.GetNumberOfTypesInTerminologyCategory(TYPE_CONTEXT, category)):
        assert logic.GetNthTypeInTerminologyCategory(TYPE_CONTEXT, category, n, found)
        types[(found.GetCodingSchemeDesignator(), found.GetCodeValue())] = found.GetCodeMeaning()
    assert types == {(part.type.scheme, part.type.value): part.type.meaning for part in PARTS.values()}
    assert category.GetShowAnatomy()


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_slicer_reads_the_codes_from_an_entry(host: Any, logic: Any, part: Any):
    entry = host.vtkSlicerTerminologyEntry()
    assert logic.DeserializeTerminologyEntry(terminology_entry(part), entry)
    read = entry.GetTypeObject()
    assert (read.GetCodingSchemeDesignator(), read.GetCodeValue()) == (part.type.scheme, part.type.value)
    assert entry.GetRegionObject().GetCodeMeaning() == "Brain"


class ModuleOf:
    """What `slicer.modules.terminologies` is to its users."""

    def __init__(self, logic: Any) -> None:
        self.logic = lambda: logic


def test_the_list_is_loaded_into_slicers_module(host: Any, terminology: Any, monkeypatch: pytest.MonkeyPatch):
    logic = host.vtkSlicerTerminologiesModuleLogic()
    monkeypatch.setattr(host.modules, "terminologies", ModuleOf(logic), raising=False)
    assert terminology.load_terminology()
    assert terminology.load_terminology()  # again, as after a reload
    assert _names(logic).count(TYPE_CONTEXT) == 1


def _names(logic: Any) -> list[str]:
    import vtk

    names = vtk.vtkStringArray()
    logic.GetLoadedTerminologyNames(names)
    return [names.GetValue(n) for n in range(names.GetNumberOfValues())]


def test_nothing_happens_without_slicers_module(host: Any, terminology: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(host.modules, "terminologies", raising=False)
    assert not terminology.load_terminology()


def test_an_unknown_key_is_refused(terminology: Any):
    with pytest.raises(KeyError):
        terminology.terminology_entry("Cyst")
