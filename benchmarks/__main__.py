"""Run every benchmark, print its table, and keep its rows under `results/benchmarks/` for the README."""

from benchmarks import (
    check,
    convnet,
    convnet_94,
    convnet_numpy,
    convolution,
    derive,
    generated,
    growth,
    layernorm,
    layers,
    page,
    process,
    report,
    sandbox,
    sklearn,
    step,
)
from benchmarks.tables import save_rows

for module in (
    step,
    sklearn,
    process,
    derive,
    generated,
    check,
    sandbox,
    page,
    report,
    layernorm,
    layers,
    convnet,
    convnet_94,
    convnet_numpy,
    convolution,
    growth,
):
    title, rows = module.TITLE, module.main()
    print(save_rows(module.__name__.split(".")[-1], title, f"python -m {module.__name__}", rows))
