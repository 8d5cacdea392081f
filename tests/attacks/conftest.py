"""What is done to the program from outside: long and violent, so all of it is proof."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.upkeep import migrations
from tests.folders import passable_folder

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.proof)


@pytest.fixture
def home() -> Iterator[Path]:
    """A private cluster as a bureau has it: durable, and the program's own to bring back."""
    with passable_folder() as folder:
        made = folder / "home"
        cluster = Cluster(made)
        cluster.up()
        try:
            cluster.ensure_database("gridmgmt")
            migrations.upgrade(cluster.url("gridmgmt"))
            yield made
        finally:
            cluster.down()
