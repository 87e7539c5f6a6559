"""A softmax or a sigmoid before a loss on logits is told; what only looks alike is not."""

from textwrap import dedent, indent

import numpy as np
import pytest

from chainrule import check, layers, nets
from chainrule.check.answers.loss_uses import list_loss_uses
from chainrule.check.files.verdicts import check_file
from chainrule.errors import UserError

TORCH = """
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.last = nn.Linear(20, 8), nn.Linear(8, {outputs})
    def forward(self, x):
        z = self.last(F.relu(self.hidden(x)))
        return {end}

"""
NUMPY = """
import numpy as np
from chainrule import layers

def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

class Net:
    def __init__(self):
        self.W = np.random.default_rng(0).normal(size=(20, 10))
    def forward(self, x):
        self.x, self.p = x, softmax(x @ self.W)
        return self.p
    def backward(self, dout):
        dz = self.p * (dout - (dout * self.p).sum(axis=1, keepdims=True))
        self.dW = self.x.T @ dz
        return dz @ self.W.T

def softmax_loss(x, y):
    z = x - x.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    dx = np.exp(log_p)
    dx[np.arange(len(x)), y] -= 1
    return -log_p[np.arange(len(x)), y].mean(), dx / len(x)

def cost_of_probabilities(x, y):
    dx = np.zeros_like(x)
    dx[np.arange(len(x)), y] = -1 / x[np.arange(len(x)), y] / len(x)
    return -np.log(x[np.arange(len(x)), y]).mean(), dx

"""
SOFTMAX, SIGMOID, LOG = "F.softmax(z, dim=1)", "torch.sigmoid(z)", "F.log_softmax(z, dim=1)"
TRAINING = """
def train(model, loss_fn, batches):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x, y in batches:
        out = model(x)
        loss = loss_fn(out, y)
        loss.backward()
"""


def torch_file(end, body, outputs=10):
    return TORCH.format(end=end, outputs=outputs) + dedent(body)


def numpy_file(body):
    return NUMPY + dedent(body)


