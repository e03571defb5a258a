"""Sample cases: two public ones of BraTS in Slicer's Sample Data, and a made one that needs no network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import slicer
from slicer.i18n import tr as _

from ..core.modalities import MODALITIES, Modality
from ..core.steps import result_of
from .nodes.volumes import Nodes
from .phantoms import PhantomMaker, add_volumes

if TYPE_CHECKING:
    from ..phantom.phantom import PhantomSettings

CATEGORY = "BrainTumorVAESeg"
PHANTOM = "BrainTumorPhantom"
"""Name of the made case among Slicer's samples."""
_PLACE = "https://github.com/lassoan/SlicerMONAIAuto3DSeg/releases/download/TestingData/"
_ICONS = Path(__file__).resolve().parents[2] / "Resources" / "Icons"
_ENDINGS = {Modality.T1: "t1n", Modality.T1CE: "t1c", Modality.T2: "t2w", Modality.FLAIR: "t2f"}


@dataclass(frozen=True)
class PublicCase:
    """A case of BraTS that can be downloaded: its name, and the SHA-256 of each file."""

    name: str
    sha256: dict[Modality, str]

    def file_name(self, modality: Modality) -> str:
        """Return the name of a modality's file, as BraTS names it."""
        return f"{self.name}-000-{_ENDINGS[modality]}.nii.gz"

    def url(self, modality: Modality) -> str:
        """Return where a modality's file is."""
        return _PLACE + self.file_name(modality)

    def node_name(self, modality: Modality) -> str:
        """Return the name of a modality's node, which tells the modality."""
        return f"{self.name} {modality}"


PUBLIC_CASES: tuple[PublicCase, ...] = (
    PublicCase(
        "BraTS-GLI-00001",
        {
            Modality.T1: "e860924b936e301ddeba20409fbb59dde322475cb49328f1b46a9235c792e73e",
            Modality.T1CE: "4399faadcc45c8a4541313cdf88aced7d835ed59ac3078d950e0eac293d603f5",
            Modality.T2: "4cd389cc57d12134a30a898c66532228126b9a7d0600ee578e82a32144528b51",
            Modality.FLAIR: "82aed8546af5e6d8d94fd91c56227abdcf6120130390d1556c4342a208980604",
        },
    ),
    PublicCase(
        "BraTS-SSA-00002",
        {
            Modality.T1: "cd78460e4225a1f145756c7fcda12a517ab3d13f62c52d8b287d78310e520cf7",
            Modality.T1CE: "b980aab6d6fb2e95f01e6f6c964d94a89ef32e717448e1b1c101e163219042b1",
            Modality.T2: "4d9810cd217a9504f8aa4313a0edec4a091ecb145bad09dab5b7955688639420",
            Modality.FLAIR: "b7067abe232daafbf5c46c9707462edc961cdb30cb5eb445e5d4407e0da70c08",
        },
    ),
)


def register() -> None:
    """Offer the sample cases in Slicer's Sample Data module; a second call changes nothing."""
    from SampleData import SampleDataLogic

    # Since Slicer 5.12 a category has a title of its own.
    if hasattr(SampleDataLogic, "registerCustomSampleDataCategory"):
        SampleDataLogic.registerCustomSampleDataCategory(CATEGORY, title=_("Brain tumor segmentation"))
    # After a reload of the module, what an earlier one registered makes way.
    getattr(slicer.modules, "sampleDataSources", {}).get(CATEGORY, []).clear()
    for case in PUBLIC_CASES:
        SampleDataLogic.registerCustomSampleDataSource(
            category=CATEGORY,
            sampleName=case.name,
            thumbnailFileName=str(_ICONS / f"{case.name}.png"),
            uris=[case.url(modality) for modality in MODALITIES],
            fileNames=[case.file_name(modality) for modality in MODALITIES],
            nodeNames=[case.node_name(modality) for modality in MODALITIES],
            checksums=[f"SHA256:{case.sha256[modality]}" for modality in MODALITIES],
            loadFileTypes=["VolumeFile"] * len(MODALITIES),
        )
    SampleDataLogic.registerCustomSampleDataSource(
        category=CATEGORY,
        sampleName=PHANTOM,
        thumbnailFileName=str(_ICONS / f"{PHANTOM}.png"),
        # Nothing is downloaded: Slicer asks for one address a file all the same.
        uris="",
        fileNames=PHANTOM,
        nodeNames=PHANTOM,
        customDownloader=_on_phantom_chosen,
    )


def load_phantom(settings: PhantomSettings | None = None) -> Nodes:
    """Make a phantom and add its four volumes to the scene; returns their nodes, named e.g. `Phantom T1ce`.

    The default one has 240 x 240 x 155 voxels of 1 mm and takes some seconds, in which Slicer stands still: a panel
    takes `PhantomMaker`. Smaller ones are quick.
    """
    from ..phantom.phantom import make_phantom

    nodes: Nodes = result_of(add_volumes(make_phantom(settings).study, "Phantom"))
    return nodes


def _on_phantom_chosen(source: object) -> None:
    """Do what Sample Data's button does for the phantom; source is Slicer's description of it."""
    slicer.util.showStatusMessage(_("Making the phantom..."), 5000)
    with slicer.util.tryWithErrorDisplay(_("The phantom could not be made.")):
        _maker.start(lambda nodes: None, slicer.util.errorDisplay)


_maker = PhantomMaker()
"""Of Sample Data's button."""
