"""What every test stands on: one thread a process, bytecode that is kept, rare garbage collection, long tests first.

A test is slow where it is marked so, or where its function stands in slow.txt, which is measured:
`python -m pytest -p no:xdist -m "not slow" --add-slow` adds those of which a case takes longer than `LONG`.
"""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # before NumPy and PyTorch are loaded
    os.environ[name] = "1"  # the tests run side by side

# JAX compiles for longer than it computes: as the processes of a check have it
os.environ |= {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1", "JAX_TRACEBACK_FILTERING": "off"}

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # the processes that tests start compile chainrule once, not each anew
sys.dont_write_bytecode = False

gc.disable()  # while all is loaded; pytest_collection_finish enables it

SLOW = Path(__file__).with_name("slow.txt")
LONG = 0.15  # seconds of processor time, with that of the processes that a test starts


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--add-slow", action="store_true", help=f"add the tests of more than {LONG} s to {SLOW.name}")


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the long tests, and let them begin first, so that none is left to run alone at the end."""
    slow = set(SLOW.read_text(encoding="utf-8").split())
    for item in items:
        if function_of(item) in slow:
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """Collect garbage seldom, and not what is loaded by now: it takes a tenth of the time otherwise."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Take note of a long test, where that is asked for."""
    begun = spent()
    result = yield
    if item.config.getoption("--add-slow") and spent() - begun > LONG:
        lines = {*SLOW.read_text(encoding="utf-8").splitlines(), function_of(item)}
        SLOW.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    return result


def function_of(item: pytest.Item) -> str:
    return item.nodeid.split("[")[0]


def spent() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
