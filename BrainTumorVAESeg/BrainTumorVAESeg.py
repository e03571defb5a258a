"""BrainTumorVAESeg, a scripted module of 3D Slicer: four MR volumes of a brain tumor in, an editable segmentation out.

The module's five classes, in Slicer's names; what they do lives in `BrainTumorVAESegLib.slicer`. From the console::

    logic = slicer.util.getModuleLogic("BrainTumorVAESeg")
    logic.processCase("path/to/case")                               # one case: a folder with the four images
    logic.processCases(["path/to/a", "path/to/b"], "path/results")  # several: CASE.seg.nrrd for each
"""

import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Union

import slicer
import vtk
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.slicer.choices import DEFAULT, Choices, Device, Engine, Preparation, Style
from slicer import vtkMRMLLabelMapVolumeNode, vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin


class BrainTumorVAESeg(ScriptedLoadableModule):
    """What Slicer shows of the module before it is opened."""

    def __init__(self, parent: Any) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Brain Tumor VAE Segmentation")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["Colors"]  # whose logic makes the legends; so it outlives this module
        self.parent.contributors = ["BrainTumorVAESeg contributors"]
        self.parent.helpText = _(
            "Segments a pre-operative glioma in T1, T1ce, T2 and FLAIR MR volumes of one examination, registered and"
            " skull-stripped where they need it, with a two-stage, VAE-regularized network on the local GPU or the"
            ' processor. For research use only; not a medical device. See the <a href="{url}">documentation</a>.'
        ).format(url="https://github.com/BrainTumorVAESeg/SlicerBrainTumorVAESeg")
        self.parent.acknowledgementText = _(
            "The networks are those of A. Myronenko (2018, arXiv 1810.11654) and of C. Lyu and H. Shu (2020, arXiv"
            " 2011.02881). Data sets that the weights were trained on are named in each model's card."
        )
        slicer.app.connect("startupCompleted()", onStartupCompleted)


def onStartupCompleted() -> None:
    """Register the sample data and the terminology once Slicer is up."""
    from BrainTumorVAESegLib.slicer.nodes.terminology import load_terminology
    from BrainTumorVAESegLib.slicer.samples import register

    register()
    load_terminology()


@parameterNodeWrapper
class BrainTumorVAESegParameterNode:
    """All that a person chooses, so that a saved scene restores the panel.

    t1, t1ce, t2, flair: the volumes. segmentation: what is written, None for a new one. model: a package's name, "" for
    the default one. opacity: of the segments' filling in slice views, 0 to 1. overlay: the map in the slice views while
    Inspect is open, a key of `core.inspection` or "" for none. overlayOpacity: the map's. behind: the modality whose
    volume lies under it, "" for the map's own or what the views show anyway. showDiameters: of target lesions, as lines
    in the slice views. preparation: whether volumes are registered and skulls removed where they need it. brain: a mask
    of the brain, a segmentation or label map. showRegistered: show the volumes where their registration puts them.
    engine: what runs the networks.
    """

    t1: vtkMRMLScalarVolumeNode
    t1ce: vtkMRMLScalarVolumeNode
    t2: vtkMRMLScalarVolumeNode
    flair: vtkMRMLScalarVolumeNode
    segmentation: vtkMRMLSegmentationNode
    brain: Union[vtkMRMLSegmentationNode, vtkMRMLLabelMapVolumeNode, None]  # noqa: UP007 (as Slicer 5.10 reads it)
    model: str = ""
    device: Device = Device.AUTO
    style: Style = Style.DISJOINT
    force: bool = False
    show3d: bool = False
    opacity: Annotated[float, WithinRange(0, 1)] = 0.25
    overlay: str = ""
    overlayOpacity: Annotated[float, WithinRange(0, 1)] = 0.7
    behind: str = ""
    showDiameters: bool = True
    preparation: Preparation = Preparation.AUTO
    showRegistered: bool = False
    engine: Engine = Engine.TORCH


class BrainTumorVAESegWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """The panel's place in Slicer; its parts are in `BrainTumorVAESegLib.slicer.panel`."""

    def __init__(self, parent: Any = None) -> None:
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic: BrainTumorVAESegLogic | None = None
        self.panel: Any = None
        self._parameterNode: BrainTumorVAESegParameterNode | None = None
        self._parameterNodeGuiTag: Any = None

    def setup(self) -> None:
        """Build the panel when the module is opened for the first time."""
        from BrainTumorVAESegLib.slicer.panel.panel import Panel

        ScriptedLoadableModuleWidget.setup(self)
        uiWidget = slicer.util.loadUI(self.resourcePath("UI/BrainTumorVAESeg.ui"))
        self.layout.addWidget(uiWidget)
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        uiWidget.setMRMLScene(slicer.mrmlScene)
        self.logic = BrainTumorVAESegLogic()
        self.panel = Panel(self.ui, self.logic.segmenting)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartImportEvent, self.onSceneStartImport)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndImportEvent, self.onSceneEndImport)
        self.ui.applyButton.connect("clicked(bool)", self.onApplyButton)
        self.initializeParameterNode()
        if self.parent.isEntered:  # after a reload, which enters nothing
            self.panel.enter()

    def cleanup(self) -> None:
        """Let go of the scene and end the worker when the panel is destroyed or reloaded."""
        if self.panel is not None:
            self.setParameterNode(None)
            self.panel.close()
        self.removeObservers()
        if self.logic is not None:
            self.logic.close()

    def enter(self) -> None:
        """Bind the panel to the scene each time the module is opened."""
        self.initializeParameterNode()
        self.panel.enter()

    def exit(self) -> None:
        """Let go of the scene each time another module is opened; a segmentation that runs goes on."""
        self.panel.exit()
        self.setParameterNode(None)

    def onSceneStartClose(self, caller: Any, event: Any) -> None:
        """Stop what runs just before the scene is closed."""
        self.panel.stop(_("The scene was closed, so the segmentation was stopped."))
        self.setParameterNode(None)

    def onSceneEndClose(self, caller: Any, event: Any) -> None:
        """Begin anew just after the scene was closed, where the panel is open."""
        if self.parent.isEntered:
            self.initializeParameterNode()

    def onSceneStartImport(self, caller: Any, event: Any) -> None:
        """Let go of the choices while a scene is read: the selectors lose theirs in between."""
        self.setParameterNode(None)

    def onSceneEndImport(self, caller: Any, event: Any) -> None:
        """Show what a loaded scene holds, where the panel is open."""
        if self.parent.isEntered:
            self.initializeParameterNode()

    def initializeParameterNode(self) -> None:
        """Bind the panel to the scene's parameter node, which is made where there is none.

        Where no volume is chosen yet, they are proposed, to save some clicks.
        """
        self.setParameterNode(self.logic.getParameterNode())
        if not any(self.panel.nodes.values()):
            self.panel.assign()

    def setParameterNode(self, inputParameterNode: BrainTumorVAESegParameterNode | None) -> None:
        """Bind the panel to a parameter node, or to none."""
        if self._parameterNode is not None:
            self._parameterNode.disconnectGui(self._parameterNodeGuiTag)
            self.removeObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self._checkCanApply)
        self._parameterNode = inputParameterNode
        self.panel.bind(inputParameterNode)
        if self._parameterNode is not None:
            self._parameterNodeGuiTag = self._parameterNode.connectGui(self.ui)
            self.addObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self._checkCanApply)
            self._checkCanApply()

    def _checkCanApply(self, caller: Any = None, event: Any = None) -> None:
        self.panel.refresh()

    def onApplyButton(self) -> None:
        """Segment, or cancel while it runs."""
        self.panel.apply()

    def onReload(self) -> None:
        """Reload the module with its library."""
        for name in [name for name in sys.modules if name.split(".")[0] == "BrainTumorVAESegLib"]:
            del sys.modules[name]
        ScriptedLoadableModuleWidget.onReload(self)


