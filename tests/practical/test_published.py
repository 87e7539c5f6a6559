import json

from chainrule.practical.published import SUBJECTS, judge_code, judge_subject
from chainrule.practical.rows import PRACTICAL
from chainrule.shipped import find_shipped


def test_softmax_is_derived_proven_and_its_published_mistake_found_in_line_and_code() -> None:
    subject = judge_subject(next(subject for subject in SUBJECTS if subject.name == "softmax"))
    assert len(subject["steps"][0]["lines"]) > 3
    assert subject["gradients"][0].startswith("<math")
    derivation = subject["derivations"][0]
    assert (derivation["ok"], derivation["row"], derivation["text"][:12]) == (False, 2, "sum[i,j](dY[")
    assert [row["right"] for row in subject["checks"]] == [True, False]
    assert "other samples" in subject["checks"][1]["sentence"]
    json.dumps(subject)


def test_a_subject_without_a_published_derivation_is_derived_alone() -> None:
    subject = judge_subject(next(subject for subject in SUBJECTS if subject.name == "conv2d"))
    assert subject["index"].keys() == {"X", "K"}
    assert (subject["derivations"], subject["checks"]) == ([], [])


def test_every_published_file_is_judged_and_every_derived_row_is_answered() -> None:
    derivations = {name for subject in SUBJECTS for name in subject.derivations}
    assert derivations == {path.stem for path in find_shipped("examples/derivations/published").glob("*.txt")}
    backwards = ({subject.backward for subject in SUBJECTS} | {row.code for row in PRACTICAL}) - {""}
    assert backwards == {path.stem for path in find_shipped("examples/backwards/published").glob("*.py")}
    alone = {subject.name for subject in SUBJECTS if not subject.derivations}
    assert {row.derivation for row in PRACTICAL} - {""} == derivations | alone


def test_the_published_layer_norm_module_is_told_to_divide_by_one_less() -> None:
    judged = judge_code("layer_norm_module")
    assert judged is not None
    assert (judged["ok"], judged["row"]) == (False, None)
    assert "its variance is divided by N − 1, not by N" in judged["text"]
    assert {row.id: row.code for row in PRACTICAL if row.code} == {"3.1": "layer_norm_module"}
