"""A real PostGIS for the tests: one template migrated once, a clone for every worker."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

from gridmgmt.gc_pause import collect_rarely
from gridmgmt.geometry.compiler_cache import keep_compiled_in
from gridmgmt.settings import Settings

# What needs a database is imported by the fixtures that ask for one: it takes a second in each
# process, and the pure tests do without.
if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from sqlalchemy.engine import Connection, Engine

    from tests.databases import Databases

# The same examples in every run: a red build can be repeated. Few of them, so that the pure
# tests answer in seconds; `make proof` tries ten times as many. HYPOTHESIS_PROFILE=search draws
# others.
hypothesis_settings.register_profile(
    "fixed", derandomize=True, deadline=None, database=None, max_examples=30
)
hypothesis_settings.register_profile(
    "proof", derandomize=True, deadline=None, database=None, max_examples=300
)
hypothesis_settings.register_profile("search", deadline=None, max_examples=500)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

# What is loaded and collected stays until the end: looking at it again and again for garbage
# took a third of the time of collecting.
gc.disable()

# Machine code is made once for all runs and workers, and again only when its source changes.
keep_compiled_in(Path(__file__).parents[1] / ".pytest_cache" / "numba")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite the golden results of the SQL statements, to be read in review",
    )


def pytest_collection_finish() -> None:
    gc.freeze()
    collect_rarely()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(
    config: pytest.Config, log: Producer
) -> LoadFileScheduling | None:
    return ByCity(config, log) if config.getoption("dist") == "loadfile" else None


BROWSER = "tests/browser/"
STORIES = "tests/browser/stories/"
# What takes longest, of few tests each, so that it would otherwise come last (CONTRIBUTING
# says how to find it).
LONGEST = (
    BROWSER,
    STORIES,
    "tests/house/test_wheel.py",
    "tests/web/test_roles.py",
    "tests/web/test_api_schema.py",
    "tests/cli/cases/test_killed.py",
    "tests/attacks/test_half_sent.py",
    "tests/web/test_planted_text.py",
    "tests/web/views/areas/test_drafts.py",
    "tests/cli/serving/test_serve.py",
    "tests/cli/archives/test_archive.py",
    "tests/store/cluster/test_private.py",
    "tests/web/views/cases/test_cases.py",
    "tests/cli/test_remedies.py",
    "tests/services/cases/test_forgetting.py",
    "tests/migrations/test_migrations.py",
)


class ByCity(LoadFileScheduling):
    """Give each worker whole files, and those of the browser that share their cities to one.

    A file shares what is costly to make; the browser's share their cities and their servers,
    but for the stories, which are played in a city of their own. The longest come first: at
    the end no worker waits for another.
    """

    def _split_scope(self, nodeid: str) -> str:
        shared = next((one for one in (STORIES, BROWSER) if nodeid.startswith(one)), None)
        return shared or super()._split_scope(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        first = next((one for one in LONGEST if one in self.workqueue), None)
        if first is not None:
            self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


@pytest.fixture(autouse=True)
def only_test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests obey GRIDMGMT_TEST_DATABASE_URL only, whatever the caller's shell has set."""
    for name in list(os.environ):
        if name.startswith("GRIDMGMT_") and name != "GRIDMGMT_TEST_DATABASE_URL":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def costly_hasher() -> Iterator["PasswordHasher"]:
    """Hash at the least cost in all tests that use a server; gives the program's own hasher.

    At the real cost logging in took a third of the time of the tests of the pages.
    """
    from argon2 import PasswordHasher  # noqa: PLC0415

    from gridmgmt.services.accounts import passwords  # noqa: PLC0415

    costly, cheap = passwords._HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", cheap)
        patch.setattr(passwords, "_NOBODY", passwords._hash_of_nobody(cheap))
        yield costly


@pytest.fixture(scope="session")
def databases(costly_hasher: "PasswordHasher") -> Iterator["Databases"]:
    """Databases of a PostGIS server that may hold nothing but those of tests."""
    from tests.databases import Databases, server_of_tests  # noqa: PLC0415

    with server_of_tests() as url, Databases.on(url) as found:
        yield found


@pytest.fixture(scope="session")
def template(databases: "Databases") -> Iterator[str]:
    """The name of a migrated, empty database nobody is connected to."""
    with databases.migrated() as name:
        yield name


@pytest.fixture
def empty_database_url(databases: "Databases") -> Iterator[str]:
    """A database of its own without any table."""
    with databases.lent() as url:
        yield url


@pytest.fixture
def database_url(databases: "Databases", template: str) -> Iterator[str]:
    """A migrated database of its own, for tests that commit."""
    with databases.lent(template) as url:
        yield url


@pytest.fixture(scope="session")
def shared_engine(databases: "Databases", template: str) -> Iterator["Engine"]:
    with databases.engine(template) as engine:
        yield engine


@pytest.fixture
def conn(shared_engine: "Engine") -> Iterator["Connection"]:
    """A connection whose work is rolled back when the test ends."""
    with shared_engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@pytest.fixture
def engine(database_url: str) -> Iterator["Engine"]:
    """An engine on a database of its own."""
    from gridmgmt.store.engine import make_engine  # noqa: PLC0415

    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a bureau whose database is this test's own."""
    return Settings(home=tmp_path / "home", database_url=database_url, actor="tester")
