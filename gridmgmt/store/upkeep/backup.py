"""Dump a database into one file and restore it, completely or not at all.

pg_dump and pg_restore of PostgreSQL do the work. This module makes sure that they never leave
half a file or half a database.
"""

import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError

from gridmgmt.errors import LayerError, StoreError
from gridmgmt.sentence import Sentence
from gridmgmt.store.cluster.programs import client_program, run
from gridmgmt.store.statements import statement
from gridmgmt.store.upkeep import backup_checksum

_REMEDY = "give a file made by: gridmgmt db dump"

# Sessions are not restored: a session that was ended since would be open again. Notes of
# changed cases carry numbers of transactions, which mean nothing in another database.
_NOT_DUMPED = [
    f"--exclude-table-data=public.{table}"
    for table in ("sessions", "case_changes", "case_changes_kept")
]

_SWAP_ATTEMPTS = 5

_SWAP = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (:'name', :'new');
BEGIN;
ALTER DATABASE :"name" RENAME TO :"old";
ALTER DATABASE :"new" RENAME TO :"name";
COMMIT;
"""


@dataclass(frozen=True)
class DatabaseTarget:
    """A database, and how PostgreSQL's programs reach it.

    ``private`` means that it is in the private cluster: the PG… variables of the caller must
    not count. For another server they may be needed (a password file, a certificate).
    """

    url: URL
    private: bool

    @property
    def name(self) -> str:
        """Return the name of the database."""
        return self.url.database or ""

    @property
    def uri(self) -> str:
        """Return the URI with the password, as psql accepts it."""
        return self.url.render_as_string(hide_password=False)

    def sibling(self, name: str) -> "DatabaseTarget":
        """Return another database on the same server."""
        return DatabaseTarget(self.url.set(database=name), self.private)

    def command(self, name: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """Return the command line of a program and the variables its environment needs.

        The password goes into the environment: every user of the machine can read arguments.
        """
        uri = self.url._replace(password=None).render_as_string(hide_password=False)
        line = [client_program(name), "--no-password", f"--dbname={uri}", *arguments]
        return line, {"PGPASSWORD": str(self.url.password)} if self.url.password else {}

    def program(self, name: str, *arguments: str, stdin: str = "") -> str:
        """Run one of PostgreSQL's programs on the database and return its output.

        Raises
        ------
        StoreError
            with the message of the program
        """
        line, secret = self.command(name, *arguments)
        done = run(line, stdin=stdin, extra=secret, private=self.private)
        if done.returncode:
            message = f"{name} failed: {done.stderr.strip()}"
            raise StoreError(message)
        return done.stdout

    def sql(self, sql: str, **variables: str) -> str:
        """Run SQL with psql, which quotes ``:"x"`` and ``:'x'`` from the variables."""
        given = [f"--set={key}={value}" for key, value in variables.items()]
        shape = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
        words = "SET client_min_messages = warning;\n" + sql
        return self.program(
            "psql", *shape, "--set=ON_ERROR_STOP=1", *given, stdin=words
        ).strip()


def target(url: str, *, private: bool) -> DatabaseTarget:
    """Parse a libpq or SQLAlchemy URI; the name of the driver is left out.

    Raises
    ------
    StoreError
        when the text is not such a URI
    """
    try:
        return DatabaseTarget(make_url(url).set(drivername="postgresql"), private)
    except ArgumentError as error:
        message = "the database URL cannot be read; it looks like postgresql://user@host/name"
        raise StoreError(message) from error


@dataclass(frozen=True)
class Contents:
    """The contents of a backup file, as it states them.

    ``made_at`` is None if the file does not say when it was made. ``revision`` is that of the
    schema, or None if the database had none. ``sha256`` is None for files without a checksum.
    """

    database: str
    made_at: datetime | None
    tables: tuple[str, ...]
    revision: str | None = None
    sha256: str | None = None


def dump(database: DatabaseTarget, path: Path) -> None:
    """Write a database into a file; the file gets its name only when it is complete.

    Raises
    ------
    StoreError
        when pg_dump fails; an existing file stays as before
    LayerError
        when the file cannot be written
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # A backup holds names and phone numbers, so only its maker may read it.
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        database.program("pg_dump", "--format=custom", *_NOT_DUMPED, f"--file={part}")
        backup_checksum.append_checksum(part)
        part.replace(path)
    except OSError as error:
        raise LayerError(path, Sentence("cannot be written: {}", error.strerror)) from error
    finally:
        part.unlink(missing_ok=True)


