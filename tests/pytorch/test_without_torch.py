"""What is said where PyTorch is not installed."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("statement", ["import chainrule.pytorch", "import chainrule; chainrule.pytorch"])
def test_one_sentence_says_how_to_get_pytorch(statement):
    program = f"import sys; sys.modules['torch'] = None\n{statement}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last == "ImportError: PyTorch is not installed; get it by: pip install 'chainrule[torch]'"


def test_numpy_networks_work_without_it():
    program = "import sys; sys.modules['torch'] = None; from chainrule import nets; print(nets.MLP(4, [3], 2))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("MLP(")
