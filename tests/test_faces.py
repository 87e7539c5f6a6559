import inspect

import pytest

from chainrule import derive


def test_dir_shows_the_public_names_alone():
    assert dir(derive) == sorted(derive.__all__)


def test_help_says_that_a_public_object_is_of_its_package():
    for name in derive.__all__:
        assert inspect.getmodule(getattr(derive, name)) is derive


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'chainrule\.derive' has no attribute 'nothing'"):
        derive.nothing  # noqa: B018
