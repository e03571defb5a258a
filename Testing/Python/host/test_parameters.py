"""Parameter nodes: the same whether the host's stand-in serves or Slicer's own file does."""

import enum
from typing import Annotated

import pytest


class Device(enum.Enum):
    AUTO = "auto"
    CPU = "cpu"

    def label(self):
        return {"auto": "Automatic", "cpu": "Processor"}[self.value]


@pytest.fixture
def wrapper_class(host):
    from slicer import vtkMRMLScalarVolumeNode
    from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper

    @parameterNodeWrapper
    class Parameters:
        volume: vtkMRMLScalarVolumeNode
        model: str = "fast"
        opacity: Annotated[float, WithinRange(0, 1)] = 0.25
        count: int = 3
        force: bool = False
        device: Device = Device.AUTO

    return Parameters


@pytest.fixture
def node(scene):
    return scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "parameters")


@pytest.fixture
def parameters(wrapper_class, node):
    return wrapper_class(node)


@pytest.fixture
def volume(scene):
    return scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "T1ce")


@pytest.fixture
def panel_widgets(host, scene):
    import ctk
    import qt

    widgets = {
        "volume": host.qMRMLNodeComboBox(),
        "force": qt.QCheckBox(),
        "opacity": ctk.ctkSliderWidget(),
        "device": qt.QComboBox(),
        "model": qt.QLineEdit(),
        "count": qt.QSpinBox(),
    }
    widgets["volume"].noneEnabled = True
    widgets["device"].addItem("from the .ui file")
    widgets["device"].addItem("from the .ui file too")
    for name, widget in widgets.items():
        widget.setProperty("SlicerParameterName", name)
    widgets["volume"].setMRMLScene(scene)
    yield type("ui", (), {})(), widgets
    widgets["volume"].setMRMLScene(None)


@pytest.fixture
def bound(parameters, panel_widgets):
    ui, widgets = panel_widgets
    vars(ui).update(widgets)
    tag = parameters.connectGui(ui)
    yield widgets
    parameters.disconnectGui(tag)


def values(parameters):
    names = ("model", "opacity", "count", "force", "device", "volume")
    return [getattr(parameters, name) for name in names]


def test_defaults_are_there(parameters):
    assert values(parameters) == ["fast", 0.25, 3, False, Device.AUTO, None]


def test_what_is_set_is_read_by_another_wrapper_of_the_node(parameters, wrapper_class, node, volume):
    parameters.model, parameters.force, parameters.device = "paper", True, Device.CPU
    parameters.volume, parameters.opacity, parameters.count = volume, 0.5, 7
    assert values(wrapper_class(node)) == ["paper", 0.5, 7, True, Device.CPU, volume]


@pytest.mark.parametrize(("name", "value"), [("opacity", 2.0), ("count", "three"), ("model", None), ("force", 1)])
def test_a_wrong_value_is_refused(parameters, name, value):
    before = getattr(parameters, name)
    with pytest.raises((ValueError, TypeError)):
        setattr(parameters, name, value)
    assert getattr(parameters, name) == before


def test_a_node_of_another_class_is_refused(parameters, scene):
    with pytest.raises(TypeError):
        parameters.volume = scene.AddNewNodeByClass("vtkMRMLTableNode")


def test_an_unknown_name_is_refused(parameters):
    with pytest.raises(ValueError, match="nothing"):
        parameters.getValue("nothing")


def test_widgets_show_the_parameters(bound, parameters, volume):
    assert bound["device"].currentText == "Automatic"
    assert (bound["opacity"].value, bound["opacity"].maximum) == (0.25, 1)
    parameters.volume, parameters.force, parameters.opacity = volume, True, 0.75
    parameters.device, parameters.model, parameters.count = Device.CPU, "paper", 9
    assert bound["volume"].currentNode() is volume
    assert bound["force"].checked
    assert bound["opacity"].value == 0.75
    assert bound["device"].currentText == "Processor"
    assert (bound["model"].text, bound["count"].value) == ("paper", 9)


def test_parameters_follow_the_widgets(bound, parameters, volume):
    bound["volume"].setCurrentNode(volume)
    bound["force"].checked = True
    bound["opacity"].value = 0.5
    bound["device"].setCurrentIndex(1)
    bound["model"].text = "paper"
    bound["count"].value = 5
    assert values(parameters) == ["paper", 0.5, 5, True, Device.CPU, volume]


def test_observers_are_told(parameters):
    import vtk

    seen = []
    tag = parameters.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: seen.append(event))
    parameters.model = "paper"
    parameters.RemoveObserver(tag)
    parameters.model = "fast"
    assert seen == ["ModifiedEvent"]


def test_after_disconnecting_neither_side_follows(parameters, panel_widgets):
    ui, widgets = panel_widgets
    vars(ui).update(widgets)
    parameters.disconnectGui(parameters.connectGui(ui))
    widgets["force"].checked = True
    parameters.model = "paper"
    assert not parameters.force
    assert widgets["model"].text == "fast"


def test_a_widget_that_does_not_fit_is_an_error(parameters):
    import qt

    with pytest.raises(RuntimeError):
        parameters.connectParametersToGui({"force": qt.QLineEdit()})


def test_reading_is_cached(parameters):
    assert parameters.isCached("model")


@pytest.mark.parametrize("file", ["scene.mrml", "Szene ä.mrb"])
def test_a_saved_scene_restores_the_parameters(host, scene, wrapper_class, parameters, volume, tmp_path, file):
    import numpy as np

    host.util.updateVolumeFromArray(volume, np.arange(24, dtype=np.int16).reshape(2, 3, 4))
    if file.endswith(".mrml"):
        assert host.util.saveNode(volume, str(tmp_path / "T1ce.nrrd"))
    parameters.volume, parameters.opacity, parameters.device = volume, 0.5, Device.CPU
    assert host.util.saveScene(str(tmp_path / file))
    scene.Clear()
    host.util.loadScene(str(tmp_path / file))
    loaded = wrapper_class(host.util.getNode("parameters"))
    assert (loaded.opacity, loaded.device) == (0.5, Device.CPU)
    assert host.util.arrayFromVolume(loaded.volume)[1, 2, 3] == 23


def test_a_choice_among_nodes_of_two_classes_or_none(host, scene, node):
    from types import SimpleNamespace
    from typing import Union

    from slicer import vtkMRMLLabelMapVolumeNode, vtkMRMLSegmentationNode
    from slicer.parameterNodeWrapper import parameterNodeWrapper

    @parameterNodeWrapper
    class Parameters:
        mask: Union[vtkMRMLSegmentationNode, vtkMRMLLabelMapVolumeNode, None]  # noqa: UP007

    parameters, selector = Parameters(node), host.qMRMLNodeComboBox()
    selector.noneEnabled = True
    selector.setMRMLScene(scene)
    assert parameters.mask is None
    selector.setProperty("SlicerParameterName", "mask")
    tag = parameters.connectGui(SimpleNamespace(mask=selector))
    assert set(selector.nodeTypes) == {"vtkMRMLSegmentationNode", "vtkMRMLLabelMapVolumeNode"}
    for kind in selector.nodeTypes:
        chosen = scene.AddNewNodeByClass(kind, "mask")
        selector.setCurrentNode(chosen)
        assert parameters.mask is chosen and Parameters(node).mask is chosen
    parameters.mask = None
    assert selector.currentNode() is None
    with pytest.raises((TypeError, ValueError)):
        parameters.mask = scene.AddNewNodeByClass("vtkMRMLModelNode", "surface")
    parameters.disconnectGui(tag)