SECOND = (
    "ends in a softmax, and the loss takes another of it: with 10 classes it cannot fall below ln(e + 9) − 1 = 1.461"
)
TOLD = {
    "a_module_called": (torch_file(SOFTMAX, "def step(x, y):\n    return nn.CrossEntropyLoss()(Net()(x), y)"), SECOND),
    "a_loss_given_to_a_function": (
        torch_file(SOFTMAX, TRAINING + "\ndef main():\n    train(Net().to('cpu'), nn.CrossEntropyLoss(), [])"),
        SECOND,
    ),
    "a_functional_loss": (
        torch_file(
            SOFTMAX, "net = Net()\ndef f(x, y):\n    out = net(x)\n    return F.cross_entropy(input=out, target=y)"
        ),
        SECOND,
    ),
    "a_trainer": (
        torch_file(
            SOFTMAX,
            """
            class Trainer:
                def __init__(self, net):
                    self.net, self.loss = net, nn.CrossEntropyLoss()
                def step(self, x, y):
                    return self.loss(self.net(x), y)
            Trainer(Net())
            """,
        ),
        SECOND,
    ),
    "a_sigmoid_before_cross_entropy": (
        torch_file(SIGMOID, "def step(x, y):\n    return F.cross_entropy(Net()(x), y)"),
        "ends in a sigmoid, and the loss takes a softmax of it: with 10 classes it cannot fall below",
    ),
    "a_sigmoid": (
        torch_file(
            SIGMOID, "net = Net()\nbce = nn.BCEWithLogitsLoss()\ndef f(x, y): return bce(net(x).squeeze(1), y)", 1
        ),
        "ends in a sigmoid, and the loss takes a sigmoid of it: the loss of a 0 cannot fall below ln 2",
    ),
    "a_functional_sigmoid": (
        torch_file(SIGMOID, "def f(x, y): return F.binary_cross_entropy_with_logits(Net()(x), y)", 1),
        "ends in a sigmoid",
    ),
    "a_log_softmax": (
        torch_file(LOG, "def step(x, y):\n    return F.cross_entropy(Net()(x), y)"),
        "the result is the same, only slower",
    ),
    "a_sequence_of_layers": (
        """
        from torch import nn
        model = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 10), nn.Softmax(dim=1))
        loss_fn = nn.CrossEntropyLoss()
        def step(x, y):
            return loss_fn(model(x), y)
        """,
        SECOND,
    ),
    "a_function_that_makes_the_net": (
        torch_file(
            SOFTMAX,
            "def make():\n    return Net()\ndef step(x, y):\n    net = make()\n    return F.cross_entropy(net(x), y)",
        ),
        SECOND,
    ),
    "the_only_net_where_nobody_gives_one": (
        torch_file(SOFTMAX, TRAINING + "\ndef main(model):\n    train(model, nn.CrossEntropyLoss(), [])"),
        SECOND,
    ),
    "the_net_of_parts_where_nobody_gives_one": (
        torch_file(
            SOFTMAX,
            """
            class Wide(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.inner = Net()
                def forward(self, x):
                    return self.inner(2 * x)
            class Trainer:
                def __init__(self, model):
                    self.model, self.criterion = model, nn.CrossEntropyLoss()
                def fit(self, x, y):
                    return self.criterion(self.model(x), y)
            """,
        ),
        SECOND,
    ),
    "a_softmax_between": (
        torch_file("z", "def f(net, x, y):\n    p = torch.softmax(net(x), dim=-1)\n    return F.cross_entropy(p, y)"),
        "the network's output goes through a softmax, and the loss takes another of it: with 10 classes",
    ),
    "a_sigmoid_between": (
        torch_file("z", "def f(x, y): return F.binary_cross_entropy_with_logits(Net()(x).sigmoid(), y)", 1),
        "the network's output goes through a sigmoid, and the loss takes a sigmoid of it",
    ),
    "a_module_between": (
        torch_file("z", "def f(x, y):\n    return nn.CrossEntropyLoss()(nn.LogSoftmax(dim=1)(Net()(x)), y)"),
        "the network's output goes through a log-softmax",
    ),
    "a_loss_of_their_own": (
        numpy_file("def f(net, x, y):\n    return softmax_loss(net.forward(x), y)\nf(Net(), np.ones((2, 20)), [1, 2])"),
        SECOND,
    ),
    "chainrules_loss": (
        numpy_file("net, loss = Net(), layers.CrossEntropyLoss()\ndef f(x, y): return loss.forward(net.forward(x), y)"),
        SECOND,
    ),
    "from_logits": (
        numpy_file(
            """
            def step(x, y):
                loss = layers.CrossEntropyLoss(from_logits=True)
                out = Net().forward(x)
                return loss.forward(out, y)
            """
        ),
        SECOND,
    ),
    "a_pair_of_functions": (
        numpy_file(
            """
            def net_forward(x, w):
                p = softmax(x @ w)
                return p, (x, w, p)
            def net_backward(dout, cache):
                x, w, p = cache
                dz = p * (dout - (dout * p).sum(axis=1, keepdims=True))
                return dz @ w.T, x.T @ dz
            def step(x, w, y):
                p, cache = net_forward(x, w)
                return softmax_loss(p, y)
            """
        ),
        "with K classes it cannot fall below ln(e + K − 1) − 1, 1.461 with 10",
    ),
}
UNTOLD = {
    "logits": torch_file("z", "def step(x, y):\n    F.softmax(x, dim=1)\n    return F.cross_entropy(Net()(x), y)"),
    "nll_of_the_logarithm": torch_file(SOFTMAX, "def f(x, y):\n    return nn.NLLLoss()(torch.log(Net()(x)), y)"),
    "nll_of_a_log_softmax": torch_file(LOG, "def f(x, y):\n    return F.nll_loss(Net()(x), y)"),
    "cross_entropy_of_the_logarithm": torch_file(
        SOFTMAX,
        "def f(x, y):\n    out = Net()(x)\n    out = torch.log(out)\n    return F.cross_entropy(out, y)",
    ),
    "bce_without_logits": torch_file(SIGMOID, "def f(x, y):\n    return nn.BCELoss()(Net()(x), y)", 1),
    "a_softmax_beside_the_net": torch_file(
        "z",
        """
        class Softmax(nn.Module):
            def forward(self, x):
                return F.softmax(x, dim=1)
        def step(x, y):
            net = Net()
            return F.cross_entropy(net(x), y), Softmax()(net(x))
        """,
    ),
    "an_attention": torch_file(
        "F.softmax(z @ z.T, dim=1) @ z", "def step(x, y):\n    return F.cross_entropy(Net()(x), y)"
    ),
    "probabilities_in_evaluation_alone": torch_file(
        f"z if self.training else {SOFTMAX}", "def step(x, y):\n    return F.cross_entropy(Net()(x), y)"
    ),
    "another_net_is_trained": torch_file(
        SOFTMAX,
        """
        class Other(nn.Module):
            def __init__(self):
                super().__init__()
                self.only = nn.Linear(20, 10)
            def forward(self, x):
                return self.only(x)
        def step(x, y):
            net = Other()
            return F.cross_entropy(net(x), y), Net()(x)
        """,
    ),
    "one_of_two_nets_that_nobody_gives": torch_file(
        SOFTMAX,
        """
        class Other(nn.Module):
            def forward(self, x):
                return x
        """
        + TRAINING
        + "\ndef main(model):\n    train(model, nn.CrossEntropyLoss(), [])",
    ),
    "probabilities_beside_the_logits": torch_file(
        "z", "def f(net, x, y):\n    z = net(x)\n    p = F.softmax(z, dim=1)\n    return F.cross_entropy(z, y), p"
    ),
    "nll_of_a_log_softmax_outside": torch_file(
        "z", "def f(net, x, y):\n    return F.nll_loss(F.log_softmax(net(x), dim=1), y)"
    ),
    "a_loss_of_probabilities": numpy_file("def f(x, y):\n    return cost_of_probabilities(Net().forward(x), y)"),
    "not_from_logits": numpy_file(
        "def f(x, y):\n    return layers.CrossEntropyLoss(from_logits=False).forward(Net().forward(x), y)"
    ),
    "a_loss_that_is_never_called": numpy_file("loss = layers.CrossEntropyLoss()"),
}


