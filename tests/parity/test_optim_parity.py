"""Every optimizer and schedule against PyTorch's, in float64."""

import numpy as np
import pytest

from chainrule import optim

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")

OPTIMIZERS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.02}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.02}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.02}),
    ("Adam", {"lr": 0.01}),
    ("Adam", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.02}),
    ("AdamW", {"lr": 0.01}),
    ("AdamW", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.2}),
]


@pytest.mark.parametrize(("name", "settings"), OPTIMIZERS)
def test_ten_steps_agree_with_pytorch(name, settings):
    rng = np.random.default_rng(0)
    params = {"weight": rng.normal(size=(4, 7)), "bias": rng.normal(size=(4,))}
    theirs = {n: torch.from_numpy(a.copy()).requires_grad_() for n, a in params.items()}
    mine = getattr(optim, name)(params, **settings)
    other = getattr(torch.optim, name)(theirs.values(), **settings)
    for step in range(10):
        mine.lr = other.param_groups[0]["lr"] = settings["lr"] * (1 + step % 3)
        grads = {n: rng.normal(size=a.shape) for n, a in params.items()}
        for n, grad in grads.items():
            theirs[n].grad = torch.from_numpy(grad)
        mine.step(grads)
        other.step()
        for n, array in params.items():
            np.testing.assert_allclose(array, theirs[n].detach().numpy(), rtol=1e-10, atol=1e-12)


def pytorch_rates(make, steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.7)
    schedule = make(optimizer)
    rates = []
    for step in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < steps - 1:
            schedule.step()
    return rates


@pytest.mark.parametrize("steps", [7, 30, 101])
def test_schedules_agree_with_pytorch(steps):
    lr = torch.optim.lr_scheduler
    pairs = [
        (optim.step_decay(0.7, 5, 0.3), lambda o: lr.StepLR(o, 5, 0.3)),
        (optim.cosine(0.7, steps, 0.1), lambda o: lr.CosineAnnealingLR(o, steps, 0.1)),
        (optim.linear(0.7, steps), lambda o: lr.LinearLR(o, 1.0, 0.0, steps)),
        (optim.one_cycle(0.7, steps), lambda o: lr.OneCycleLR(o, 0.7, steps, cycle_momentum=False)),
    ]
    for mine, theirs in pairs:
        np.testing.assert_allclose([mine(step) for step in range(steps)], pytorch_rates(theirs, steps), rtol=1e-10)


@pytest.mark.parametrize("steps", [7, 30, 101])
def test_momentum_cycles_as_pytorchs(steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.7, momentum=0.9)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.7, steps, base_momentum=0.8, max_momentum=0.93)
    theirs = []
    for step in range(steps):
        theirs.append(optimizer.param_groups[0]["momentum"])
        optimizer.step()
        if step < steps - 1:
            schedule.step()
    mine = optim.cycle_momentum(0.8, 0.93, steps)
    np.testing.assert_allclose([mine(step) for step in range(steps)], theirs, rtol=1e-10)
