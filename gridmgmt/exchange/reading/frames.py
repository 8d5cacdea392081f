"""Send JSON values and Arrow tables between the reading process and ours, in frames.

A frame is one byte for its kind, eight bytes for its length, and the content. Sending blocks
until the other side has taken what was sent before, so the reader is never far ahead.
"""

import json
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

import pyarrow
import pyarrow.ipc

_HEAD = struct.Struct("!cQ")
_JSON, _ARROW, _END = b"J", b"A", b"E"
# A chunk of a table or a whole layer; no honest frame is nearly so long.
_LONGEST = 4 << 30


class CutError(Exception):
    """The other side ended before its last frame, or sent something that is not a frame."""


@dataclass(frozen=True)
class End:
    """The last frame, with the outcome."""

    value: dict[str, Any]


def send(channel: socket.socket, value: Any) -> None:
    """Send an Arrow table, or any JSON value."""
    if isinstance(value, pyarrow.Table):
        sink = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(sink, value.schema) as writer:
            writer.write_table(value)
        content = sink.getvalue()
        _send(channel, _ARROW, memoryview(content))
        return
    _send(channel, _JSON, _json(value))


def send_end(channel: socket.socket, value: dict[str, Any]) -> None:
    """Send the last frame with the outcome, a JSON value."""
    _send(channel, _END, _json(value))


def _json(value: Any) -> memoryview:
    # File names may have unpaired surrogates, which UTF-8 cannot encode.
    return memoryview(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _send(channel: socket.socket, kind: bytes, content: memoryview) -> None:
    channel.sendall(_HEAD.pack(kind, content.nbytes))
    channel.sendall(content)


class Receiver:
    """Receives frames from a socket and waits for them at most ``patience_s`` in all.

    The time between two calls does not count.
    """

    def __init__(self, channel: socket.socket, patience_s: float) -> None:
        self._channel = channel
        self._left_s = patience_s

    def next(self) -> Any:
        """Return the next value, or the ``End``.

        Raises
        ------
        TimeoutError
            when the waiting time is used up
        CutError
            when the other side ended before a whole frame arrived
        """
        kind, length = _HEAD.unpack(self._exactly(_HEAD.size))
        if kind not in (_JSON, _ARROW, _END) or length > _LONGEST:
            message = "what came is no frame"
            raise CutError(message)
        content = self._exactly(length)
        try:
            if kind != _ARROW:
                value = json.loads(content.decode("utf-8", "surrogatepass"))
                return End(value) if kind == _END else value
            with pyarrow.ipc.open_stream(pyarrow.py_buffer(content)) as reader:
                return reader.read_all()
        except (ValueError, pyarrow.ArrowException) as error:
            raise CutError(str(error)) from error

    def _exactly(self, size: int) -> bytearray:
        # Memory is taken for bytes that have arrived, not for the length that the head states.
        content = bytearray()
        while len(content) < size:
            piece = self._some(min(size - len(content), 1 << 20))
            content += piece
        return content

    def _some(self, most: int) -> bytes:
        if self._left_s <= 0:
            raise TimeoutError
        self._channel.settimeout(self._left_s)
        begin = time.monotonic()
        try:
            piece = self._channel.recv(most)
        except ConnectionError as error:
            raise CutError(str(error)) from error
        finally:
            self._left_s -= time.monotonic() - begin
        if not piece:
            message = "the other side ended"
            raise CutError(message)
        return piece
