"""Read and write second factors and recovery codes."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.second_factor import SecondFactor
from gridmgmt.store.schema import recovery_codes, second_factors


def find_second_factor(conn: Connection, username: str) -> SecondFactor | None:
    """Return the second factor of an account, or None if the account has none."""
    left = (
        sa.select(sa.func.count())
        .where(recovery_codes.c.username == username, recovery_codes.c.used_at.is_(None))
        .scalar_subquery()
    )
    query = sa.select(
        second_factors.c.sealed_secret, second_factors.c.set_up_at, left.label("codes_left")
    ).where(second_factors.c.username == username)
    row = conn.execute(query).one_or_none()
    return None if row is None else SecondFactor(*row)


def add_second_factor(
    conn: Connection, username: str, sealed_secret: str, step: int, code_hashes: list[str]
) -> None:
    """Store a second factor with its recovery codes.

    ``step`` is the time step of the code that set it up: this code cannot be used again.
    """
    conn.execute(
        second_factors.insert().values(
            username=username, sealed_secret=sealed_secret, last_step=step
        )
    )
    rows = [{"username": username, "code_hash": one} for one in code_hashes]
    conn.execute(recovery_codes.insert(), rows)


def remove_second_factor(conn: Connection, username: str) -> bool:
    """Delete a second factor and its recovery codes; return False if there was none."""
    removed = second_factors.delete().where(second_factors.c.username == username)
    return conn.execute(removed).rowcount > 0


def use_step(conn: Connection, username: str, step: int) -> bool:
    """Store that the code of a time step was used.

    Return False if the code of this or a later step was used before. This is one statement: of
    two requests with the same code at the same time, one gets False.
    """
    used = (
        second_factors.update()
        .where(second_factors.c.username == username, second_factors.c.last_step < step)
        .values(last_step=step)
    )
    return conn.execute(used).rowcount == 1


def unused_codes(conn: Connection, username: str) -> list[tuple[int, str]]:
    """Return the id and the hash of each unused recovery code."""
    query = (
        sa.select(recovery_codes.c.id, recovery_codes.c.code_hash)
        .where(recovery_codes.c.username == username, recovery_codes.c.used_at.is_(None))
        .order_by(recovery_codes.c.id)
    )
    return [(row.id, row.code_hash) for row in conn.execute(query)]


def use_code(conn: Connection, code_id: int, now: datetime) -> bool:
    """Store that a recovery code was used; return False if it was used before."""
    used = (
        recovery_codes.update()
        .where(recovery_codes.c.id == code_id, recovery_codes.c.used_at.is_(None))
        .values(used_at=now)
    )
    return conn.execute(used).rowcount == 1
