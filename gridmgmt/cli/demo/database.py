"""The database of the sample city: find, protect, empty and mark it."""

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from alembic.util.exc import CommandError
from sqlalchemy.engine import Connection, make_url

from gridmgmt.domain.areas.review import ReviewRule
from gridmgmt.errors import StoreError
from gridmgmt.sample.categories import CATEGORIES_FILE
from gridmgmt.sample.plan import FULL, CityPlan
from gridmgmt.settings import Settings
from gridmgmt.store.accounts import audit
from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.engine import make_engine, transaction
from gridmgmt.store.upkeep import marker, migrations

T = TypeVar("T")

NAME = "gridmgmt_demo"
ACTOR = "demo"
_MARK = "gridmgmt sample city, synthetic data:"
_UNTIL = " until "
_FOLDER = Path(__file__).resolve().parents[2]


class DemoState(StrEnum):
    """The state of the demo's database."""

    EMPTY = "empty"
    HALF_BUILT = "half-built"
    OUTDATED = "outdated"
    READY = "ready"


@dataclass(frozen=True)
class DemoDatabase:
    """A database for the sample city; ``cluster`` is None on a foreign server."""

    settings: Settings
    url: str
    cluster: Cluster | None

    def state(self, stamp: str) -> DemoState:
        """Return the state of the database without changing it.

        Raises
        ------
        StoreError
            when it holds anything other than a sample city
        """
        mark, anything = self._read()
        # The mark is a comment on the database itself, so that a renamed database is still
        # recognised.
        if mark is not None and mark.startswith(_MARK):
            if mark.startswith(_mark(stamp)):
                return DemoState.READY
            return DemoState.OUTDATED if " ready " in mark else DemoState.HALF_BUILT
        if not anything:
            return DemoState.EMPTY
        message = (
            f"database {NAME!r} holds something that is not the sample city and is left as it"
            " is; rename or drop it yourself, then run gridmgmt demo again"
        )
        raise StoreError(message)

    def _read(self) -> tuple[str | None, bool]:
        return self._in_transaction(
            lambda conn: (marker.read_mark(conn), marker.holds_anything(conn)), commit=False
        )

    def foreign_entries(self) -> int:
        """Count the audit entries that did not come from building the city."""
        if migrations.current(self.url) is None:
            return 0
        return self._in_transaction(lambda conn: audit.count_not_by(conn, ACTOR), commit=False)

    def prepare(self, state: DemoState) -> None:
        """Make the database empty, marked and migrated.

        A half-built city in it is dropped.
        """
        if state is not DemoState.EMPTY:
            self._empty()
        # Marked before the first table exists: if the process is killed now, the next one knows
        # that it may drop what is there.
        self.mark("building")
        migrations.upgrade(self.url)

    def mark(self, word: str) -> None:
        """Store in the database itself how far the city is built."""
        self._in_transaction(
            lambda conn: marker.write_mark(conn, f"{_MARK} {word}"), commit=True
        )

    def mark_ready(self, stamp: str, end: str) -> None:
        """Mark the city as complete, built by the program with this stamp, and when it ends."""
        mark = f"{_mark(stamp)}{_UNTIL}{end}"
        self._in_transaction(lambda conn: marker.write_mark(conn, mark), commit=True)

    def end(self) -> str:
        """Return the local time at which the complete city ends."""
        mark, _ = self._read()
        return (mark or "").partition(_UNTIL)[2]

    def _empty(self) -> None:
        # On a foreign server the role may not be allowed to create databases, so there the
        # tables are taken down by the migrations.
        if self.cluster is not None:
            self.cluster.drop_database(NAME)
            self.cluster.ensure_database(NAME)
            return
        try:
            if migrations.current(self.url) is not None:
                migrations.downgrade(self.url, "base")
        except CommandError as error:
            message = f"the old sample city cannot be taken down: {error}; drop {NAME!r}"
            raise StoreError(message) from error

    def _in_transaction(self, work: Callable[[Connection], T], *, commit: bool) -> T:
        engine = make_engine(self.url)
        try:
            with transaction(engine, commit=commit) as conn:
                return work(conn)
        finally:
            engine.dispose()


def _mark(stamp: str) -> str:
    return f"{_MARK} ready {stamp}"


def find_database(settings: Settings) -> DemoDatabase:
    """Return the demo's database; start the private cluster if necessary.

    A server in GRIDMGMT_DATABASE_URL is used only if its database has the demo's own name; no
    other database may get a sample city.
    """
    given = settings.database_url
    if given is not None and make_url(given).database == NAME:
        return DemoDatabase(_as_demo(settings, given), given, None)
    cluster = Cluster(settings.home)
    cluster.up()
    cluster.ensure_database(NAME)
    url = cluster.url(NAME)
    return DemoDatabase(_as_demo(settings, url), url, cluster)


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Lock the home against another demo during the block.

    The lock of a demo that was killed is gone.

    Raises
    ------
    StoreError
        when another demo is running
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "demo.lock").open("w") as lock:
        try:
            # The kernel releases this lock when the process ends, however it ends.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another gridmgmt demo is at work in {settings.home}; wait for its end"
            raise StoreError(message) from None
        yield


def _as_demo(settings: Settings, url: str) -> Settings:
    # One person looks around alone: nobody else would approve their drafts.
    return replace(
        settings, database_url=url, database=NAME, actor=ACTOR, review=ReviewRule.NEVER
    )


def stamp(settings: Settings, plan: CityPlan) -> str:
    """Return a fingerprint of everything that decides how the complete city looks.

    This is the code of the generator, its plan except for its end, the schema, and the settings
    for locating cases.
    """
    digest = hashlib.sha256()
    demo = _FOLDER / "cli" / "demo"
    made_by = [*sorted((_FOLDER / "sample").glob("*.py")), demo / "demo.py", demo / "desk.py"]
    for path in [*made_by, CATEGORIES_FILE]:
        digest.update(path.read_bytes())
    located_by = (
        settings.tz.key,
        *settings.judging_rules.to_json().values(),
    )
    # A city of yesterday is kept: whoever works in it would lose what they did over night.
    size = replace(plan, last_day=FULL.last_day, now=None)
    digest.update(repr((size, migrations.head(), located_by)).encode())
    return digest.hexdigest()[:16]
