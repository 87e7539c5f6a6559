"""What every test stands on: one thread a process, bytecode that is kept, and the long tests first."""

import os
import sys

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # before NumPy and PyTorch are loaded
    os.environ[name] = "1"  # the tests run side by side

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # the processes that tests start compile chainrule once, not each anew
sys.dont_write_bytecode = False


def pytest_collection_modifyitems(items):
    """Let the long tests begin first, so that none is left to run alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
