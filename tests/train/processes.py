"""Processes that start at once: forked from a server in which PyTorch and all that training needs is loaded."""

import os
import sys
from collections.abc import Callable, Mapping
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from chainrule.cli import main

PATIENCE = 300  # seconds, on a busy machine

context = get_context("forkserver")
context.set_forkserver_preload(
    ["chainrule.train.runs", "chainrule.train.learners.torch_learner", "torch.distributed.run", "torch._dynamo"]
)


def start(
    function: Callable[..., object], *arguments: object, told: Path | None = None, environment: Mapping[str, str] = {}
) -> BaseProcess:
    """Call a function in a new process; what it prints goes into `told`, or nowhere."""
    process = context.Process(target=_call, args=(function, arguments, told, {**os.environ, **environment}))
    process.start()
    return process


def launch(settings: Mapping[str, object], function: Callable[..., object], *arguments: object) -> None:
    """Call a function in the processes of a node, as torchrun does with a script, but forked from this process."""
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    common = {"rdzv_backend": "c10d", "start_method": "fork", "monitor_interval": 0.2, "local_addr": "localhost"}
    elastic_launch(LaunchConfig(**common, **settings), function)(*arguments)


def run_chainrule(*arguments: str) -> None:
    """Run `chainrule ARGUMENTS`, as the command does."""
    sys.argv = ["chainrule", *arguments]
    main()


def _call(
    function: Callable[..., object], arguments: tuple[object, ...], told: Path | None, environment: Mapping[str, str]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    if told is not None:
        told.mkdir(parents=True, exist_ok=True)
    for number in (1, 2):
        name = os.devnull if told is None else told / ("stdout", "stderr")[number - 1]
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    function(*arguments)
