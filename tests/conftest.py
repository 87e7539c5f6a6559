"""What every test stands on: one thread a process, because the tests run side by side, and the long ones first."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # before NumPy and PyTorch are loaded
    os.environ[name] = "1"


def pytest_collection_modifyitems(items):
    """Let the long tests begin first, so that none is left to run alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
