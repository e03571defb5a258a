"""The habits of PythonQt that the host gives to PySide6."""

from __future__ import annotations

import shutil
import sys
from functools import partial

import pytest


@pytest.fixture
def qt(host):
    import qt

    return qt


def test_properties_are_attributes(qt):
    button = qt.QPushButton("Apply")
    button.text, button.enabled, button.toolTip = "Cancel", False, "why"
    assert (button.text, button.enabled, button.toolTip) == ("Cancel", False, "why")
    assert not button.isEnabled()
    button.setText("Apply")
    assert button.text == "Apply"


def test_a_name_is_the_object_s_name(qt):
    label = qt.QLabel()
    label.name = "facts"
    assert label.objectName == label.name == "facts"
    assert label.className() == "QLabel"


def test_a_property_that_cannot_be_written_raises(qt):
    with pytest.raises(AttributeError, match="count"):
        qt.QComboBox().count = 3


def test_a_static_method_of_a_property_s_name_is_there(qt, process_events):
    timer, fired = qt.QTimer(), []
    timer.singleShot = True
    qt.QTimer.singleShot(0, lambda: fired.append(True))
    assert timer.singleShot
    assert process_events(lambda: fired)


@pytest.mark.parametrize(
    ("slot", "expected"),
    [(lambda seen: lambda: seen.append(()), ()), (lambda seen: lambda on: seen.append((on,)), (True,))],
)
def test_a_slot_gets_as_many_values_as_it_names(qt, slot, expected):
    seen = []
    box = qt.QCheckBox()
    box.connect("toggled(bool)", slot(seen))
    box.checked = True
    assert seen == [expected]


def test_a_partial_gets_every_value(qt):
    seen = []
    box = qt.QCheckBox()
    box.connect("toggled(bool)", partial(lambda *values: seen.append(values), "first"))
    box.checked = True
    assert seen == [("first", True)]


def test_a_method_is_connected_and_disconnected_by_signature(qt):
    class Counter:
        count = 0

        def add(self):
            self.count += 1

    counter, button = Counter(), qt.QPushButton()
    button.connect("clicked()", counter.add)
    button.click()
    assert button.disconnect("clicked()", counter.add)
    button.click()
    assert counter.count == 1
    assert not button.disconnect("clicked()", counter.add)


def test_a_signal_that_is_not_there_raises(qt):
    with pytest.raises(ValueError, match=r"QPushButton has no signal pressedHard\(\)"):
        qt.QPushButton().connect("pressedHard()", print)


def test_a_process_tells_what_it_wrote_and_how_it_ended(qt, process_events):
    process, seen = qt.QProcess(), []
    process.connect("readyReadStandardOutput()", lambda: seen.append(process.readAllStandardOutput().data()))
    process.connect("finished(int,QProcess::ExitStatus)", lambda code, status: seen.append((code, status)))
    process.start(shutil.which("PythonSlicer"), ["-c", "print('here'); raise SystemExit(3)"])
    assert process_events(lambda: len(seen) == 2)
    assert seen == [b"here\n", (3, qt.QProcess.NormalExit)]
    assert process.state() == qt.QProcess.NotRunning


def test_none_outlives_what_pyside6_does_to_it(qt):
    before, label = sys.getrefcount(None), qt.QLabel()
    for _ in range(20_000):
        label.setText("x")
    assert sys.getrefcount(None) > min(before, 1 << 30) // 2


@pytest.mark.parametrize("name", ["Signal", "Slot", "Property", "SIGNAL"])
def test_what_pyside6_alone_has_is_not_in_the_module(qt, name):
    assert not hasattr(qt, name)


def test_enums_are_named_without_their_scope(qt):
    box = qt.QCheckBox()
    box.setCheckState(qt.Qt.Checked)
    assert box.checkState() == qt.Qt.Checked
    assert qt.QProcess().state() == qt.QProcess.NotRunning
