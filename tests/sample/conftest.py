import pytest

from gridmgmt.sample.city import City, build_city
from gridmgmt.sample.plan import FULL, SMALL


@pytest.fixture(scope="session")
def small() -> City:
    return build_city(SMALL)


@pytest.fixture(scope="session")
def full() -> City:
    return build_city(FULL)
