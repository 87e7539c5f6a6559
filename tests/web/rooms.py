"""A walk through the rooms: every state that a person sees, one after the other."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

LONG = 180_000  # milliseconds, on a busy machine
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


REPORT = rb"""# Sigmoid

$$Y_{si} = \frac{1}{1 + e^{-X_{si}}}$$

$$\begin{aligned}
\frac{\partial L}{\partial X_{si}} &= \frac{\partial L}{\partial Y_{si}} \frac{\partial Y_{si}}{\partial X_{si}} \\
&= \frac{\partial L}{\partial Y_{si}} \, Y_{si} (1 + Y_{si})
\end{aligned}$$
"""


LSTM = """i[s,h] = sigmoid(sum[m](X[s,m] * U[h,m]) + a[h])
f[s,h] = sigmoid(sum[m](X[s,m] * V[h,m]) + b[h])
g[s,h] = tanh(sum[m](X[s,m] * W[h,m]) + c[h])
C[s,h] = f[s,h] * P[s,h] + i[s,h] * g[s,h]
H[s,h] = tanh(C[s,h]) * sigmoid(sum[m](X[s,m] * R[h,m]))"""


def walk(page: Any, rooms: Collection[str] = (), rare: bool = False) -> Iterator[str]:
    """Bring a page that has entered into each state of rooms, rare ones where wanted; yields the name of each."""
    for name in rooms or ROOMS:
        page.click(f"nav a[href^='#{name}']")
        for room in ROOMS[name] if rare else ROOMS[name][:1]:
            yield from room(page)


@contextmanager
def holding(page: Any, address: str) -> Iterator[None]:
    """Meanwhile what is asked at an address waits for its answer."""
    held: list[Any] = []
    page.route(address, lambda route: held.append(route))
    yield
    for each in held:
        each.continue_()
    page.unroute(address)


def walk_derive(page: Any) -> Iterator[str]:
    page.locator("#derive .formula math").first.wait_for()
    page.locator("#programs button").first.wait_for(timeout=LONG)
    page.locator("#derive details").first.locator("summary").click()
    page.locator("#derive .steps li").first.wait_for(timeout=LONG)
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
    page.set_input_files("#prove input[type=file]", {"name": "report.md", "mimeType": "text/plain", "buffer": REPORT})
    page.locator("#prove .judged math").first.wait_for(timeout=LONG)
    yield "prove-document"
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


def walk_derive_further(page: Any) -> Iterator[str]:
    page.fill("#search", "")
    with holding(page, "**/api/derive"):
        page.fill("#program", LSTM)
        page.locator("#derive .state:not(:empty)").wait_for()
        yield "derive-loading"
    page.locator("#derive summary", has_text="Gradient of").nth(7).wait_for(timeout=LONG)
    for summary in page.locator("#derive summary").all()[-3:]:
        summary.click()
    page.locator("#derive .steps li").first.wait_for(timeout=LONG)
    yield "derive-long"
    page.context.set_offline(True)
    page.fill("#program", "Q[a] = tanh(P[a])")
    page.locator("#derive-problem:not(:empty)").wait_for()
    yield "derive-offline"
    page.context.set_offline(False)


def walk_prove_further(page: Any) -> Iterator[str]:
    with holding(page, "**/api/prove"):
        page.click("#prove-example")
        page.locator("#prove .state:not(:empty)").wait_for()
        yield "prove-loading"
    page.locator("#prove .summary.wrong").wait_for(timeout=LONG)
    page.locator("#prove .repair button").first.click()
    page.locator("#prove .summary.right").wait_for(timeout=LONG)
    yield "prove-right"


def walk_train_further(page: Any) -> Iterator[str]:
    page.fill("#more", "eval_every=20\ncheckpoint_every=20\nlr=0.05")
    page.click("#settings button.main")
    page.get_by_text("It ended as the loss became").wait_for(timeout=LONG)
    yield "train-diverged"
    page.fill("#more", "eval_every=20\ncheckpoint_every=20\nlr=0.003")
    page.click("#settings button.main")
    page.wait_for_function("() => document.querySelectorAll('#runs tbody tr').length === 3", timeout=LONG)
    page.get_by_text("finished, step 60 of 60").wait_for(timeout=LONG)
    page.locator("#train .confusion").wait_for(timeout=LONG)
    page.locator("#train .result select").select_option(index=2)
    page.locator("#train path[stroke-dasharray]").first.wait_for(timeout=LONG)
    yield "train-two"
    page.fill("#steps", "1000000")
    page.fill("#more", "eval_every=20\ncheckpoint_every=20\nhidden=20")
    page.click("#settings button.main")
    page.get_by_text("running, step").wait_for(timeout=LONG)
    page.locator("#train .charts path").first.wait_for(timeout=LONG)
    yield "train-running"
    page.click("#train .result button:has-text('Pause')")
    page.get_by_text("interrupted, step").wait_for(timeout=LONG)
    yield "train-paused"


def walk_report_further(page: Any) -> Iterator[str]:
    page.click("#report-write")
    page.locator("#report-said:not([hidden])").wait_for(timeout=LONG)
    yield "report-writing"
    page.locator("#report-page:not([hidden])").wait_for(timeout=LONG)
    page.locator("#report-stop").wait_for(state="hidden", timeout=LONG)
    yield "report"


ROOMS = {  # the usual states of each, and the rare ones
    "derive": (walk_derive, walk_derive_further),
    "prove": (walk_prove, walk_prove_further),
    "check": (walk_check,),
    "train": (walk_train, walk_train_further),
    "report": (walk_report, walk_report_further),
}
