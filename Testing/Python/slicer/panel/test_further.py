"""Answers to changed images: what they take is told beforehand, they are stopped alone, they show what they found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from BrainTumorVAESegLib.core.errors import WorkerError
from BrainTumorVAESegLib.core.modalities import Modality
from inspectedpanel import *  # noqa: F403  (its fixtures)
from inspectedpanel import PLACES, explained, shown_key


@pytest.fixture
def waiting(inspecting: Any, client: Any, process_events: Callable[..., bool]) -> Callable[[str], Any]:
    """Press a button while the worker answers nothing by itself; returns the section's widgets."""

    def press(name: str) -> Any:
        client.at_once = False
        getattr(inspecting.ui, name).click()
        assert process_events(lambda: client.requests)
        return inspecting.ui

    return press


def row_of(table: Any, text: str) -> list[str]:
    rows = [[table.item(row, column).text() for column in range(3)] for row in range(table.rowCount)]
    return next(row for row in rows if row[0] == text)


def test_time_and_memory_stand_beside_the_buttons_before_they_are_pressed(inspecting: Any, client: Any) -> None:
    assert "7 more passes of the networks: about 25 s, 0.3 GB more memory" in inspecting.ui.mirrorCostLabel.text
    assert "8 more passes of the networks: about 2 min, 0.2 GB" in inspecting.ui.contributionsCostLabel.text
    assert (
        not [each for each in client.seen if getattr(each, "mirror", 0)]
        and not inspecting.ui.furtherProgressBar.visible
    )


def test_the_map_of_disagreement_says_how_to_get_it_and_comes_by_the_button(
    inspecting: Any, client: Any, layers: list[Any], process_events: Callable[..., bool]
) -> None:
    client.unavailable["information"] = "Mirrored images were not answered yet."
    inspecting.ui.mapComboBox.currentIndex = PLACES["information"]
    assert process_events(lambda: "ask for them below" in inspecting.ui.inspectLabel.text)
    inspecting.ui.mirrorButton.click()
    assert process_events(lambda: shown_key(inspecting) == "information")
    asked = [each.mirror for each in explained(client) if each.maps == ("information",)]
    assert asked == [0, 8], "once in vain, once by the button"
    assert inspecting.ui.inspectLabel.text == "" and layers[0].GetForegroundVolumeID()
    assert inspecting.ui.mirrorButton.text == "Answer mirrored images" and not inspecting.ui.furtherProgressBar.visible


def test_intervals_are_as_wide_as_mirrored_images_make_them(
    inspecting: Any, process_events: Callable[..., bool]
) -> None:
    inspecting.ui.mirrorButton.click()
    assert process_events(lambda: row_of(inspecting.ui.resultsTable, "Whole tumor")[2] == "1 to 99")
    assert "mirrored images" in inspecting.ui.resultLabel.text


@pytest.mark.parametrize(
    ("button", "label"), [("mirrorButton", "mirrorCostLabel"), ("contributionsButton", "contributionsCostLabel")]
)
def test_what_was_answered_takes_nothing_any_more(
    inspecting: Any, button: str, label: str, process_events: Callable[..., bool]
) -> None:
    ui = inspecting.ui
    getattr(ui, button).click()
    assert process_events(lambda: "Answered already" in getattr(ui, label).text)
    other = ui.contributionsCostLabel if label == "mirrorCostLabel" else ui.mirrorCostLabel
    assert "more passes of the networks" in other.text and getattr(ui, button).enabled


