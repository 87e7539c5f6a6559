"""A class that a file hides from whatever looks for what can be checked is told, beside what is right."""

from chainrule.check.files.sandbox import report_on_file

RIGHT = """
class Right:
    def forward(self, x):
        return 2 * x

    def backward(self, dout):
        return 2 * dout
"""
WRONG = """
class Wrong:
    def forward(self, x):
        return 2 * x

    def backward(self, dout):
        return 3 * dout
"""


def tell(tmp_path, text):
    path = tmp_path / "layers.py"
    path.write_text(text, encoding="utf-8")
    return report_on_file(path, "", {}, 0)


def test_a_class_that_calls_itself_another_module_s_is_told_as_not_checked(tmp_path):
    report = tell(tmp_path, f"{RIGHT}{WRONG}\nWrong.__module__ = 'elsewhere'\n")
    assert [verdict.name for verdict in report.verdicts if verdict.ok] == ["Right"]
    assert any(complaint.startswith("Wrong has a forward and a backward") for complaint in report.complaints)


def test_a_class_that_others_inherit_from_is_not_missed(tmp_path):
    report = tell(tmp_path, f"{RIGHT}\nclass Derived(Right):\n    pass\n")
    assert report.complaints == []
