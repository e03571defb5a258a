from __future__ import annotations

import pytest
from BrainTumorVAESegLib.core.labels import ED, ET, LABELS, NCR, TC, WT
from BrainTumorVAESegLib.core.terminology import terminology_entry
from BrainTumorVAESegLib.images.segment_names import CAVITY, part_of_name, part_of_terminology

NAMES = (
    (NCR, ("NCR", "necrosis", "Necrotic core", "NCR/NET", "NETC", "non-enhancing tumour", "Nonenhancing core",
          "Necrotic and non-enhancing core", "necrotic tumor core (NCR)", "1_necrosis")),
    (ED, ("ED", "Edema", "peritumoral edema", "oedema", "Peritumoural oedema", "SNFH", "Ödem",
         "surrounding non-enhancing FLAIR hyperintensity (SNFH)", "edema_2")),
    (ET, ("ET", "enhancing", "Enhancing tumor", "enhancing_tumour", "Enhancement", "GD-enhancing tumor (ET)")),
    (WT, ("WT", "Whole tumor", "whole_tumour")),
    (TC, ("TC", "Tumor core", "tumour-core")),
    (CAVITY, ("RC", "Resection cavity", "cavity", "surgical cavity")),
    (None, ("Segment_1", "tumor", "brain", "", "4", "Edges", "wtf", "ventricles")),
)  # fmt: skip


@pytest.mark.parametrize(("part", "name"), [(part, name) for part, names in NAMES for name in names])
def test_a_segments_name_tells_its_part(part, name):
    assert part_of_name(name) == part


@pytest.mark.parametrize("part", [*LABELS, WT, TC])
def test_the_codes_that_are_written_are_read(part):
    assert part_of_terminology(terminology_entry(part)) is part


def test_a_foreign_code_tells_its_part_by_its_meaning():
    entry = "Some list~SCT^49755003^Morphologically Altered Structure~99X^7^Enhancing Lesion~^^~Other~^^~^^"
    assert part_of_terminology(entry) is ET
    tissue = "Segmentation category and type~SCT^85756007^Tissue~SCT^85756007^Tissue~^^~Other~^^~^^"
    assert part_of_terminology(tissue) is None
    assert part_of_terminology("~") is None
