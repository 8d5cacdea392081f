"""The server of one process: accepts connections, ends slow ones, stops in good order."""

import logging
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from web.server.channel import PatientChannel
from web.server.limits import Limits
from web.server.requests import ArrivingRequest
from web.server.streams import Streams, Wsgi

_log = logging.getLogger(__name__)

# Returns the largest body of a request in bytes; None: it is answered without its body.
Doorman = Callable[[Mapping[str, Any]], int | None]

_TICK_S = 0.5
_HEAD_BYTES = 32 * 1024
# Room for sockets that are not clients: the listening socket and the wake-up of the loop.
_OTHERS = 16


class PagesServer(TcpWSGIServer):
    """Serves an application on a socket that is already open.

    Parameters
    ----------
    threads
        how many requests are answered at the same time
    most_body_bytes
        the largest body of any view
    beat
        called about twice a second while the loop runs
    """

    channel_class = PatientChannel

    def __init__(
        self,
        app: Wsgi,
        listening: socket.socket,
        *,
        threads: int,
        most_body_bytes: int,
        doorman: Doorman | None = None,
        limits: Limits | None = None,
        beat: Callable[[], object] = lambda: None,
    ) -> None:
        self.limits = limits or Limits()
        self._doorman, self._beat = doorman, beat
        self._next_look = 0.0
        self._told_to_stop = False
        self._ended, self._noted_at = 0, time.monotonic()
        adjustments = Adjustments(
            sockets=[listening],
            threads=threads,
            ident=None,
            asyncore_use_poll=True,
            connection_limit=self.limits.connections + _OTHERS,
            max_request_header_size=_HEAD_BYTES,
            max_request_body_size=most_body_bytes + 1,
            # An answer waits in memory, then in a file, and never in a thread.
            outbuf_high_watermark=1 << 30,
            log_socket_errors=False,
            # The application trusts the configured number of proxies, and this server none.
            clear_untrusted_proxy_headers=False,
        )
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.queue_logger = logging.getLogger("gridmgmt.queue")
        dispatcher.queue_logger.setLevel(logging.ERROR)
        self.most_body_bytes = most_body_bytes
        super().__init__(
            Streams(app, dispatcher, threads, self.limits.streams),
            {},
            _sock=listening,
            dispatcher=dispatcher,
            adj=adjustments,
            sockinfo=(
                listening.family,
                listening.type,
                listening.proto,
                listening.getsockname(),
            ),
            bind_socket=False,
        )

    # Accepting

    def handle_accept(self) -> None:
        """Accept a connection.

        If no place is left, a connection that only waits is closed.
        """
        if len(self.active_channels) >= self.limits.connections:
            self._make_room()
        super().handle_accept()

    def _make_room(self) -> None:
        waiting = [
            one
            for one in self.active_channels.values()
            if one.is_waiting and not one.will_close
        ]
        if not waiting:
            return
        held = Counter(one.addr[0] for one in waiting)
        most = max(held.values())
        # The address with the most connections loses its oldest, so one address cannot drive
        # the others out.
        greedy = {address for address, count in held.items() if count == most}
        oldest = min((one for one in waiting if one.addr[0] in greedy), key=_age)
        # It is closed in the next round: in this round its number must not be reused by the new
        # one.
        oldest.will_close = True
        self._ended += 1

    def admits(self, channel: PatientChannel, request: ArrivingRequest) -> int | None:
        """Return the largest body its sender may send, or None if it is refused."""
        if self._doorman is None:
            return self.most_body_bytes
        task = channel.task_class(channel, request)
        environ = task.get_environment()
        try:
            return self._doorman(environ)
        except Exception:
            _log.exception("nobody could tell whether a body may come")
            return None

    # Running

    def run(self) -> None:
        """Serve until stopped; then wait a while for running requests."""
        while not self._told_to_stop:
            self._go_round()
        self._stop_listening()
        over = time.monotonic() + self.limits.stop_s
        while self.active_channels and time.monotonic() < over:
            for channel in list(self.active_channels.values()):
                if channel.is_waiting or channel.is_stream:
                    channel.handle_close()
            self._go_round()
        self.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map, ignore_all=True)

    def stop(self) -> None:
        """Stop the server; a signal handler may call this."""
        self._told_to_stop = True
        with suppress(OSError):  # The server has ended already.
            self.pull_trigger()

    def _go_round(self) -> None:
        # waitress's own setting takes whole seconds, and treats half a second as none.
        wasyncore.loop(timeout=_TICK_S, map=self._map, use_poll=True, count=1)
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + _TICK_S
            self._beat()
            self._end_overdue(now)

    def maintenance(self, now: float) -> None:
        """Do nothing: our own clock finds connections that are too slow."""

    def _end_overdue(self, now: float) -> None:
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(now):
                self._end(channel)
        if self._ended and now - self._noted_at > 60:
            _log.warning("%s connections were closed because they were slow", self._ended)
            self._ended, self._noted_at = 0, now

    def _end(self, channel: PatientChannel) -> None:
        self._ended += 1
        channel.handle_close()

    def _stop_listening(self) -> None:
        self.accepting = False
        self.del_channel(self._map)
        self.socket.close()


def _age(channel: PatientChannel) -> float:
    return channel.since
