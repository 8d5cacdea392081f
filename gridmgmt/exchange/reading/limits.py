"""The limits for reading one file, set once for each process when it starts."""

import resource
import signal
from dataclasses import dataclass
from pathlib import Path

_MIB = 1 << 20


@dataclass(frozen=True)
class ReadingLimits:
    """The limits for reading one file.

    ``memory_mb`` is data memory beyond what the reading process has at its start. It also
    limits the rows of a table that is read as a whole into our own process. ``seconds`` is CPU
    time. The waiting time may be four times as long, for a busy machine is slow.
    """

    memory_mb: int = 2048
    seconds: int = 3600

    @property
    def memory(self) -> int:
        """Return the memory limit in bytes."""
        return self.memory_mb * _MIB

    @property
    def patience_s(self) -> int:
        """Return the longest wait of the asking process, in seconds."""
        return 4 * self.seconds


_limits = ReadingLimits()


def limit_reading(limits: ReadingLimits) -> None:
    """Set the limits for all files this process reads from now on."""
    global _limits  # noqa: PLW0603 - one process is one door
    _limits = limits


def current_limits() -> ReadingLimits:
    """Return the limits of this process."""
    return _limits


def limit_self(memory: int, seconds: int, file_bytes: int) -> None:
    """Limit what this process may still use.

    Parameters
    ----------
    memory : bytes of data memory beyond what it has now
    seconds : CPU time since it began
    file_bytes : size of a file that it may write
    """
    bound_memory(memory)
    # At the first limit the system ends the process with a signal that states the reason, at
    # the second in any case.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def bound_memory(memory: int) -> None:
    """Limit the additional data memory of this process, in bytes.

    It limits data memory and not addresses: libraries map hundreds of megabytes that cost
    nothing. Only the soft limit is set, so that it can be removed.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = _data_memory() + memory
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def unbound_memory() -> None:
    """Remove the limit of ``bound_memory``."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _data_memory() -> int:
    for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
        name, _, size = line.partition(":")
        if name == "VmData":
            return int(size.split()[0]) << 10
    message = "/proc/self/status does not say how much data memory this process has"
    raise RuntimeError(message)
