"""What each sequence contributed: asked for by a button, shown as a table, and gone with its result."""

from __future__ import annotations

from typing import Any

from inspectedpanel import *  # noqa: F403  (its fixtures)


def test_nothing_is_asked_for_before_the_button_is_pressed(inspecting: Any, client: Any) -> None:
    assert inspecting.ui.contributionsButton.enabled and not inspecting.ui.contributionsTable.visible
    assert not [request for request in client.seen if getattr(request, "contributions", False)]


def test_the_table_has_a_row_for_each_sequence_and_more_in_its_tooltips(inspecting: Any, process_events: Any) -> None:
    table = inspecting.ui.contributionsTable
    inspecting.ui.contributionsButton.click()
    assert process_events(lambda: table.visible)
    assert [table.item(row, 0).text() for row in range(table.rowCount)] == ["T1", "T1ce", "T2", "FLAIR"]
    dice = ["0.90 (-3.0)", "0.80 (-3.0)", "0.70 (-3.0)", "0.60 (-3.0)"]
    assert [table.item(row, 1).text() for row in range(table.rowCount)] == dice
    tip = table.item(3, 1).toolTip()
    assert "Without FLAIR: -3.0 ml, Dice 0.60" in tip and "what the VAE gives back of it" in tip
    assert inspecting.ui.contributionsButton.text == "What each sequence contributed"


def test_another_result_has_none_yet(inspecting: Any, process_events: Any) -> None:
    inspecting.ui.contributionsButton.click()
    assert process_events(lambda: inspecting.ui.contributionsTable.visible)
    inspecting.logic.getParameterNode().segmentation = None
    assert process_events(lambda: not inspecting.ui.contributionsTable.visible)
    assert not inspecting.ui.contributionsButton.enabled
