"""The synthetic city of ``gridmgmt demo``, whole but for its cases, in a cluster of its own."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Engine

from gridmgmt.cli import run
from gridmgmt.cli.demo.demo import import_steps
from gridmgmt.sample.city import build_city
from gridmgmt.sample.files import write_city
from gridmgmt.sample.plan import FULL
from gridmgmt.settings import Settings
from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.engine import make_engine
from gridmgmt.store.upkeep import migrations
from tests.folders import passable_folder


@dataclass(frozen=True)
class SampleCity:
    """Where the city is stored, and ``folder`` with the files it was made from."""

    engine: Engine
    settings: Settings
    folder: Path


@contextmanager
def sample_city() -> Iterator[SampleCity]:
    """Build the city and take everything down at the end."""
    with passable_folder() as home, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cluster = Cluster(home / "home")
        cluster.up()
        try:
            cluster.ensure_database("bench")
            url = cluster.url("bench")
            migrations.upgrade(url)
            settings = Settings(home=home / "home", database_url=url, actor="bench")
            _build(folder, settings)
            engine = make_engine(url)
            try:
                yield SampleCity(engine, settings, folder)
            finally:
                engine.dispose()
        finally:
            cluster.down()


def _build(folder: Path, settings: Settings) -> None:
    write_city(build_city(FULL), folder)
    # The last step is the cases, which who measures brings in.
    for step in import_steps(folder, FULL)[:-1]:
        if run(step, settings) != 0:
            sys.exit(f"this step failed: gridmgmt {' '.join(step)}")
