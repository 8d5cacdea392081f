"""One connection: what it waits for, since when, and whether that is too long."""

import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel

from web.server.limits import Limits
from web.server.requests import ArrivingRequest
from web.server.tasks import LoggedErrorTask, LoggedTask

if TYPE_CHECKING:
    from web.server.pages import PagesServer

_DISCARDED_BYTES = 65_536


class PatientChannel(HTTPChannel):
    """A connection that costs only its place while its client is slow.

    The thread of the loop reads the times from the monotonic clock. The threads that answer
    only add to what is to be sent.
    """

    close_when_flushed: bool
    task_class = LoggedTask
    error_task_class = LoggedErrorTask

    def __init__(
        self, server: "PagesServer", sock: socket.socket, addr: Any, adj: Adjustments, map: Any
    ) -> None:
        self.limits: Limits = server.limits
        self.since = time.monotonic()
        self.is_stream = False
        self._is_new = True
        self._arriving: ArrivingRequest | None = None
        self._sending_since = 0.0
        self._sent, self._sent_at = 0, 0.0
        self._turned_away = False
        self._lingers_since: float | None = None
        super().__init__(server, sock, addr, adj, map=map)

    def parser_class(self, adj: Adjustments) -> ArrivingRequest:
        """Begin a request."""
        return ArrivingRequest(adj, self.limits)

    # What the connection waits for

    @property
    def is_waiting(self) -> bool:
        """Return whether the client still has to send something and no answer is under way."""
        return not self.requests and not self.total_outbufs_len

    def is_overdue(self, now: float) -> bool:
        """Return whether the client has taken too long."""
        limits = self.limits
        if self._lingers_since is not None:
            return now - self._lingers_since > limits.linger_s
        if self.total_outbufs_len:
            return limits.is_too_slow(now - self._sending_since, self._sent)
        if self.requests:
            return False
        waited = now - max(self.since, self._sent_at)
        request = self.request
        if request is None:
            return waited > (limits.head_s if self._is_new else limits.idle_s)
        if not request.headers_finished:
            return waited > limits.head_s
        return limits.is_too_slow(waited, request.body_bytes_received)

    # Receiving

    def readable(self) -> bool:
        """Return whether bytes should be read.

        The bytes of a refused client are read too, and thrown away.
        """
        # This is called for every connection in every round, so nothing is looked up twice.
        if self.requests or self.total_outbufs_len or self.will_close:
            return False
        return self._lingers_since is not None or not self.close_when_flushed

    def handle_read(self) -> None:
        """Read the bytes that have arrived."""
        if self._lingers_since is None:
            super().handle_read()
            return
        try:
            ended = not self.socket.recv(_DISCARDED_BYTES)
        except BlockingIOError:
            return
        except OSError:
            ended = True
        if ended:
            self.handle_close()

    def received(self, data: bytes) -> bool:
        """Take bytes; the time of a request begins with its first byte."""
        taken = bool(super().received(data))
        self._is_new = False
        if self.request is not self._arriving:
            self._arriving, self.since = self.request, time.monotonic()
        return taken

    def service(self) -> None:
        """Answer a request, or decide whether its body may come at all."""
        request = self.requests[0]
        if request.asks and self.connected:
            most_bytes = self.server.admits(self, request)
            with self.requests_lock:
                if most_bytes is None:
                    request.turn_away()
                    self._turned_away = True
                else:
                    self._go_on(request, most_bytes)
                    if not request.completed:
                        self.server.pull_trigger()
                        return
        if request.error:
            # More bytes may be on the way.
            self._turned_away = True
        super().service()
        self.since = time.monotonic()

    def _go_on(self, request: ArrivingRequest, most_bytes: int) -> None:
        request.admit(most_bytes)
        if request.completed:
            return
        self.requests.pop(0)
        self.request = self._arriving = request
        self.since = time.monotonic()
        if request.expect_continue:
            self.send_continue()

    # Sending

    def write_soon(self, data: Any) -> int:
        """Queue bytes of an answer; its time begins when something stays unsent."""
        if not self.total_outbufs_len:
            self._sending_since, self._sent = time.monotonic(), 0
        return int(super().write_soon(data))

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send as many bytes as the client takes."""
        sent = int(super().send(data, do_close=do_close))
        if sent:
            self._sent, self._sent_at = self._sent + sent, time.monotonic()
        return sent

    def handle_write(self) -> None:
        """Send; a refused client still gets the reason before the connection ends."""
        if (
            self._turned_away
            and self._lingers_since is None
            and self.close_when_flushed
            and not self.total_outbufs_len
            and not self.will_close
        ):
            # Closing a socket with unread bytes would reset the connection, and the client
            # would lose the answer.
            self.close_when_flushed = False
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
            self._lingers_since = time.monotonic()
            return
        super().handle_write()
