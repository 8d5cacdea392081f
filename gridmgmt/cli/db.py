"""``gridmgmt db``: the database, from its creation to its restore."""

from dataclasses import asdict
from pathlib import Path

import click

from gridmgmt.cli.work import commit_option, database_url, json_option, print_json, say
from gridmgmt.domain.moments import shown
from gridmgmt.errors import ClusterError, LayerError, SchemaError, StoreError
from gridmgmt.settings import Settings
from gridmgmt.store.cluster.private import Cluster, ClusterStatus
from gridmgmt.store.cluster.programs import forget_libpq_variables
from gridmgmt.store.engine import make_engine, transaction
from gridmgmt.store.upkeep import backup
from gridmgmt.store.upkeep.schema_check import newest_revision

_OTHER_SERVER = (
    "GRIDMGMT_DATABASE_URL names another server: db up and db down have nothing to do with it"
)

# Keyed by downgrades.LossKind.
_LOSSES = {
    "table": "table {table} goes, with {rows:,} rows",
    "column": "column {table}.{column} goes, with a value in {rows:,} rows",
    "deleted": "{rows:,} rows of {table} are deleted",
    "changed": "{rows:,} rows of {table} are changed",
}

Facts = dict[str, str | int | None]


@click.group()
@click.pass_obj
def db(settings: Settings) -> None:
    """Start, stop, migrate, dump, verify and restore the database."""
    if settings.database_url is None:
        # PGHOST and the like, set in a shell for another server, would lead there.
        forget_libpq_variables()


@db.command()
@click.pass_obj
def up(settings: Settings) -> None:
    """Start the private PostGIS cluster. Makes it first if it does not exist."""
    if settings.database_url:
        say(_OTHER_SERVER)
        return
    status = _up(settings)
    say(f"PostgreSQL {status.version} is up, process {status.pid}, data in {status.data}")


@db.command()
@click.pass_obj
def down(settings: Settings) -> None:
    """Stop the private cluster. The data stay."""
    if settings.database_url:
        say(_OTHER_SERVER)
        return
    status = Cluster(settings.home).down()
    say("there is no private cluster" if status.state == "absent" else "the cluster is down")


@db.command()
@json_option
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Show the address of the database, whether it answers, and its schema."""
    facts = _other_server(settings) if settings.database_url else _private_cluster(settings)
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        click.echo(f"{name:<17}{'-' if value is None else value}")


@db.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Migrate the schema to the newest version. Starts the private cluster if it is down."""
    from gridmgmt.services.judging.case_leaves import complete_case_leaves
    from gridmgmt.store.upkeep import migrations

    if not settings.database_url:
        _up(settings)
    url = database_url(settings)
    before = migrations.current(url)
    migrations.upgrade(url)
    after = migrations.current(url)
    engine = make_engine(url)
    try:
        # Even if the schema was the newest: an earlier migration may have been killed here.
        with transaction(engine, commit=True) as conn:
            complete_case_leaves(conn, settings.judging_rules)
    finally:
        engine.dispose()
    if before == after:
        say(f"the schema is at {after} already")
    else:
        say(f"the schema went from {before or 'nothing'} to {after}")


@db.command()
@click.option("--database", metavar="NAME", help="Another database of the same server.")
@click.pass_obj
def url(settings: Settings, database: str | None) -> None:
    """Print the URI of the database, as psql accepts it."""
    if settings.database_url is None:
        click.echo(Cluster(settings.home).url(database or settings.database))
        return
    target = _target(settings)
    click.echo((target.sibling(database) if database else target).uri)


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.pass_obj
def dump(settings: Settings, file: Path, force: bool) -> None:
    """Write the whole database into FILE (PostgreSQL's custom format)."""
    # Usually the older dump is wanted as well, so it is not replaced without a word.
    if file.exists() and not force:
        problem = "is there already"
        raise LayerError(file, problem, remedy="choose another name, or give --force")
    target = _target(settings)
    _require_running(settings)
    backup.dump(target, file)
    say(f"database {target.name} is in {file} ({file.stat().st_size:,} bytes)")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def verify(settings: Settings, file: Path, as_json: bool) -> None:
    """Check that FILE, a dump, is complete, from its first byte to its last.

    Needs no database. A file of db dump has a checksum. A file without a checksum is unpacked
    completely: this finds most damage, but not every changed bit.
    """
    contents = backup.verify(file)
    if as_json:
        print_json(asdict(contents))
        return
    _tell(file, contents, settings)


