import copy
import dataclasses

import pytest

from chainrule import data
from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.records.environment import compare_environments, describe_environment


@pytest.fixture
def environment() -> dict:
    return describe_environment(Config(data="digits"), data.load("digits"), "cpu")


def test_the_environment_names_versions_machine_and_data(environment: dict) -> None:
    assert {"chainrule", "python", "numpy"} <= environment["versions"].keys()
    assert "torch" not in environment["versions"]
    assert environment["threads"]["cores"] >= 1
    assert environment["machine"]["processor"]
    assert environment["machine"]["device"] == "cpu"
    assert environment["data"]["hashes"] == data.load("digits").hashes


def test_the_same_environment_gives_no_warning(environment: dict) -> None:
    assert compare_environments(environment, copy.deepcopy(environment)) == []


def test_another_version_or_number_of_threads_is_a_warning(environment: dict) -> None:
    present = copy.deepcopy(environment)
    present["versions"]["numpy"] = "9.9"
    present["threads"]["OMP_NUM_THREADS"] = "64"
    first, second = compare_environments(environment, present)
    assert first.startswith(f"this run began with numpy {environment['versions']['numpy']} and goes on with 9.9")
    assert "OMP_NUM_THREADS" in second


def test_other_data_is_an_error(environment: dict) -> None:
    digits = data.load("digits")
    altered = dataclasses.replace(digits, hashes={**digits.hashes, "train": "0" * 64})
    with pytest.raises(UserError, match="is not what this run was trained on: the SHA-256 of train differs"):
        compare_environments(environment, describe_environment(Config(data="digits"), altered, "cpu"))
