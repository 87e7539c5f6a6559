import pytest

from chainrule.derive.reading.grammar.subscripts import read_subscript
from chainrule.derive.reading.tokens import UnreadableError, cut_latex


@pytest.mark.parametrize(
    ("latex", "indices"),
    [
        ("s,y_s", "s y[s]"),
        ("s,y_{s}", "s y[s]"),
        ("s y_s", "s y[s]"),
        ("s,y_{s}+1", "s y[s]+1"),
        ("k-y_{s}", "k-y[s]"),
        ("w_{c_t},m", "w[c[t]] m"),
        ("p_{bt},q_{b,t}", "p[b,t] q[b,t]"),
    ],
)
def test_an_index_below_an_index_is_an_element_of_an_index_array(latex, indices):
    assert " ".join(map(str, read_subscript(cut_latex(latex)))) == indices


@pytest.mark.parametrize("latex", ["_s", "s,2_s", "s,y_s m", "s,y_{s}^2", r"s,\frac{1}{2}_s", "y_", "y_{s"])
def test_what_is_no_place_is_told(latex):
    with pytest.raises(UnreadableError):
        read_subscript(cut_latex(latex))