@db.command()
@click.argument("revision")
@click.option(
    "--drop-data",
    is_flag=True,
    help="Allow the loss of data that the older schema cannot hold.",
)
@commit_option
@click.pass_obj
def downgrade(settings: Settings, revision: str, drop_data: bool, commit: bool) -> None:
    """Downgrade the schema to REVISION, such as 0012, for an older program.

    The dry run downgrades, lists the data that would be lost, and undoes everything. First stop
    the pages and the worker, and make a dump. Dump files are never changed.
    """
    from gridmgmt.store.upkeep import downgrades

    _require_running(settings)
    url = database_url(settings)
    lost = downgrades.losses(url, revision)
    for loss in lost:
        say(_LOSSES[loss.kind].format(table=loss.table, column=loss.column, rows=loss.rows))
    if not lost:
        say("no stored data would be lost")
    # --commit alone must never lose data: whoever loses it has to say so.
    if commit and lost and not drop_data:
        message = "data would be lost, and nothing was changed; to lose them, give --drop-data"
        raise StoreError(message)
    if commit:
        downgrades.downgrade(url, revision)
        say(f"the schema is at {revision}; install the program that belongs to it")
    say("committed" if commit else "dry run: nothing was changed; add --commit to do it")


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Drop the present content of the database.")
@commit_option
@click.pass_obj
def restore(settings: Settings, file: Path, replace: bool, commit: bool) -> None:
    """Restore FILE, a file of db dump, completely or not at all."""
    # Before anything is touched: pg_restore unpacks half of a cut file before it finds the cut.
    contents = backup.verify(file)
    _tell(file, contents, settings)
    # A dump of a newer schema could be restored, but this program could not use it.
    if contents.revision is not None:
        _check_not_newer(contents.revision)
    target = _target(settings)
    _require_running(settings)
    held = _tables(settings) if backup.exists(target) else None
    _describe(target.name, held)
    if held and not replace:
        problem = (
            f"database {target.name} is not empty and was left as it is; "
            "to lose what it holds, give --replace"
        )
        raise StoreError(problem)
    if commit:
        backup.restore(target, file)
        say(f"database {target.name} was restored")
        if contents.revision != newest_revision():
            say("now bring its schema up with: gridmgmt db migrate")
    say("committed" if commit else "dry run: nothing was changed; add --commit to do it")


def _up(settings: Settings) -> ClusterStatus:
    from rich.console import Console

    cluster = Cluster(settings.home)
    with Console(stderr=True).status("starting the private PostGIS cluster …"):
        status = cluster.up()
        cluster.ensure_database(settings.database)
    return status


def _require_running(settings: Settings) -> None:
    if settings.database_url is None and Cluster(settings.home).status().state != "running":
        problem = "the private cluster is down; start it with: gridmgmt db up"
        raise ClusterError(problem)


def _target(settings: Settings) -> backup.DatabaseTarget:
    return backup.target(database_url(settings), private=settings.database_url is None)


def _tables(settings: Settings) -> dict[str, int]:
    # With any schema: the rows are counted because they may be replaced.
    engine = make_engine(database_url(settings))
    try:
        with transaction(engine, commit=False) as conn:
            return backup.stored_tables(conn)
    finally:
        engine.dispose()


def _tell(file: Path, contents: backup.Contents, settings: Settings) -> None:
    made = contents.made_at
    say(
        f"{file}: database {contents.database}, {len(contents.tables)} tables, "
        f"schema {contents.revision or 'none'}, "
        f"made {'?' if made is None else shown(made, settings.tz)}"
    )
    if contents.sha256 is not None:
        say("every byte of it is as it was written")
        return
    say("it carries no checksum: an older release made it, or its last line is missing;")
    say("it was unpacked whole, which finds most damage, but not every changed bit")


def _check_not_newer(revision: str) -> None:
    problem = SchemaError(revision, newest_revision())
    if revision != newest_revision() and problem.is_newer:
        message = (
            f"the dump is at schema {revision}, this program knows up to {newest_revision()}:"
            " install the newer program first"
        )
        raise StoreError(message)


def _describe(name: str, held: dict[str, int] | None) -> None:
    if held is None:
        say(f"database {name} does not exist yet")
    elif not held:
        say(f"database {name} is empty")
    else:
        say(f"database {name} holds {len(held)} tables now:")
        for table, rows in held.items():
            say(f"  {table:<30}{rows:>12,} rows")


def _private_cluster(settings: Settings) -> Facts:
    cluster = Cluster(settings.home)
    found = cluster.status()
    facts: Facts = {
        "state": found.state,
        "server": "private cluster",
        "version": found.version,
        "pid": found.pid,
        "data": str(found.data),
        "socket": str(found.socket),
        "database": settings.database,
        "url": cluster.url(settings.database),
    }
    if found.state != "running":
        return {**facts, "database_exists": None}  # unknown
    there = backup.exists(_target(settings))
    return {**facts, "database_exists": there, **(_schema(settings) if there else {})}


def _other_server(settings: Settings) -> Facts:
    target = _target(settings)
    facts: Facts = {"server": target.url.render_as_string(), "database": target.name}
    try:
        return {"state": "running", **facts, **_schema(settings)}
    except StoreError as error:
        return {"state": "unreachable", **facts, "reason": str(error)}


def _schema(settings: Settings) -> Facts:
    from gridmgmt.store.upkeep import migrations

    return {
        "schema": migrations.current(database_url(settings)),
        "newest_schema": migrations.head(),
    }