def verify(path: Path) -> Contents:
    """Read a backup file from the first byte to the last and return its contents.

    A file without a checksum comes from an older release or has lost its last line. All its
    blocks are unpacked: this finds a cut file and damage inside the blocks, but not every
    changed bit in the table of contents.

    Raises
    ------
    LayerError
        when the file is not a backup, or not complete
    """
    try:
        return _verify(path)
    except OSError as error:
        raise LayerError(path, Sentence("cannot be read: {}", error.strerror)) from error


def _made_at(listed: str) -> datetime | None:
    made = re.search(r"^; Archive created at ([0-9-]+ [0-9:]+)", listed, re.MULTILINE)
    if made is None:
        return None
    # The clock of this machine; the name of its zone behind it has no one meaning.
    clock = time.strptime(made.group(1), "%Y-%m-%d %H:%M:%S")
    return datetime.fromtimestamp(time.mktime(clock), UTC)


def _verify(path: Path) -> Contents:
    if not path.is_file():
        raise LayerError(path, Sentence("there is no such file"), remedy=_REMEDY)
    stated = backup_checksum.stated_checksum(path)
    if stated is None:
        _pg_restore(path, "--file=/dev/null")
    elif not backup_checksum.has_checksum(path, stated):
        problem = "is damaged: its content is not what its checksum was made of"
        raise LayerError(path, problem, remedy="use another dump")
    listed = _pg_restore(path, "--list")
    name = re.search(r"^;\s+dbname: (.+)$", listed, re.MULTILINE)
    tables = re.findall(r"^\d+; \d+ \d+ TABLE (?!DATA )\S+ (\S+) ", listed, re.MULTILINE)
    return Contents(
        database=name.group(1) if name else "?",
        made_at=_made_at(listed),
        tables=tuple(sorted(tables)),
        revision=_revision(path) if "alembic_version" in tables else None,
        sha256=stated,
    )


def _revision(path: Path) -> str | None:
    table = _pg_restore(path, "--data-only", "--table=alembic_version", "--file=-")
    found = re.search(r"^COPY \S*alembic_version .*;\n([^\\\n]+)$", table, re.MULTILINE)
    return found.group(1) if found else None


def _pg_restore(path: Path, *options: str) -> str:
    done = run([client_program("pg_restore"), *options, str(path)], private=True)
    if done.returncode:
        reason = done.stderr.strip().removeprefix("pg_restore: error: ")
        raise LayerError(path, f"is not a whole backup: {reason}", remedy=_REMEDY)
    return done.stdout


def stored_tables(conn: Connection) -> dict[str, int]:
    """Count the rows of every table that does not belong to an extension."""
    return {row.name: row.row_count for row in conn.execute(statement("stored_tables"))}


def exists(database: DatabaseTarget) -> bool:
    """Return whether the server has a database with this name."""
    known = "SELECT 1 FROM pg_database WHERE datname = :'name';"
    return bool(database.sibling("postgres").sql(known, name=database.name))


def restore(database: DatabaseTarget, path: Path) -> None:
    """Restore a backup in place of a database.

    The backup is read into a new database in one transaction. Only after that the two databases
    exchange names, and the old one is dropped.

    Raises
    ------
    StoreError
        when anything fails; the database is as before
    """
    server = database.sibling("postgres")
    new, old = (_beside(database.name, word) for word in ("restoring", "replaced"))
    for name in (new, old):  # left by a restore that was killed
        server.sql('DROP DATABASE IF EXISTS :"name" WITH (FORCE);', name=name)
    server.sql('CREATE DATABASE :"name" TEMPLATE template0;', name=new)
    try:
        whole = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        database.sibling(new).program("pg_restore", *whole, str(path))
        if exists(database):
            _swap(server, name=database.name, new=new, old=old)
            server.sql('DROP DATABASE :"name" WITH (FORCE);', name=old)
        else:
            rename = 'ALTER DATABASE :"new" RENAME TO :"name";'
            server.sql(rename, new=new, name=database.name)
    except BaseException:
        server.sql('DROP DATABASE IF EXISTS :"name" WITH (FORCE);', name=new)
        raise


def _swap(server: DatabaseTarget, *, name: str, new: str, old: str) -> None:
    for attempt in range(_SWAP_ATTEMPTS):
        try:
            server.sql(_SWAP, name=name, new=new, old=old)
        except StoreError as error:
            # A client that was disconnected may connect again before the names are exchanged.
            if "being accessed" not in str(error) or attempt == _SWAP_ATTEMPTS - 1:
                raise
        else:
            return


def _beside(name: str, word: str) -> str:
    # PostgreSQL shortens names to 63 bytes; two different names must not become equal.
    suffix = f"__{word}"
    kept = name.encode()[: 63 - len(suffix)].decode(errors="ignore")
    return f"{kept}{suffix}"
