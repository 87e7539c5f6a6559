import pytest

from chainrule.derive import EquationError
from chainrule.derive.language.programs.reader import parse
from chainrule.derive.language.subscripts import Affine

PROGRAMS = [
    "L = -mean[s](X[s,y[s]] - log(sum[k](exp(X[s,k]))))",
    "Y[t,m] = E[idx[t],m]",
    "Y[s,m] = W[y[s],m]",
    "Y[s] = X[s,y[s]+1]",
    "Y[s] = A[p[s],q[s]]",
    "Y[t] = E[w[c[t]],2*i[t]-1]",
    "Y[v,m] = X[v,m] + sum[e](X[i[e],m] * delta[v,j[e]])",
    "L = -mean[s](sum[k](where(k == y[s], X[s,k], 0)))\nassume y[s] in k",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_printed_program_is_read_back(text):
    program = parse(text)
    assert str(program) == text
    again = parse(str(program))
    assert (again.statements, again.dimensions) == (program.statements, program.dimensions)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("L = sum[s](X[s,y[s]] + sum[k](X[s,k]))", {"y": "k"}),
        ("Y[s] = X[s,y[s]+1]", {"y": "v"}),
        ("Y[t] = E[w[c[t]]]", {"c": "v", "w": "k"}),
        ("L = sum[s,k](where(k == y[s], X[s,k], 0))", {}),
        ("L = sum[s,k](where(k == y[s], X[s,k], 0))\nassume y[s] in k", {"y": "k"}),
        ("Y[s,k] = delta[k,y[s]] * X[s,k]", {"y": "k"}),
    ],
)
def test_the_elements_of_an_index_array_lie_along_the_axis_that_they_pick_from(text, values):
    program = parse(text)
    assert dict(program.dimensions.values) == values
    assert program.index_arrays == values.keys()


def test_two_arrays_picked_by_the_same_places_are_as_long():
    program = parse("Y[s] = X[s,y[s]] * w[y[s]]")
    assert program.axes("X")[1] == program.axes("w")[0]


def test_an_array_and_an_index_may_have_the_same_letter():
    program = parse("Y[k] = sum[y](X[y] * Z[k,y[k]])")
    assert program.inputs == ("X", "Z", "y")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("y[s] = 2 * z[s]\nY[s] = X[s,y[s]]", "`y` is computed; only an input can stand in a subscript"),
        ("Y[s] = X[s,y[s]] + y", "`y` has no index here, but 1 index elsewhere"),
        ("Y[s] = X[s,y[s]\n", "expected `]`"),
        ("Y[s] = X[s,y[r]]", "the index `r` is free on the right side only"),
        ("Y[s] = X[s,exp[s]]", "expected an index, found `exp`"),
        ("Y[s] = X[s,k*y[s]]", "the index `k` is free"),
        ("Y[s] = X[s,y[s]]\nassume y[s]+1 in k", "expected an index array and the index of an axis"),
        ("Y[s] = X[s,y[s]]\nassume y[s] in K[s]", "expected an index array and the index of an axis"),
        ("Y = " + "X[" * 70 + "0" + "]" * 70, "nested too deeply"),
    ],
)
def test_what_is_wrong_with_a_place_is_told(text, problem):
    with pytest.raises(EquationError) as caught:
        parse(text)
    assert problem in caught.value.problem


def test_places_add_and_print_in_one_order():
    place = Affine.at("y", (Affine.of("s"),))
    assert str(Affine.of("i") + place - Affine.constant(1)) == "i+y[s]-1"
    assert place + Affine.of("i") == Affine.of("i") + place
    assert (place - place).terms == ()
    assert str((place + place).substitute({"s": Affine.of("t")})) == "2*y[t]"
    assert place.letters == {"s"}
    assert place.letter is None
    assert place.coefficient("s") is None
