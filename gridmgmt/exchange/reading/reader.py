"""Our side of the reading process: start it when first needed, and ask it for one file."""

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
from gridmgmt.sentence import Sentence

_log = logging.getLogger(__name__)

_PROGRAM = "gridmgmt.exchange.reading"
_START_S = 60
# The end of a child is reported at once, unless the machine is very busy.
_FATE_S = 10
_SIGXCPU = 24

# The variables the reading process needs: no keys, no database URLs.
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
# One thread, and memory that is taken when needed and not in advance.
_SET = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


# The warnings if a reading process is not isolated.
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
    """How a reading process is isolated.

    ``left`` names the means by which it left the network. ``is_confined`` is whether a child
    gives up all files except its own.
    """

    left: tuple[str, ...]
    threads: int
    is_confined: bool

    @property
    def warnings(self) -> list[str]:
        """Return warnings for the person who runs this program."""
        return [OPEN] * (not self.left) + [UNCONFINED] * (not self.is_confined)


class _Process:
    """A reading process and the socket for requests to it."""

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
            raise ReaderError(
                Sentence(
                    "the process that reads files ended with code {}", self._process.wait()
                )
            )
        self.isolation = Isolation(tuple(told["left"]), told["threads"], told["is_confined"])
        for warning in self.isolation.warnings:
            _log.warning("%s", warning, extra={"action": "start_reader"})

    def ask(self, request: bytes, channel: socket.socket, fate: socket.socket) -> None:
        socket.send_fds(self._requests, [request], [channel.fileno(), fate.fileno()])

    def close(self) -> None:
        """Close the socket; the process then ends by itself."""
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
    """Return the reading process; start one if there is none, or if it is the ``gone`` one.

    A forked process starts its own.
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
    """Start a reading process, end it, and return how it was isolated.

    Raises
    ------
    ReaderError
        when it cannot be started, or GDAL keeps drivers that no file should reach
    """
    process = _Process()
    process.close()
    return process.isolation


def ask(request: dict[str, Any], path: object) -> Iterator[Any]:
    """Send a request and yield the answers; stop reading if the caller takes no more.

    Raises
    ------
    InputError, LayerError
        when something is wrong with the file, or reading takes more than the limits allow
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
        # Somebody else ended it.
        _current(gone=process).ask(request, channel, fate)


def _check(value: dict[str, Any], path: object, limits: ReadingLimits) -> None:
    """Raise the error in an answer, if there is one."""
    if "error" in value:
        raise failures.as_error(value["error"])
    if "too_large" in value:
        raise _too_large(path, limits)
    if "fault" in value:
        _log.error("a file could not be read: %s", value["fault"], extra={"action": "read"})
        kind = value["fault"].strip().splitlines()[-1].partition(":")[0]
        raise LayerError(
            path, Sentence("cannot be read: a library failed at it ({})", kind), remedy=_ANEW
        )


_ANEW = Sentence("open it in the program it comes from and save it anew")


def _too_large(path: object, limits: ReadingLimits) -> LayerError:
    return LayerError(
        path,
        Sentence("takes more than {} MB of memory to read, the limit", f"{limits.memory_mb:,}"),
        remedy=Sentence("split the file"),
    )


def _too_long(path: object, seconds: int) -> LayerError:
    return LayerError(
        path,
        Sentence("takes longer than {} seconds to read, the limit", f"{seconds:,}"),
        remedy=Sentence("split the file, or {}", _ANEW),
    )


def _cut(path: object, told: socket.socket, limits: ReadingLimits) -> LayerError:
    """Return an error that says why a child ended early."""
    told.settimeout(_FATE_S)
    try:
        signal = json.loads(told.recv(1 << 10) or b"{}").get("signal", 0)
    except OSError:
        signal = 0
    if signal == _SIGXCPU:
        return _too_long(path, limits.seconds)
    if signal:
        # Libraries that get no more memory often end the process and do not report it.
        return LayerError(
            path,
            Sentence(
                "cannot be read: the reading ended with signal {}, as it does where {} MB of "
                "memory do not suffice",
                signal,
                f"{limits.memory_mb:,}",
            ),
            remedy=Sentence("split the file, or {}", _ANEW),
        )
    return LayerError(
        path,
        Sentence("cannot be read: the reading was ended"),
        remedy=Sentence("try once more"),
    )
