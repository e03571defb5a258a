"""Two languages: no phrase without Chinese, no sentence of the library that a report would leave English."""

from __future__ import annotations

import re
import string
from pathlib import Path
from types import SimpleNamespace

import BrainTumorVAESegLib
import pytest
import torch
from BrainTumorVAESegLib.core.findings import group_findings
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.inference.cascade import Step
from BrainTumorVAESegLib.inference.device import device_fault
from BrainTumorVAESegLib.inference.engine import Engine, told_of_half
from BrainTumorVAESegLib.inference.optimized.engine import OpenVinoEngine
from BrainTumorVAESegLib.inference.optimized.storage import OPENVINO, OPENVINO_INT8
from BrainTumorVAESegLib.models.manifest import ValidityDomain
from BrainTumorVAESegLib.preparation.checks import check
from BrainTumorVAESegLib.reporting.report.chinese import PHRASES
from BrainTumorVAESegLib.reporting.report.language import Language, Translator
from BrainTumorVAESegLib.reporting.report.sentences import SENTENCES
from BrainTumorVAESegLib.trust import wording
from findingstudies import changed

ROOM = Path(BrainTumorVAESegLib.__file__).parent / "reporting" / "report"
CHINESE = re.compile("[\u4e00-\u9fff]")
SAME = {"U-Net", "SegResNet"}


def fields(text: str) -> int:
    return sum(1 for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("table", [PHRASES, SENTENCES], ids=["phrases", "sentences"])
def test_every_text_is_chinese_and_holds_what_the_english_one_does(table: dict[str, str]) -> None:
    for english, chinese in table.items():
        assert fields(english) == fields(chinese), english
        assert CHINESE.search(chinese) or english in SAME or not re.search("[A-Za-z]", english), english


def test_every_phrase_of_templates_and_code_is_in_the_table() -> None:
    used = set()
    for path in (*ROOM.glob("templates/*.html"), *ROOM.glob("*.py")):
        text = path.read_text("utf-8")
        calls = re.findall(r'\b(?:t|say)\(\s*"((?:[^"\\]|\\.)*)"', text) + re.findall(r"\bt\('([^']*)'", text)
        used |= {call.replace('\\"', '"') for call in calls}
    assert len(used) > 60 and used - set(PHRASES) == set()


def test_a_phrase_is_filled_in_either_language() -> None:
    assert Translator(Language.EN)("{} files", 3) == "3 files"
    assert Translator(Language.ZH)("{} files", 3) == "3 个文件"


def test_findings_of_a_real_check_become_chinese(phantom) -> None:
    say = Translator(Language.ZH)
    study = changed(phantom.study, Modality.T2, lambda array: array - 1024)
    study = changed(study, Modality.FLAIR, lambda array: 0 * array)
    findings = [*check(study), *check(changed(phantom.study, Modality.T1, lambda array: array[:, :, ::-1]))]
    assert len(findings) >= 3
    for group in group_findings(findings):
        for part in (group.message, group.findings[0].advice):
            assert not part or CHINESE.search(say.sentence(part)), part


def test_how_two_grids_differ_becomes_chinese() -> None:
    say = Translator(Language.ZH)
    differences = "512x512x34 voxels instead of 512x512x68, 1x1x5 mm instead of 1x1x2.5 mm, its center 1.25 mm away"
    text = say.sentence(f"the grid is another than that of T1ce: {differences}.")
    assert text == (
        "体素网格与 T1ce 不同：512x512x34 体素而非 512x512x68，间距 1x1x5 mm 而非 1x1x2.5 mm，中心相距 1.25 mm。"
    )


def test_the_domain_of_packages_becomes_chinese_and_unknown_sentences_stay() -> None:
    say = Translator(Language.ZH)
    assert CHINESE.search(say.sentence(ValidityDomain().text))
    assert say.sentence("Somebody's own words.") == "Somebody's own words."
    assert (
        Translator(Language.EN).sentence("the background is 3, not 0; it is taken as 0.").startswith("the background")
    )


@pytest.mark.parametrize("precision", ["fp16", "bf16"])
@pytest.mark.parametrize("met", [True, False])
@pytest.mark.parametrize("limited", [True, False])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_what_is_told_of_a_precision_becomes_chinese(precision: str, met: bool, limited: bool, device: str) -> None:
    assert CHINESE.search(Translator(Language.ZH).sentence(told_of_half(device, precision, met, limited)))


def test_how_openvino_computed_becomes_chinese() -> None:
    say = Translator(Language.ZH)
    for kind, precision in ((OPENVINO, "bf16"), (OPENVINO_INT8, "auto")):
        networks = SimpleNamespace(kind=kind, computes_bf16=True, version="1")
        (note,) = OpenVinoEngine(networks, precision=precision).notes
        assert CHINESE.search(say.sentence(note)), note


def test_a_gpu_that_gave_up_becomes_chinese(monkeypatch) -> None:
    def exhausted(*_: object) -> None:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(Engine, "_run_in_slabs", exhausted)
    say = Translator(Language.ZH)
    for error in (torch.cuda.OutOfMemoryError("CUDA out of memory."), RuntimeError("CUDA error: unknown error")):
        engine = Engine("cpu")
        engine.device = torch.device("cuda")
        with pytest.warns(UserWarning, match="computed on the CPU"):
            engine.leave_device(device_fault(error))
        engine.device = torch.device("cuda")
        with pytest.warns(UserWarning, match="computed on the CPU"), pytest.raises(torch.cuda.OutOfMemoryError):
            engine._run_smaller(None, torch.zeros(1), Step(2, 1, 3))
        for note in engine.notes:
            assert CHINESE.search(say.sentence(note)) and not re.search("stage|memory", say.sentence(note)), note
        assert len(engine.notes) == 3


@pytest.mark.parametrize(
    ("cases", "chinese"), [("93 % of the cases", " 93 % 的校准病例"), ("any of the cases", "所有校准病例")]
)
def test_the_input_checks_reasons_become_chinese(cases, chinese) -> None:
    say = Translator(Language.ZH)
    than = f"than in {cases} that this package was calibrated on"
    said = [f"T2 {words} {than}." for pair in wording._IMAGES.values() for words in pair]
    said += [f"{words} {than}." for pair in wording._STUDY.values() for words in pair]
    said += [wording.NO_BRAIN.message, wording.NO_TUMOR.message, wording.NOT_A_BRAIN]
    assert len(said) > 20
    for sentence in said:
        assert not re.search("[a-z]{2}", say.sentence(sentence)), say.sentence(sentence)
    strong = f"Strong shading in T1: about 1.7 times as bright at the left as at the right, more {than}."
    assert say.sentence(strong) == f"T1 亮度明显不均：左侧的亮度约为右侧的 1.7 倍，程度超过{chinese}。"
    without = f"{strong.removesuffix('.')}; the networks saw the image without it."
    assert say.sentence(without).endswith(f"程度超过{chinese}；网络看到的是校正后的图像。")
