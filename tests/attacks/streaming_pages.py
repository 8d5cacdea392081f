"""The real application with two pages more.

A stream of events, as live pages will be, and an answer too large for the kernel's buffers, as
an export is.
"""

import time
from collections.abc import Iterator

from flask import Flask, Response

from web import create_app
from web.door.access import public

STREAM = "/a-stream"
LARGE = "/a-large-answer"
EVERY_S = 1.0
LARGE_BYTES = 3_000_000


def _events() -> Iterator[str]:
    for number in range(10_000):
        yield f"data: {number}\n\n"
        time.sleep(EVERY_S)


@public
def _stream() -> Response:
    return Response(_events(), mimetype="text/event-stream")


@public
def _large() -> Response:
    return Response(b"x" * LARGE_BYTES, mimetype="application/octet-stream")


def make() -> Flask:
    app = create_app()
    app.add_url_rule(STREAM, view_func=_stream)
    app.add_url_rule(LARGE, view_func=_large)
    return app
