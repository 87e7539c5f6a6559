"""A walk through the rooms: every state that a person sees, one after the other."""

from collections.abc import Iterator
from typing import Any

LONG = 60_000  # milliseconds, on a busy machine
NORM = """import numpy as np

print("loaded")


class Norm:
    def __init__(self, n=5):
        self.gamma = np.ones(n)
        self.beta = np.zeros(n)

    def forward(self, x):
        mu = x.mean(axis=1, keepdims=True)
        var = x.var(axis=1, keepdims=True)
        self.std = np.sqrt(var + 1e-5)
        self.xhat = (x - mu) / self.std
        return self.gamma * self.xhat + self.beta

    def backward(self, dout):
        self.dgamma = (dout * self.xhat).sum(axis=0)
        self.dbeta = dout.sum(axis=0)
        dxhat = dout * self.gamma
        return (dxhat - dxhat.mean(axis=1, keepdims=True)) / self.std


def square(x):
    return x**2


def square_backward(dout, x):
    return 2 * dout * x


def odd_forward(q, thing):
    return q.frob(thing)


def odd_backward(dout, q, thing):
    return dout
"""


def walk(page: Any) -> Iterator[str]:
    """Bring a page that has entered into each state; yields the state's name."""
    for room in (walk_derive, walk_prove, walk_check, walk_train, walk_report):
        page.click(f"nav a[href='#{room.__name__.removeprefix('walk_')}']")
        yield from room(page)


def walk_derive(page: Any) -> Iterator[str]:
    page.locator("#derive .formula math").first.wait_for()
    page.locator("#programs button").first.wait_for(timeout=LONG)
    page.locator("#derive details").first.locator("summary").click()
    page.locator("#derive details").last.locator("summary").click()
    page.locator("#derive .matrix").first.wait_for()
    yield "derive"
    page.fill("#program", "Y[s,k] = expp(X[s,k]) / sum[j](exp(X[s,j]))")
    page.locator("#derive-problem:not(:empty)").wait_for()
    yield "derive-wrong"
    page.fill("#search", "no such thing")
    page.fill("#program", "")
    page.locator("#derive .missing").wait_for()
    yield "derive-empty"


def walk_prove(page: Any) -> Iterator[str]:
    yield "prove-empty"
    page.click("#prove-example")
    page.locator("#prove .summary.wrong").wait_for(timeout=LONG)
    yield "prove"
    page.click("#prove-report")
    page.get_by_text("derivations follow").wait_for(timeout=LONG)
    yield "prove-report"
    page.fill("#derivation", "forward\n  Y[i] = expp(X[i])\ngradient dX[m]\n  = dY[m]")
    page.locator("#prove .problem").wait_for(timeout=LONG)
    yield "prove-wrong"


def walk_check(page: Any) -> Iterator[str]:
    yield "check-empty"
    page.fill("#code", NORM)
    page.click("#check-now")
    page.locator("#check .found li").first.wait_for(timeout=LONG)
    yield "check-begun"
    page.locator("#check .summary.wrong").wait_for(timeout=LONG)
    page.locator("#check details", has_text="Shapes that were tried").last.locator("summary").click()
    page.locator("#check .is-wrong .maps svg").first.focus()
    yield "check"
    page.fill("#code", "def f(:\n    pass\n")
    page.click("#check-now")
    page.locator("#check .problem").wait_for(timeout=LONG)
    yield "check-wrong"


def walk_train(page: Any) -> Iterator[str]:
    page.locator("#experiment option").first.wait_for(state="attached", timeout=LONG)
    yield "train-empty"
    page.locator("#network summary").click()
    page.get_by_text("Add a hidden layer").click()
    page.locator("#network table").wait_for(timeout=LONG)
    page.fill("#steps", "60")
    page.fill("#more", "eval_every=20\ncheckpoint_every=20")
    page.click("#settings button.main")
    page.get_by_text("finished, step 60 of 60").wait_for(timeout=LONG)
    page.locator("#train .confusion").wait_for(timeout=LONG)
    yield "train"
    page.fill("#more", "hiden=3")
    page.click("#settings button.main")
    page.locator("#train .given > .problem:not(:empty)").wait_for(timeout=LONG)
    yield "train-wrong"


def walk_report(page: Any) -> Iterator[str]:
    page.locator("#report .written").wait_for(timeout=LONG)
    yield "report-empty"
