"""The host's node selector against what Slicer's qMRMLNodeComboBox.cxx does."""

from __future__ import annotations

import pytest

VOLUME = "vtkMRMLScalarVolumeNode"


@pytest.fixture
def selector(host, scene):
    box = host.qMRMLNodeComboBox()
    box.nodeTypes = (VOLUME,)
    box.noneEnabled, box.addEnabled, box.removeEnabled = True, False, False
    box.setMRMLScene(scene)
    yield box
    box.setMRMLScene(None)


@pytest.fixture
def add(scene):
    return lambda name, kind=VOLUME: scene.AddNewNodeByClass(kind, name)


def test_nodes_of_its_classes_are_offered(selector, add):
    add("T1")
    add("labels", "vtkMRMLLabelMapVolumeNode")  # a kind of scalar volume to Slicer
    add("a table", "vtkMRMLTableNode")
    assert [selector.nodeFromIndex(i).GetName() for i in range(selector.nodeCount())] == ["T1", "labels"]
    selector.hideChildNodeTypes = ("vtkMRMLLabelMapVolumeNode",)
    assert selector.nodeCount() == 1


def test_nodes_hidden_from_editors_are_not_offered(selector, add):
    add("hidden").SetHideFromEditors(True)
    assert selector.nodeCount() == 0


def test_a_choice_is_told_by_signature_and_by_name(selector, add):
    seen, node = [], add("T1")
    selector.connect("currentNodeChanged(vtkMRMLNode*)", lambda n: seen.append(n))
    selector.connect("currentNodeChanged(bool)", lambda there: seen.append(there))
    selector.currentNodeIDChanged.connect(lambda node_id: seen.append(node_id))
    selector.setCurrentNode(node)
    selector.setCurrentNode(node)
    assert seen == [node, True, node.GetID()]
    assert selector.currentNode() is node
    assert selector.currentNodeID == node.GetID()


def test_nodes_of_one_name_are_told_apart(selector, add):
    first, second = add("MR"), add("MR")
    selector.setCurrentNode(second)
    assert selector.currentNode() is second is not first


def test_a_renamed_node_is_shown_by_its_new_name(selector, add):
    node = add("T1")
    selector.setCurrentNode(node)
    node.SetName("T2")
    assert selector.currentNode() is node
    assert selector._box.currentText == "T2"


def test_nothing_is_chosen_by_itself_where_none_is_offered(selector, add):
    add("T1")
    assert selector.currentNode() is None


def test_the_first_node_is_chosen_where_none_is_not_offered(selector, add):
    selector.noneEnabled = False
    node = add("T1")
    add("T2")
    assert selector.currentNode() is node


def test_the_row_before_a_removed_node_is_chosen_as_qt_does(selector, add, scene):
    first, second = add("T1"), add("T2")
    selector.setCurrentNode(second)
    scene.RemoveNode(second)
    assert selector.currentNode() is first
    scene.RemoveNode(first)
    assert selector.currentNode() is None


def test_closing_the_scene_chooses_nothing(selector, add, scene):
    selector.setCurrentNode(add("T1"))
    scene.Clear()
    assert selector.currentNode() is None
    assert selector.nodeCount() == 0


def test_a_node_is_created_with_the_base_name(selector):
    selector.baseName = "Tumor"
    seen = []
    selector.nodeAddedByUser.connect(lambda node: seen.append(node.GetName()))
    assert selector.addNode().GetName() == "Tumor"
    assert seen == ["Tumor"]
    assert selector.currentNode().GetName() == "Tumor"


def test_attributes_filter(selector, add):
    node = add("T1")
    selector.addAttribute(VOLUME, "kind", "brain")
    assert selector.nodeCount() == 0
    node.SetAttribute("kind", "brain")
    selector.removeAttribute(VOLUME, "kind")
    selector.addAttribute(VOLUME, "kind", "brain")
    assert selector.nodeCount() == 1


def test_it_is_disabled_without_a_scene(host):
    assert not host.qMRMLNodeComboBox().enabled


def test_a_collapsible_button_hides_what_is_in_it(host):
    import ctk
    import qt

    button = ctk.ctkCollapsibleButton()
    label, seen = qt.QLabel("inside"), []
    qt.QVBoxLayout(button).addWidget(label)
    button.connect("contentsCollapsed(bool)", lambda collapsed: seen.append(collapsed))
    button.show()
    button.collapsed = True
    assert label.isHidden()
    button.click()
    assert not button.collapsed
    assert not label.isHidden()
    assert seen == [True, False]


def test_what_is_shown_or_hidden_in_a_folded_button_is_so_once_it_is_unfolded(host):
    import ctk
    import qt

    button = ctk.ctkCollapsibleButton()
    hidden, shown = qt.QLabel("hidden"), qt.QLabel("shown")
    layout = qt.QVBoxLayout(button)
    layout.addWidget(hidden)
    layout.addWidget(shown)
    button.collapsed, shown.visible = True, False
    button.show()
    hidden.visible, shown.visible = False, True
    assert not hidden.visible and not shown.visible
    button.collapsed = False
    assert shown.visible and not hidden.visible


def test_a_slider_widget_has_one_value(host):
    import ctk

    slider, seen = ctk.ctkSliderWidget(), []
    slider.minimum, slider.maximum, slider.singleStep = 0, 1, 0.05
    slider.connect("valueChanged(double)", lambda value: seen.append(value))
    slider.value = 0.25
    assert slider.value == 0.25
    assert seen == [0.25]
    assert slider._slider.value == 5


def test_many_nodes_that_go_at_once_leave_no_choice(selector, add, scene):
    for name in ("T1", "T2", "FLAIR"):
        node = add(name)
    selector.setCurrentNode(node)
    scene.StartState(scene.BatchProcessState)
    for name in ("T1", "T2", "FLAIR"):
        scene.RemoveNode(scene.GetFirstNodeByName(name))
    scene.EndState(scene.BatchProcessState)
    assert selector.currentNode() is None
