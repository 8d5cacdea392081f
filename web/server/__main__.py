"""The program of one server process: ``python -m web.server --socket N``."""

import argparse
import importlib
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

from flask import Flask

from gridmgmt.services.statistics.sources import count_in_columns
from web.app.transaction import Platform
from web.door.doorman import Doorman
from web.server.pages import PagesServer
from web.server.warming import warm_up


def main() -> None:
    """Serve the application on a socket that the parent has opened."""
    parser = argparse.ArgumentParser(prog="web.server", description=main.__doc__)
    parser.add_argument("--socket", type=int, required=True, help="open file descriptor")
    parser.add_argument("--beat", type=int, help="file descriptor to show life on")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--application", default="web:create_app", help="MODULE:FUNCTION")
    given = parser.parse_args()
    _log_to_stderr()
    listening = socket.socket(fileno=given.socket)
    app = _make(given.application)
    platform: Platform = app.extensions["gridmgmt"]
    count_in_columns(platform.engine, platform.settings.home).start()
    server = PagesServer(
        app,
        listening,
        threads=given.threads,
        most_body_bytes=platform.settings.upload_mb * 1024 * 1024,
        doorman=Doorman(app),
        beat=_beating(given.beat),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: server.stop())
    warm_up(app)
    logging.getLogger(__name__).info("the pages are ready")
    server.run()


def _make(name: str) -> Flask:
    module, _, function = name.partition(":")
    make: Callable[[], Flask] = getattr(importlib.import_module(module), function)
    return make()


def _beating(descriptor: int | None) -> Callable[[], None]:
    def beat() -> None:
        if descriptor is not None:
            # If the parent does not read, it has enough signs of life; if it is gone, it needs
            # none.
            with suppress(BlockingIOError, BrokenPipeError):
                os.write(descriptor, b".")

    if descriptor is not None:
        os.set_blocking(descriptor, False)
    return beat


def _log_to_stderr() -> None:
    form = "[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, datefmt="%Y-%m-%d %H:%M:%S %z")
    for name in ("alembic", "waitress"):
        logging.getLogger(name).setLevel(logging.WARNING)


if __name__ == "__main__":
    main()
