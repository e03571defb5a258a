"""The checker of Slicer calls: on made code with faults, on the module, and on the host's own stand-ins."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
MODULE = REPOSITORY / "BrainTumorVAESeg"
UI = sorted((MODULE / "Resources" / "UI").glob("*.ui"))
CODE = [MODULE / "BrainTumorVAESeg.py", *sorted((MODULE / "BrainTumorVAESegLib" / "slicer").rglob("*.py"))]
WIDGETS = {"applyButton": "QPushButton", "selector": "qMRMLNodeComboBox", "models": "QComboBox"}

MADE_UI = """<ui><class>X</class><widget class="qMRMLWidget" name="X"><widget class="QLabel" name="label">
<property name="text"><string>a</string></property><property name="{property}"><string>b</string></property></widget>
<widget class="{cls}" name="selector"/></widget><connections><connection><sender>X</sender><signal>{signal}</signal>
<receiver>selector</receiver><slot>{slot}</slot></connection></connections></ui>"""
GOOD_UI = {
    "property": "toolTip",
    "cls": "qMRMLNodeComboBox",
    "signal": "mrmlSceneChanged(vtkMRMLScene*)",
    "slot": "setMRMLScene(vtkMRMLScene*)",
}


@pytest.fixture(scope="module")
def api(host):
    from slicerapi.api import Api

    return Api.load()


@pytest.fixture
def check(api, host, tmp_path):
    """Check a line of code that stands in a method which has `ui`, `timer` and `process`."""
    from slicerapi.check import check_code

    def run(line, before="import slicer, qt, ctk"):
        (tmp_path / "made.py").write_text(
            f"{before}\nclass Panel:\n"
            "    def __init__(self, ui):\n        self._ui, self._timer = ui, qt.QTimer()\n"
            f"    def run(self, process: 'qt.QProcess | None'):\n        {line}\n"
        )
        return check_code(tmp_path / "made.py", api, WIDGETS, host)

    return run


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("self._ui.selector.setNodeTypes([])", "qMRMLNodeComboBox has no setNodeTypes"),
        ("self._ui.applyButton.enable = True", "QPushButton has no enable"),
        ("self._ui.applyButton.setText = 'x'", "setText is a method, not a property"),
        ("self._ui.applyButton.text()", "QPushButton.text is a property in PythonQt and is not called"),
        ("self._ui.nothing.text = ''", "the .ui file has no widget nothing"),
        ("getattr(self._ui, 'nothing')", "the .ui file has no widget nothing"),
        ("self._timer.setIntervall(3)", "QTimer has no setIntervall"),
        ("self._timer.connect('timedout()', self.run)", "QTimer has no signal timedout()"),
        ("self._ui.models.currentIndexChanged.connect(self.run)", "currentIndexChanged is overloaded"),
        ("button = self._ui.applyButton; button.clack()", "QPushButton has no clack"),
        ("process.begin()", "QProcess has no begin"),
        ("qt.QProcess.ProcessState.NotRunning", "QProcess has no ProcessState"),
        ("qt.QSomething()", "QSomething is not in the lists; add it to CLASSES in slicerapi.extract_qt"),
        ("ctk.ctkSomething()", "ctkSomething is not in the lists; add it to CLASSES in slicerapi.extract_slicer"),
        ("slicer.util.loadVolume('x', nodeName='y')", "slicer.util.loadVolume takes no keyword nodeName"),
        ("slicer.util.loadVolume('x', {}, False, 4)", "slicer.util.loadVolume takes 3 values, not 4"),
        ("slicer.util.loadVolumes('x')", "slicer.util has no loadVolumes"),
        ("slicer.app.layoutManager().setLayot(3)", "qSlicerLayoutManager has no setLayot"),
        ("slicer.app.temporaryPath()", "temporaryPath is a property"),
        ("slicer.vtkMRMLNothingNode()", "slicer has no vtkMRMLNothingNode"),
        ("slicer.errorDisplay('x')", "slicer has no errorDisplay"),
        ("import slicer.packaging", "slicer.packaging is newer than the oldest Slicer supported"),
        ("slicer.util.executePythonModule('pip', [])", "slicer.util.executePythonModule is newer"),
        ("slicer.util.pip_install('x', requester='y')", "takes no requester in the oldest Slicer supported"),
        ("slicer.util.launchConsoleProcess([], blocking=False)", "takes no blocking in the oldest Slicer supported"),
        (
            "from SampleData import SampleDataLogic as S; S.registerCustomSampleDataSource(sample='x')",
            "no keyword sample",
        ),
        ("from slicer.util import nothing", "slicer.util has no nothing"),
    ],
)
def test_a_fault_is_found_with_its_line(check, line, expected):
    (problem,) = check(line)
    assert problem.startswith("made.py:6: ")
    assert expected in problem


@pytest.mark.parametrize(
    "line",
    [
        "self._ui.selector.setCurrentNode(None); self._ui.selector.nodeTypes = ()",
        "self._ui.applyButton.enabled = True; self._ui.applyButton.setEnabled(True)",
        "self._ui.models.connect('currentIndexChanged(int)', self.run)",
        "self._ui.selector.connect('currentNodeChanged(vtkMRMLNode*)', self.run)",
        "process.connect('finished(int,QProcess::ExitStatus)', self.run)",
        "process.state() == qt.QProcess.NotRunning",
        "slicer.util.loadVolume('x', properties={'name': 'y'})",
        "slicer.util.errorDisplay('x', detailedText='y')",
        "hasattr(slicer.util, 'executePythonModule') and slicer.util.executePythonModule('pip', [])",
        "qt.QFile('x').open(qt.QIODevice.Append)",
    ],
)
def test_good_code_passes(check, line):
    assert check(line) == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"property": "nothing"}, "QLabel has no property nothing"),
        ({"property": "setText"}, "QLabel has no property setText"),
        ({"cls": "qMRMLNothing"}, "qMRMLNothing is not in the lists"),
        ({"signal": "nothing()"}, "X has no signal nothing()"),
        ({"slot": "nothing()"}, "selector has no slot nothing()"),
    ],
)
def test_a_fault_in_a_ui_file_is_found(api, tmp_path, fault, expected):
    from slicerapi.uifile import check_ui

    (tmp_path / "X.ui").write_text(MADE_UI.format(**GOOD_UI))
    assert check_ui(tmp_path / "X.ui", api) == []
    (tmp_path / "X.ui").write_text(MADE_UI.format(**{**GOOD_UI, **fault}))
    assert any(expected in problem for problem in check_ui(tmp_path / "X.ui", api))


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(MODULE)))
def test_the_module_uses_what_slicer_has(api, host, path):
    from slicerapi.check import check_code
    from slicerapi.uifile import read_widgets

    widgets = {name: kind for ui in UI for name, kind in read_widgets(ui).items()}
    assert check_code(path, api, widgets, host) == []


def test_the_module_s_ui_file_uses_what_slicer_has(api):
    from slicerapi.uifile import check_ui

    assert [problem for ui in UI for problem in check_ui(ui, api)] == []


def test_the_host_offers_nothing_that_slicer_lacks(api):
    from slicerapi.standins import check_classes, check_modules
    from slicerhost import STANDINS, application, ctkwidgets, dicomdatabase, fileio, modules, mrmlwidgets

    own = [c for m in (application, fileio, modules) for c in vars(m).values() if isinstance(c, type)]
    slicers = [c for c in own if c.__name__.startswith("qSlicer")]
    known = [*ctkwidgets.WIDGETS, *mrmlwidgets.WIDGETS, dicomdatabase.ctkDICOMDatabase]
    assert check_classes([*known, *slicers], api) == []
    assert check_modules(STANDINS, api) == []


def test_a_stand_in_that_offers_too_much_is_found(api, tmp_path):
    from slicerapi.standins import check_classes, check_modules

    made = type("qMRMLWidget", (), {"mrmlScene": print, "setSceneOfMine": print})
    assert check_classes([made], api) == ["qMRMLWidget.setSceneOfMine is a method here and nothing in Slicer."]
    (tmp_path / "slicer").mkdir()
    (tmp_path / "slicer" / "i18n.py").write_text("def tr(text, context): pass\ndef speak(): pass\n")
    assert check_modules(tmp_path, api) == ["slicer.i18n.tr takes no context.", "slicer.i18n has no speak."]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Q_PROPERTY(int width READ width WRITE setWidth)", {"properties": {"width"}}),
        ("public slots:\n  virtual void setIt(const QString& text);", {"methods": {"setIt"}}),
        ("public:\n  void hidden();\n  Q_INVOKABLE qMRMLThing* thing(int index = 0) const;", {"methods": {"thing"}}),
        ("protected slots:\n  void inner();", {}),
        (
            "signals:\n  void told(const QString& text, bool last = false);",
            {"signals": {"told(QString)", "told(QString,bool)"}},
        ),
        ("signals:\n  void chosen(vtkMRMLNode* node);", {"signals": {"chosen(vtkMRMLNode*)"}}),
    ],
)
def test_a_header_is_read_as_pythonqt_shows_the_class(tmp_path, header, expected):
    from slicerapi.headers import read_classes

    path = tmp_path / "qMRMLMade.h"
    path.write_text(f"class X_EXPORT qMRMLMade : public QWidget\n{{\n  Q_OBJECT\n{header}\n}};\n")
    made = read_classes([path])["qMRMLMade"]
    for kind in ("properties", "methods", "signals"):
        assert getattr(made, kind) == expected.get(kind, set())
