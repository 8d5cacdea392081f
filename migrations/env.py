"""How Alembic runs the migrations; ``gridmgmt db migrate`` is the usual way in."""

from alembic import context
from alembic.util import CommandError
from sqlalchemy.engine import Connection

from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from gridmgmt.store.schema import metadata

config = context.config


def _url() -> str:
    url = config.attributes.get("url") or Settings.from_env().database_url
    return url or "postgresql:///gridmgmt"


def run_offline() -> None:
    """Print the SQL (``alembic upgrade head --sql``)."""
    context.configure(
        url="postgresql+psycopg://",
        target_metadata=metadata,
        literal_binds=True,
        # The driver's own way to write parameters would double every percent sign.
        dialect_opts={"paramstyle": "named"},
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def refuse_downgrade() -> None:
    """Keep Alembic's own program from losing data unasked."""
    asked = getattr(config.cmd_opts, "cmd", None)
    if asked and asked[0].__name__ == "downgrade":
        message = "a downgrade loses data; see what, and do it, with: gridmgmt db downgrade"
        raise CommandError(message)


def run_within(connection: Connection) -> None:
    """Migrate within the transaction of somebody else's connection."""
    connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
    context.configure(connection=connection, target_metadata=metadata)
    context.run_migrations()


def run_online() -> None:
    """Migrate, each step in a transaction of its own, never waiting long for a lock."""
    refuse_downgrade()
    engine = make_engine(_url())
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SET lock_timeout = '10s'")
            connection.exec_driver_sql("SET statement_timeout = '10min'")
            connection.commit()
            context.configure(
                connection=connection, target_metadata=metadata, transaction_per_migration=True
            )
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()


if context.is_offline_mode():
    run_offline()
elif "connection" in config.attributes:
    run_within(config.attributes["connection"])
else:
    run_online()
