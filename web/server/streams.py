"""Event streams: answers that last for hours and must not use the threads of others."""

from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Any

from waitress.task import ThreadedTaskDispatcher

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

_FULL_HEAD = (
    "503 Service Unavailable",
    [("Content-Type", "text/plain"), ("Retry-After", "60")],
)
_FULL = b"too many open streams; try again later\n"


class Streams:
    """Gives every open stream its own thread, beside those that answer requests.

    A thread that waits for the next event costs some hundred kilobytes. A stream keeps the
    thread in which it began, and a new thread replaces that one for the requests.
    """

    def __init__(
        self, app: Wsgi, dispatcher: ThreadedTaskDispatcher, threads: int, most: int
    ) -> None:
        self._app, self._dispatcher = app, dispatcher
        self._threads, self._most = threads, most
        self._open = 0
        self._lock = Lock()
        dispatcher.set_thread_count(threads)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request; the content type shows whether it is a stream."""
        is_stream = has_place = False

        def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal is_stream, has_place
            kinds = [value for name, value in headers if name.lower() == "content-type"]
            is_stream = any(kind.startswith("text/event-stream") for kind in kinds)
            if not is_stream:
                return start_response(status, headers, exc_info)
            has_place = has_place or self._add(1)
            if not has_place:
                return start_response(*_FULL_HEAD)
            # Tells a proxy to pass every event on as it comes.
            return start_response(status, [*headers, ("X-Accel-Buffering", "no")], exc_info)

        answer = self._app(environ, begin)
        if has_place:
            return _Stream(answer, lambda: self._add(-1))
        if not is_stream:
            return answer
        if hasattr(answer, "close"):
            answer.close()
        return [_FULL]

    def _add(self, change: int) -> bool:
        with self._lock:
            if self._open + change > self._most:
                return False
            self._open += change
            self._dispatcher.set_thread_count(self._threads + self._open)
            return True


class _Stream:
    """The events of a stream; closing it frees its place."""

    def __init__(self, events: Iterable[bytes], end: Callable[[], object]) -> None:
        self._events, self._end = events, end

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._events)

    def close(self) -> None:
        end, self._end = self._end, lambda: None
        end()
        if hasattr(self._events, "close"):
            self._events.close()
