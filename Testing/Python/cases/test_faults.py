from __future__ import annotations

from BrainTumorVAESegLib.cases.faults import Fault, describe_faults


def test_many_faults_are_one_line_that_names_every_case():
    faults = [Fault(f"case{n}", f"case{n}: is broken.") for n in range(13)]
    text = describe_faults([*faults, Fault("case3", "case3: is broken twice.")], 40)
    assert text.startswith("13 of 40 cases cannot be used. case0: is broken. case1: is broken.")
    assert "case9: is broken." in text and "case10: is broken." not in text
    assert text.endswith("Also at fault: case10, case11, case12, case3.") and "\n" not in text


def test_few_faults_are_told_in_full():
    assert describe_faults([Fault("a", "a: is broken.")], 2) == "1 of 2 cases cannot be used. a: is broken."
