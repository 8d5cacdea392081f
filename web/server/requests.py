"""A request while it arrives: its head, and a body that may have to wait for permission."""

import logging

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error, RequestEntityTooLarge

from web.server.limits import Limits

_log = logging.getLogger(__name__)


class InsufficientStorageError(Error):
    """The temporary folder is full."""

    code = 507
    reason = "Insufficient Storage"


class ArrivingRequest(HTTPRequestParser):
    """A request while it arrives; with a large body it waits for permission after its head."""

    error: Error | None
    completed: bool
    expect_continue: bool

    def __init__(self, adj: Adjustments, limits: Limits) -> None:
        super().__init__(adj)
        self.asks = False
        self._small_body = limits.small_body
        self._most_bytes: int | None = None
        self._early = b""
        self._wants_continue = False

    def received(self, data: bytes) -> int:
        """Take bytes and return how many of them belong to this request."""
        was_head = not self.headers_finished
        try:
            consumed = int(super().received(data))
        except OSError as error:
            # The temporary file of a long body could not be written: the disk is full.
            _log.error("a body could not be kept: %s", error)
            self.error, self.completed = (
                InsufficientStorageError("there is no room for what was sent"),
                True,
            )
            return len(data)
        # A body that states too great a length asks for permission as well: the application
        # refuses it with a page, waitress would with a line of English.
        is_open = not self.completed or isinstance(self.error, RequestEntityTooLarge)
        if was_head and self.headers_finished and is_open and self._is_large:
            self.error = None
            # To the channel the request seems complete, so that it goes to a thread. Bytes of
            # the body that have arrived are kept here until permission comes, and the client is
            # not told to continue before that.
            self._early, self.asks, self.completed = data[consumed:], True, True
            self._wants_continue, self.expect_continue = self.expect_continue, False
            return len(data)
        if self._most_bytes is not None and self.body_bytes_received > self._most_bytes:
            # Only a chunked body did not state its length before.
            self.error = RequestEntityTooLarge(f"more than {self._most_bytes} bytes")
            self.completed = True
        return consumed

    def admit(self, most_bytes: int) -> None:
        """Let the body come, up to this length."""
        self.asks = False
        if self.content_length > most_bytes:
            self.error = RequestEntityTooLarge(f"more than {most_bytes} bytes")
            return
        self.completed = False
        self._most_bytes = most_bytes
        self.expect_continue = self._wants_continue
        early, self._early = self._early, b""
        if early:
            self.received(early)

    def turn_away(self) -> None:
        """Let the application answer without the body; then the connection ends."""
        self.asks, self._early = False, b""
        self.close()
        self.body_rcv = None
        self.headers["CONNECTION"] = "close"

    @property
    def _is_large(self) -> bool:
        return bool(self.chunked or self.content_length > self._small_body)
