"""The examples in the docstrings of the pure geometry run and are right."""

import doctest
import importlib
import pkgutil

import pytest

from gridmgmt import geometry

MODULES = sorted(module.name for module in pkgutil.iter_modules(geometry.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_right(name: str) -> None:
    module = importlib.import_module(f"gridmgmt.geometry.{name}")
    failed, _ = doctest.testmod(module)
    assert failed == 0