def test_a_map_that_waits_behind_such_a_question_says_so(
    waiting: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    ui = waiting("contributionsButton")
    assert "What else is asked of the worker waits" in ui.contributionsCostLabel.text
    ui.mapComboBox.currentIndex = PLACES["stage1"]
    assert process_events(lambda: "waits for the answers" in ui.inspectLabel.text)
    assert len(client.requests) == 1, "it was not sent yet"
    ui.contributionsButton.click()
    assert process_events(lambda: client.requests) and "Making the map" in ui.inspectLabel.text
    client.answer()
    assert process_events(lambda: ui.legendLabel.visible) and ui.inspectLabel.text == ""
    assert "8 more passes of the networks" in ui.contributionsCostLabel.text, "nothing was answered"


def test_what_was_asked_for_before_it_waits_for_nothing(
    inspecting: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    client.at_once, ui = False, inspecting.ui
    ui.mapComboBox.currentIndex = PLACES["stage1"]
    assert process_events(lambda: client.requests)
    ui.mirrorButton.click()
    assert process_events(lambda: "waits for what was asked" in ui.mirrorCostLabel.text)
    assert "Making the map" in ui.inspectLabel.text
    client.answer()
    assert process_events(lambda: "What else is asked of the worker waits" in ui.mirrorCostLabel.text)
    assert ui.inspectLabel.text == "" and ui.legendLabel.visible


def test_a_threshold_that_waits_behind_it_says_so(
    waiting: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    ui = waiting("mirrorButton")
    ui.thresholdSlider.value = 0.7
    assert process_events(lambda: "waits for the answers" in ui.inspectLabel.text)


def test_a_report_that_waits_behind_it_says_so(
    waiting: Any, inspecting: Any, client: Any, tmp_path: Any, process_events: Callable[..., bool]
) -> None:
    ui = waiting("mirrorButton")
    inspecting.panel._export.report(tmp_path / "report.html")
    assert "waits for the answers" in ui.exportLabel.text
    ui.mirrorButton.click()
    assert process_events(lambda: client.requests) and "Writing the report" in ui.exportLabel.text
    client.answer()
    assert process_events(lambda: "Written to" in ui.exportLabel.text)


def test_measures_that_wait_behind_it_say_so(
    waiting: Any, inspecting: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    ui = waiting("mirrorButton")
    inspecting.panel._lesions.measure()
    assert "waits for the answers" in ui.lesionsLabel.text
    ui.mirrorButton.click()
    assert process_events(lambda: "waits for the answers" not in ui.lesionsLabel.text)


def test_progress_is_shown_and_the_same_button_stops_that_alone(
    waiting: Any, client: Any, choose: Any, process_events: Callable[..., bool]
) -> None:
    ui = waiting("mirrorButton")
    assert ui.mirrorButton.text == "Stop" and ui.furtherProgressBar.visible
    assert not ui.contributionsButton.enabled, "one at a time"
    client.progress("stage 1 (3 of 7)", 0.4)
    assert ui.furtherProgressBar.value == 40 and "Pass 3 of 7: Stage 1" in ui.furtherProgressBar.format
    ui.mirrorButton.click()
    assert process_events(lambda: ui.mirrorButton.text == "Answer mirrored images")
    assert len(client.interrupted) == 1 and client.cancelled == 0, "the worker stays, with what it keeps"
    assert not ui.furtherProgressBar.visible and ui.inspectLabel.text == "" and ui.contributionsButton.enabled
    client.at_once = True
    choose("stage1")


@pytest.mark.parametrize("name", ["mirrorButton", "contributionsButton"])
def test_what_goes_wrong_is_said_in_the_section(
    waiting: Any, client: Any, name: str, process_events: Callable[..., bool]
) -> None:
    ui = waiting(name)
    client.fail(WorkerError("The worker ended."))
    assert process_events(lambda: "The worker ended." in ui.inspectLabel.text)
    assert getattr(ui, name).text != "Stop" and getattr(ui, name).enabled


def test_a_new_segmentation_does_not_wait_for_it(
    waiting: Any, inspecting: Any, client: Any, process_events: Callable[..., bool]
) -> None:
    from BrainTumorVAESegLib.core.requests import Segment

    ui = waiting("contributionsButton")
    ui.applyButton.click()
    assert process_events(lambda: client.requests and isinstance(client.requests[0][0], Segment))
    assert len(client.interrupted) == 1 and client.cancelled == 0
    client.answer()
    assert process_events(lambda: ui.applyButton.text == "Segment")
    assert ui.contributionsButton.text == "What each sequence contributed" and not ui.contributionsTable.visible


@pytest.mark.parametrize("way", ["another", "removed", "volume", "scene"])
def test_a_result_that_is_left_is_not_worked_on(
    waiting: Any,
    inspecting: Any,
    client: Any,
    scene: Any,
    volumes: dict[Modality, Any],
    way: str,
    process_events: Callable[..., bool],
) -> None:
    ui = waiting("mirrorButton")
    if way == "another":
        inspecting.logic.getParameterNode().segmentation = None
    elif way == "removed":
        scene.RemoveNode(ui.segmentationSelector.currentNode())
    elif way == "volume":
        scene.RemoveNode(volumes[Modality.T1CE])
    else:
        scene.Clear()
    assert process_events(lambda: client.interrupted or client.cancelled)
    assert process_events(lambda: ui.mirrorButton.text == "Answer mirrored images" and not ui.mirrorButton.enabled)
    assert process_events(lambda: not ui.furtherProgressBar.visible) and not ui.mirrorCostLabel.visible
