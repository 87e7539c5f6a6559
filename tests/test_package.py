"""What `import chainrule` offers."""

import subprocess
import sys

import pytest

import chainrule
from chainrule import train


def test_public_names_are_all_that_dir_shows():
    assert dir(chainrule) == ["__version__", *sorted(set(dir(chainrule)) - {"__version__"})]
    assert {"derive", "verify", "practical"} <= set(dir(chainrule))
    assert dir(train) == sorted(train.__all__)


@pytest.mark.parametrize("part", [name for name in dir(chainrule) if name not in ("__version__", "pytorch")])
def test_a_part_loads_when_it_is_first_used(part):
    code = f"import chainrule; assert chainrule.{part}.__name__ == 'chainrule.{part}'"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_part_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'chainrule' has no attribute 'derived'"):
        chainrule.derived  # noqa: B018