class BrainTumorVAESegLogic(ScriptedLoadableModuleLogic):
    """Segments volume nodes in a process of its own, for the panel and for scripts.

    All volumes are vtkMRMLScalarVolumeNodes of one examination; they may lie on different grids.
    """

    def __init__(self) -> None:
        from BrainTumorVAESegLib.slicer.segmenting import Segmenting

        ScriptedLoadableModuleLogic.__init__(self)
        self.segmenting = Segmenting()

    def getParameterNode(self) -> BrainTumorVAESegParameterNode:
        """Return the scene's parameter node, which is made where there is none."""
        return BrainTumorVAESegParameterNode(super().getParameterNode())

    def process(
        self,
        t1: vtkMRMLScalarVolumeNode | None,
        t1ce: vtkMRMLScalarVolumeNode | None,
        t2: vtkMRMLScalarVolumeNode | None,
        flair: vtkMRMLScalarVolumeNode | None,
        segmentation: vtkMRMLSegmentationNode | None = None,
        choices: Choices = DEFAULT,
    ) -> vtkMRMLSegmentationNode:
        """Segment four volumes and wait for it; Slicer's events are processed meanwhile.

        A model whose card says so can do without some of the volumes. segmentation: written to, None for a new node.
        Returns the segmentation node, on T1ce's grid; `lastOutcome` tells the rest. Raises BrainTumorVAESegError with
        one plain sentence.
        """
        outcome = self.segmenting.run(_byModality(t1, t1ce, t2, flair), segmentation, choices)
        return outcome.segmentation

    @property
    def lastOutcome(self) -> Any:
        """What the last segmentation gave (`BrainTumorVAESegLib.slicer.segmenting.Outcome`), or None."""
        return self.segmenting.last

    def start(
        self,
        t1: vtkMRMLScalarVolumeNode | None,
        t1ce: vtkMRMLScalarVolumeNode | None,
        t2: vtkMRMLScalarVolumeNode | None,
        flair: vtkMRMLScalarVolumeNode | None,
        segmentation: vtkMRMLSegmentationNode | None = None,
        choices: Choices = DEFAULT,
        finished: Callable[[Any], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        """Begin to segment and return at once; one of the callables is called when it ends."""
        self.segmenting.start(_byModality(t1, t1ce, t2, flair), segmentation, choices, finished, failed)

    def cancel(self) -> None:
        """Stop what runs; the scene stays as it is."""
        self.segmenting.cancel()

    def loadCase(self, folder: str | Path) -> dict[str, vtkMRMLScalarVolumeNode]:
        """Load a case's folder; return its volume nodes as `process` names them (t1, t1ce, t2, flair).

        Each image is recognized by its file's name; those that are not there are left out, since some models can do
        without. Raises InputError where there is none, or one is ambiguous.
        """
        from BrainTumorVAESegLib.slicer.cases import load_case

        return {modality.value.lower(): node for modality, node in load_case(Path(folder), MODALITIES).items()}

    def processCase(self, folder: str | Path, choices: Choices = DEFAULT) -> vtkMRMLSegmentationNode:
        """Load a case's folder, segment it and return the segmentation node."""
        nodes = self.loadCase(folder)
        return self.process(*(nodes.get(modality.value.lower()) for modality in MODALITIES), choices=choices)

    def processCases(
        self, folders: Sequence[str | Path], outFolder: str | Path, choices: Choices = DEFAULT
    ) -> dict[str, str]:
        """Segment one case after another, each to CASE.seg.nrrd in a folder, leaving nothing of them in the scene.

        A case that fails stops no other. Returns the case's name -> "" or one sentence that says what went wrong.
        """
        from BrainTumorVAESegLib.slicer.cases import process_cases

        return process_cases(self.segmenting, [Path(folder) for folder in folders], Path(outFolder), choices)

    def installRequirements(self) -> bool:
        """Install what is missing after a question; return whether segmenting works now.

        Raises DependencyError with one sentence where it cannot be installed, Cancelled where the question is declined.
        """
        from BrainTumorVAESegLib.slicer.setup.requirements import Requirements

        return Requirements().install().usable

    def close(self) -> None:
        """End the worker process and remove its files."""
        self.segmenting.close()


def _byModality(*nodes: Any) -> Mapping[Modality, Any]:
    return dict(zip(MODALITIES, nodes, strict=True))


class BrainTumorVAESegTest(ScriptedLoadableModuleTest):
    """The self test: on a made case, offline; its steps are in `BrainTumorVAESegLib.slicer.selftest`."""

    def setUp(self) -> None:
        """Begin with an empty scene."""
        slicer.mrmlScene.Clear()

    def runTest(self) -> None:
        """Run all steps."""
        from BrainTumorVAESegLib.slicer.selftest import usable_steps

        steps = usable_steps()
        for step in steps:
            self.setUp()
            self.delayDisplay(step.__doc__ or step.__name__)
            step(self)
        logging.info("BrainTumorVAESegTest: all %d steps passed", len(steps))
        self.delayDisplay(_("All tests passed."))
