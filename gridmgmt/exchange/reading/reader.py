"""Our side of the reading process: it is started when first needed, and asked for one file."""

import atexit
import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmgmt.errors import LayerError, ReaderError
from gridmgmt.exchange.reading import failures
from gridmgmt.exchange.reading.frames import CutError, End, Receiver
from gridmgmt.exchange.reading.limits import ReadingLimits, current_limits

_log = logging.getLogger(__name__)

_PROGRAM = "gridmgmt.exchange.reading"
_START_S = 60
# A child that has ended is told of at once, unless the machine is very busy.
_FATE_S = 10
_SIGXCPU = 24

# What the reading process needs of our environment: no keys, no addresses of databases.
_KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "PYTHONPATH",
    "PROJ_DATA",
)
# One thread, and memory that is asked of the system when it is needed and not in advance.
_SET = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


# What to say where a reading process is not cut off.
OPEN = (
    "files are read in a process that is not cut off from the network: this system allows"
    " neither a network namespace nor a filter on system calls"
)


UNCONFINED = (
    "files are read in a process that may open whatever we may: this system does not know"
    " Landlock, which Linux has since 5.13"
)


@dataclass(frozen=True)
class Isolation:
    """How a reading process was cut off.

    ``left`` names the means by which it left the network; ``is_confined`` tells whether a child
    gives up all files but its own.
    """

    left: tuple[str, ...]
    threads: int
    is_confined: bool

    @property
    def warnings(self) -> list[str]:
        """What a person should be told who runs this."""
        return [OPEN] * (not self.left) + [UNCONFINED] * (not self.is_confined)


class _Process:
    """A reading process and the socket on which it is asked."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.owner = os.getpid()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _PROGRAM, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={name: os.environ[name] for name in _KEPT if name in os.environ} | _SET,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._requests = ours
        ours.settimeout(_START_S)
        told = json.loads(ours.recv(1 << 16) or b"null")
        if told is None:
            message = f"the process that reads files ended with code {self._process.wait()}"
            raise ReaderError(message)
        self.isolation = Isolation(tuple(told["left"]), told["threads"], told["is_confined"])
        for warning in self.isolation.warnings:
            _log.warning("%s", warning, extra={"action": "start_reader"})

    def ask(self, request: bytes, channel: socket.socket, fate: socket.socket) -> None:
        socket.send_fds(self._requests, [request], [channel.fileno(), fate.fileno()])

    def close(self) -> None:
        """Let it end, as it does when nobody can ask it any more."""
        self._requests.close()
        if self.owner == os.getpid():
            self._process.wait()


_lock = threading.Lock()
_process: _Process | None = None


@atexit.register
def _close() -> None:
    if _process is not None:
        _process.close()


def _current(gone: _Process | None = None) -> _Process:
    """Return the reading process; start one when there is none, or only the one that is gone.

    A process forked off this one starts its own.
    """
    global _process  # noqa: PLW0603 - one for each process, started late
    with _lock:
        if _process is not None and (_process is gone or _process.owner != os.getpid()):
            _process.close()
            _process = None
        if _process is None:
            _process = _Process()
        return _process


def check_reading() -> Isolation:
    """Start a reading process and end it; return how it was cut off.

    Raises
    ------
    ReaderError
        when it cannot be started, or GDAL keeps drivers that no file should reach
    """
    process = _Process()
    process.close()
    return process.isolation


def ask(request: dict[str, Any], path: object) -> Iterator[Any]:
    """Have something read; yield what comes, and stop reading when nobody takes the rest.

    Raises
    ------
    InputError, LayerError
        what was wrong with the file, or that it takes more than the limits to read
    ReaderError
        when there is no process to read it
    """
    limits = current_limits()
    asked = request | {
        "folder": str(Path.cwd()),
        "memory": limits.memory,
        "seconds": limits.seconds,
    }
    ours, theirs = socket.socketpair()
    told, telling = socket.socketpair()
    with closing(ours), closing(told):
        with closing(theirs), closing(telling):
            _send(json.dumps(asked).encode("ascii"), theirs, telling)
        receiver = Receiver(ours, limits.patience_s)
        while True:
            try:
                value = receiver.next()
            except TimeoutError:
                raise _too_long(path, limits.patience_s) from None
            except CutError:
                raise _cut(path, told, limits) from None
            if isinstance(value, End):
                _check(value.value, path, limits)
                return
            yield value


def _send(request: bytes, channel: socket.socket, fate: socket.socket) -> None:
    process = _current()
    try:
        process.ask(request, channel, fate)
    except OSError:
        # It was ended from outside.
        _current(gone=process).ask(request, channel, fate)


def _check(value: dict[str, Any], path: object, limits: ReadingLimits) -> None:
    """Raise what went wrong, if anything did."""
    if "error" in value:
        raise failures.as_error(value["error"])
    if "too_large" in value:
        raise _too_large(path, limits)
    if "fault" in value:
        _log.error("a file could not be read: %s", value["fault"], extra={"action": "read"})
        kind = value["fault"].strip().splitlines()[-1].partition(":")[0]
        message = f"cannot be read: a library failed at it ({kind})"
        raise LayerError(path, message, remedy=_ANEW)


_ANEW = "open it in the program it comes from and save it anew"


def _too_large(path: object, limits: ReadingLimits) -> LayerError:
    message = f"takes more than {limits.memory_mb:,} MB of memory to read, the limit"
    return LayerError(path, message, remedy="split the file")


def _too_long(path: object, seconds: int) -> LayerError:
    message = f"takes longer than {seconds:,} seconds to read, the limit"
    return LayerError(path, message, remedy=f"split the file, or {_ANEW}")


def _cut(path: object, told: socket.socket, limits: ReadingLimits) -> LayerError:
    """Say why a child ended in the middle."""
    told.settimeout(_FATE_S)
    try:
        signal = json.loads(told.recv(1 << 10) or b"{}").get("signal", 0)
    except OSError:
        signal = 0
    if signal == _SIGXCPU:
        return _too_long(path, limits.seconds)
    if signal:
        # Libraries that get no more memory often end the process rather than say so.
        message = (
            f"cannot be read: the reading ended with signal {signal}, as it does where"
            f" {limits.memory_mb:,} MB of memory do not suffice"
        )
        return LayerError(path, message, remedy=f"split the file, or {_ANEW}")
    return LayerError(path, "cannot be read: the reading was ended", remedy="try once more")
