"""The one transaction of a request: returning commits, raising rolls back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, request
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from gridmgmt.errors import StoreError
from gridmgmt.sentence import Sentence
from gridmgmt.settings import Settings
from gridmgmt.store.asked_once import begin_reading
from gridmgmt.store.engine import transaction

_READING = ("GET", "HEAD")


@dataclass(frozen=True)
class Platform:
    """What every request needs: the settings and the database."""

    settings: Settings
    engine: Engine


def platform() -> Platform:
    """Return the settings and the database of the application."""
    found: Platform = current_app.extensions["gridmgmt"]
    return found


def current_settings() -> Settings:
    """Return the settings of the application."""
    return platform().settings


def connection() -> Connection:
    """Return the connection of this request, opened at the first call.

    A request that only reads sees kept answers and figures as of its first look.

    Raises
    ------
    StoreError
        when the database does not answer
    """
    if "conn" not in g:
        try:
            g.conn = platform().engine.connect()
        except OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise StoreError(Sentence("the database does not answer: {}", reason)) from error
        if request.method in _READING:
            begin_reading(g.conn)
    conn: Connection = g.conn
    return conn


def read_only() -> Connection:
    """Return the connection of this request, on which nothing can be changed from now on."""
    conn = connection()
    conn.execute(sa.text("SET TRANSACTION READ ONLY"))
    return conn


@contextmanager
def apart() -> Iterator[Connection]:
    """Run a transaction separate from that of the request.

    It is kept even if the request fails.
    """
    with transaction(platform().engine, commit=True) as conn:
        yield conn


def _end(response: Response) -> Response:
    conn: Connection | None = g.pop("conn", None)
    if conn is None:
        return response
    with conn:
        # An answer with an error status keeps nothing of what the request did.
        if response.status_code < 400:
            conn.commit()
        else:
            conn.rollback()
    return response


def _close(error: BaseException | None) -> None:
    conn: Connection | None = g.pop("conn", None)
    if conn is not None:
        conn.close()


def init_app(app: Flask) -> None:
    """End the transaction of every request with the request."""
    app.after_request(_end)
    app.teardown_request(_close)
