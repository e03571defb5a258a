"""A made module through the host's life of modules: loaded, shown, entered, reloaded, its scene closed, unloaded."""

from __future__ import annotations

import pytest

UI = """<?xml version="1.0" encoding="UTF-8"?>
<ui version="4.0"><class>Made</class><widget class="qMRMLWidget" name="Made"><layout class="QVBoxLayout">
<item><widget class="ctkCollapsibleButton" name="inputs"><property name="text"><string>Inputs</string></property>
<layout class="QFormLayout"><item row="0" column="1"><widget class="qMRMLNodeComboBox" name="volume">
<property name="nodeTypes"><stringlist><string>vtkMRMLScalarVolumeNode</string><string/></stringlist></property>
<property name="noneEnabled"><bool>true</bool></property>
<property name="SlicerParameterName" stdset="0"><string>volume</string></property></widget></item></layout>
</widget></item><item><widget class="QPushButton" name="apply"/></item></layout></widget>
<customwidgets><customwidget><class>qMRMLWidget</class><extends>QWidget</extends><header>qMRMLWidget.h</header>
<container>1</container></customwidget></customwidgets><connections><connection><sender>Made</sender>
<signal>mrmlSceneChanged(vtkMRMLScene*)</signal><receiver>volume</receiver>
<slot>setMRMLScene(vtkMRMLScene*)</slot></connection></connections></ui>
"""
CODE = """
import slicer
from slicer import vtkMRMLScalarVolumeNode
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import parameterNodeWrapper
from slicer.ScriptedLoadableModule import *
from slicer.util import VTKObservationMixin

class Made(ScriptedLoadableModule):
    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("A made module")
        self.parent.categories = ["Tests"]

@parameterNodeWrapper
class MadeParameterNode:
    volume: vtkMRMLScalarVolumeNode

class MadeWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.log, self.parameters = [], None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        widget = slicer.util.loadUI(self.resourcePath("UI/Made.ui"))
        self.layout.addWidget(widget)
        self.ui = slicer.util.childWidgetVariables(widget)
        widget.setMRMLScene(slicer.mrmlScene)
        self.logic = MadeLogic()
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.ui.apply.connect("clicked(bool)", self.onApply)

    def enter(self):
        self.log.append("enter")
        self.parameters = MadeParameterNode(self.logic.getParameterNode())
        self.tag = self.parameters.connectGui(self.ui)

    def exit(self):
        self.log.append("exit")
        self.letGo()

    def cleanup(self):
        self.log.append("cleanup")
        self.letGo()
        self.removeObservers()

    def letGo(self):
        if self.parameters is not None:
            self.parameters.disconnectGui(self.tag)
        self.parameters = None

    def onSceneEndClose(self, caller, event):
        self.log.append(("closed", self.parent.isEntered))

    def onApply(self):
        self.log.append("apply")

class MadeLogic(ScriptedLoadableModuleLogic):
    pass

class MadeTest(ScriptedLoadableModuleTest):
    def runTest(self):
        self.delayDisplay("running")
        slicer.modules.MadeWidget.log.append("test")
"""


@pytest.fixture
def made_module(host, scene, tmp_path):
    import slicerhost
    from slicerhost.modules import unload

    (tmp_path / "Resources" / "UI").mkdir(parents=True)
    (tmp_path / "Resources" / "UI" / "Made.ui").write_text(UI)
    (tmp_path / "Made.py").write_text(CODE)
    module = slicerhost.load_module(tmp_path / "Made.py")
    yield module
    if hasattr(host.modules, "made"):
        unload(module)


@pytest.fixture
def widget(made_module):
    made_module.widgetRepresentation().enter()
    return made_module.widgetRepresentation().self()


def test_a_loaded_module_is_found_where_slicer_has_it(host, made_module):
    assert host.modules.made is made_module
    assert host.util.getModule("Made") is made_module
    assert host.modules.MadeInstance.parent.title == "A made module"
    assert list(made_module.categories) == ["Tests"]
    assert "Made" in host.util.moduleNames()


def test_the_panel_comes_from_the_ui_file(host, widget):
    assert widget.ui.inputs.text == "Inputs"
    assert widget.ui.volume.mrmlScene() is host.mrmlScene
    assert host.util.getModuleWidget("Made") is widget
    assert host.util.getModuleLogic("Made") is widget.logic


def test_a_selector_writes_the_parameter_node(host, widget, scene):
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "T1")
    widget.ui.volume.setCurrentNode(node)
    assert widget.parameters.volume is node
    assert widget.logic.getParameterNode().GetNodeReferenceID("volume") == node.GetID()


def test_a_click_and_a_scene_s_end_reach_the_widget(widget, scene):
    widget.ui.apply.click()
    scene.Clear()
    widget.parent.exit()
    scene.Clear()
    assert widget.log == ["enter", "apply", ("closed", True), "exit", ("closed", False)]


def test_there_is_one_parameter_node_in_a_scene(widget, scene):
    first = widget.logic.getParameterNode()
    assert widget.logic.getParameterNode() is first
    assert first.GetAttribute("ModuleName") == "Made"


def test_a_reload_reads_the_file_anew_and_cleans_up(host, made_module, widget, tmp_path):
    (tmp_path / "Made.py").write_text(CODE.replace('"apply"', '"applied"'))
    widget.onReload()
    reloaded = made_module.widgetRepresentation().self()
    assert reloaded is host.modules.MadeWidget is not widget
    assert widget.log[-1] == "cleanup"
    reloaded.ui.apply.click()
    assert reloaded.log == ["applied"]


def test_unloading_cleans_up_and_deletes_the_widgets(host, made_module, widget, scene):
    from shiboken6 import Shiboken
    from slicerhost.modules import unload

    unload(made_module)
    assert widget.log == ["enter", "exit", "cleanup"]
    assert not hasattr(host.modules, "made")
    assert not Shiboken.isValid(widget.ui.volume)
    scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")  # nothing listens that is gone


def test_the_self_test_runs_from_slicer_s_list_and_from_the_panel(host, widget):
    host.selfTests["Made"]()
    widget.onReloadAndTest()
    assert widget.log.count("test") == 1
    assert host.modules.MadeWidget.log == ["test"]


def test_an_error_in_a_slot_is_kept(widget, errors_in_slots):
    def fail():
        raise RuntimeError("in a slot")

    widget.ui.apply.connect("clicked()", fail)
    widget.ui.apply.click()
    assert "in a slot" in errors_in_slots.pop()
