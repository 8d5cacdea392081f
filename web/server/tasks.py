"""One answer, and its line in the log."""

import logging
import time
from typing import Any

from waitress.task import ErrorTask, WSGITask

_access = logging.getLogger("gridmgmt.access")

# The rest of this path opens a wall screen, once.
_SECRET = "/display/"


def _note(task: Any) -> None:
    # The log line has no client (addresses are personal data) and no parameters (search texts,
    # positions).
    request = task.request
    method = getattr(request, "command", "-") or "-"
    path = getattr(request, "path", "-") or "-"
    status = task.status.partition(" ")[0]
    taken_ms = 1000 * (time.time() - task.start_time)
    written = task.content_length if task.content_length is not None else task.written
    line = "%s %s %s %s bytes %.0f ms"
    _access.info(line, method, _printable(path), status, written, taken_ms)


def _printable(path: str) -> str:
    """Return a path for the log without line breaks and secrets.

    Otherwise a request could write lines of its own into the log.
    """
    text = path.encode("latin-1", "replace").decode("utf-8", "replace")
    if text.startswith(_SECRET):
        text = f"{_SECRET}…"
    return "".join(c if c.isprintable() and c != " " else f"%{ord(c):02X}" for c in text)


class LoggedTask(WSGITask):
    """An answer of the application."""

    written = 0

    def build_response_header(self) -> bytes:
        """Return the head of the answer; the connection learns whether it is a stream."""
        self.channel.is_stream = any(
            name.lower() == "content-type" and value.startswith("text/event-stream")
            for name, value in self.response_headers
        )
        return bytes(super().build_response_header())

    def write(self, data: bytes) -> None:
        """Queue a part of the answer."""
        super().write(data)
        self.written += len(data)

    def service(self) -> None:
        """Make the answer and log it."""
        try:
            super().service()
        finally:
            _note(self)


class LoggedErrorTask(ErrorTask):
    """The answer to an invalid request."""

    written = 0

    def service(self) -> None:
        """Make the answer and log it."""
        super().service()
        _note(self)
