"""A PostGIS server of the tests, and databases lent from it."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy.engine import Engine, make_url

from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.engine import make_engine
from gridmgmt.store.upkeep import migrations
from tests.folders import passable_folder


@contextmanager
def server_of_tests() -> Iterator[str]:
    """Give the address of the server that runs already, or of one that runs meanwhile."""
    given = os.environ.get("GRIDMGMT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    # One cluster for all xdist workers would need a way to know the last one; each its own
    # costs a second and needs none.
    with passable_folder() as folder:
        cluster = Cluster(folder / "home", durable=False)
        cluster.up()
        try:
            yield cluster.url("postgres")
        finally:
            cluster.down()


class Databases:
    """Lends databases named gridmgmt_test_*, and drops each when it comes back.

    At once, and not at the end of all tests: then there would be more than 20 GB of them.
    Nearly every test takes one, so they are made over one connection and by copying files:
    the server's usual way, through its log, takes twice as long where nothing must last.
    """

    def __init__(self, url: str, server: Engine) -> None:
        self.url = url
        self._server = server.execution_options(isolation_level="AUTOCOMMIT")

    @classmethod
    @contextmanager
    def on(cls, url: str) -> Iterator[Self]:
        """Lend databases of a server until the end of the block."""
        server = make_engine(url)
        try:
            yield cls(url, server)
        finally:
            server.dispose()

    @contextmanager
    def lent(self, template: str | None = None) -> Iterator[str]:
        """Lend a database by its address: a copy of the template, or one without any table."""
        name = f"gridmgmt_test_{uuid.uuid4().hex[:12]}"
        copied = f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""
        self._run(f"CREATE DATABASE {name}{copied}")
        try:
            address = make_url(self.url).set(database=name)
            yield address.render_as_string(hide_password=False)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Lend a database with all tables and no rows by its name, to be copied.

        Of the coordinate systems of PostGIS only that of the store is left. No statement asks
        for another (one that does fails here by name), and they are half of what each copy
        would copy: without them a copy takes two thirds of the time.
        """
        with self.lent() as url:
            migrations.upgrade(url)
            self._forget_other_systems(url)
            name = make_url(url).database
            assert name is not None
            yield name

    @contextmanager
    def engine(self, template: str | None = None) -> Iterator[Engine]:
        """Lend a database by an engine that is disposed of before it comes back."""
        with self.lent(template) as url:
            engine = make_engine(url)
            try:
                yield engine
            finally:
                engine.dispose()

    @staticmethod
    def _forget_other_systems(url: str) -> None:
        engine = make_engine(url)
        try:
            with engine.connect() as made:
                conn = made.execution_options(isolation_level="AUTOCOMMIT")
                conn.exec_driver_sql("DELETE FROM spatial_ref_sys WHERE srid <> 4326")
                # Rows that are only deleted would be copied nevertheless.
                conn.exec_driver_sql("VACUUM FULL spatial_ref_sys")
        finally:
            engine.dispose()

    def _run(self, command: str) -> None:
        with self._server.connect() as conn:
            conn.exec_driver_sql(command)
