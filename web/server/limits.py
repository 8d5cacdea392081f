"""Limits of clients: how slowly they may send or read, and how many there may be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The limits of one process.

    ``head_s`` is the time from the first byte of a request, or from the connection, to the end
    of its head. ``idle_s`` is the time between two requests. A body or an answer has
    ``grace_s`` and then one second for every ``pace`` bytes, and at most ``longest_s``. A body
    larger than ``small_body`` waits for permission. A stream that nobody reads is closed like
    an answer.
    """

    head_s: float = 10.0
    idle_s: float = 15.0
    grace_s: float = 30.0
    pace: float = 16_000.0
    longest_s: float = 3600.0
    linger_s: float = 5.0
    stop_s: float = 10.0
    connections: int = 500
    streams: int = 200
    small_body: int = 64 * 1024

    def is_too_slow(self, taken_s: float, moved: int) -> bool:
        """Return whether a body or an answer has moved too few bytes for its time.

        >>> Limits().is_too_slow(taken_s=29.0, moved=0)
        False
        >>> Limits().is_too_slow(taken_s=31.0, moved=10)
        True
        >>> Limits().is_too_slow(taken_s=60.0, moved=600_000)
        False
        >>> Limits().is_too_slow(taken_s=4000.0, moved=10**9)
        True
        """
        return taken_s > min(self.grace_s + moved / self.pace, self.longest_s)