def list_notes(tmp_path, name, text):
    """Return what a check of the file notes of losses; a file that holds nothing to check has no notes."""
    path = tmp_path / f"head_{name}.py"
    path.write_text(dedent(text), encoding="utf-8")
    try:
        verdicts, complaints = check_file(path, "", {}, 0)
    except UserError as error:
        verdicts, complaints = [], [str(error)]
    assert all("holds nothing to check" in complaint for complaint in complaints)
    assert all(verdict.ok for verdict in verdicts)
    return [note for verdict in verdicts for note in verdict.notes if "the network" in note]


@pytest.mark.parametrize("name", TOLD)
def test_probabilities_before_a_loss_on_logits_are_told(name, tmp_path):
    text, words = TOLD[name]
    (note,) = list_notes(tmp_path, name, text)
    assert words in note


@pytest.mark.parametrize("name", UNTOLD)
def test_what_costs_nothing_is_not_told(name, tmp_path):
    assert list_notes(tmp_path, name, UNTOLD[name]) == []


def test_the_note_names_the_loss_and_its_line(tmp_path):
    (note,) = list_notes(tmp_path, "named", TOLD["a_functional_loss"][0])
    before, _, _ = TOLD["a_functional_loss"][0].partition("F.cross_entropy")
    assert note.startswith(f"F.cross_entropy (line {1 + before.count(chr(10))}): the network ends")


class Probabilities(nets.Sequential):
    """A net that ends in a softmax, trained below with a loss on logits."""

    def __init__(self):
        super().__init__(layers.Linear(5, 3), layers.Softmax())


def train_once(X, y):
    net, loss = Probabilities(), layers.CrossEntropyLoss()
    Y, cache = net.forward(X)
    value, kept = loss.forward(Y, y)
    return value, net.backward(loss.backward(kept), cache)


def test_a_network_that_is_checked_in_python_is_told_too():
    X = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    assert np.isfinite(train_once(X, np.array([0, 1, 2, 0]))[0])
    verdict = check.check_layer(Probabilities(), X)
    assert verdict.ok
    assert "with 3 classes it cannot fall below ln(e + 2) − 1 = 0.551" in verdict.text
    assert "the network ends" not in check.check_layer(layers.Softmax(), X).text


def test_a_name_that_stands_for_itself_ends_the_search():
    text = "def loss(x):\n    x = x\n    y = loss(x)\n    return loss(y)\nloss = loss\nloss(loss(loss))\n"
    assert list_loss_uses(text) == ()
    assert list_loss_uses(indent(text, "  ")) == ()  # no Python at all
