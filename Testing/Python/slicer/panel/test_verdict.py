"""The verdict above the results and the intervals beside the volumes, until the mask is another one."""

from __future__ import annotations

from typing import Any

import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.verdict import Familiarity, Reason, Verdict

REASON = Reason("shading", "Strong shading in T2: <1.6> times.", 98.0, Modality.T2)


@pytest.fixture
def judged(assigned: Any, client: Any, process_events: Any) -> Any:
    """Segment with a verdict and intervals."""

    def run(verdict: Verdict | None, intervals: dict[str, tuple[float, float]] | None = None) -> Any:
        client.verdict, client.intervals = verdict, intervals or {}
        assigned.ui.applyButton.click()
        assert process_events(lambda: client.requests)
        client.answer()
        assert process_events(lambda: assigned.ui.applyButton.text == "Segment")
        return assigned

    return run


def test_before_a_result_there_is_no_verdict(assigned: Any) -> None:
    assert not assigned.ui.verdictLabel.visible


@pytest.mark.parametrize(
    ("familiarity", "says", "color"),
    [
        (Familiarity.FAMILIAR, "The images are familiar", "#229954"),
        (Familiarity.UNUSUAL, "look closely", "#b9770e"),
        (Familiarity.UNLIKE, "do not rely on the result", "#e05252"),
    ],
)
def test_the_verdict_has_its_color_and_its_reasons(judged: Any, familiarity: Any, says: str, color: str) -> None:
    label = judged(Verdict(familiarity, (REASON,), ("No VAE branch.",))).ui.verdictLabel
    assert label.visible and says in label.text and color in label.text
    assert "Strong shading in T2: &lt;1.6&gt; times." in label.text and "No VAE branch." in label.text


def test_the_verdict_stands_there_when_a_folded_section_is_opened(judged: Any) -> None:
    widget = judged(Verdict(Familiarity.UNUSUAL, (REASON,), ()))
    section, label = widget.ui.resultsCollapsibleButton, widget.ui.verdictLabel
    section.collapsed = True
    widget.panel.refresh()
    section.collapsed = False
    assert label.visible and "look closely" in label.text


def test_a_model_that_cannot_judge_is_said_to(judged: Any) -> None:
    assert "brings nothing to judge the images by" in judged(None).ui.verdictLabel.text


def test_intervals_stand_beside_the_volumes_that_have_one(judged: Any) -> None:
    table = judged(None, {"WT": (38.2, 47.4), "ET": (0.04, 1.25)}).ui.resultsTable
    assert not table.isColumnHidden(2)
    cells = {table.item(row, 0).text(): table.item(row, 2).text() for row in range(table.rowCount)}
    assert cells["Whole tumor"] == "38 to 47" and cells["Enhancing tumor"] == "0.0 to 1.2"
    assert cells["Edema"] == ""


def test_without_intervals_there_is_no_column_for_them(judged: Any) -> None:
    assert judged(None).ui.resultsTable.isColumnHidden(2)


def test_what_was_edited_has_no_interval_any_more(judged: Any, host: Any) -> None:
    from BrainTumorVAESegLib.slicer.nodes.output import measure_again, reference_of, table_of
    from BrainTumorVAESegLib.slicer.nodes.segments import labels_of
    from BrainTumorVAESegLib.slicer.nodes.tables import intervals_of, rows_of

    segmentation = judged(None, {"WT": (38.2, 47.4)}).logic.getParameterNode().segmentation
    table = table_of(segmentation)
    labels = labels_of(segmentation, reference_of(segmentation))
    labels[0, 0, 0] = 1
    measure_again(segmentation, {key: volume + 1 for key, volume in rows_of(table).items()}, labels)
    assert intervals_of(table) == {}


def test_a_verdict_that_was_tampered_with_is_none(judged: Any) -> None:
    from BrainTumorVAESegLib.slicer.nodes.output import VERDICT_ATTRIBUTE, verdict_of

    widget = judged(Verdict(Familiarity.UNUSUAL, (REASON,)))
    segmentation = widget.logic.getParameterNode().segmentation
    assert verdict_of(segmentation).reasons == (REASON,)
    segmentation.SetAttribute(VERDICT_ATTRIBUTE, '{"familiarity": 3}')
    assert verdict_of(segmentation) is None
