"""How much a file may cost to be read: what an edge sets for everything its process reads."""

import resource
from dataclasses import dataclass
from pathlib import Path

_MIB = 1 << 20


@dataclass(frozen=True)
class ReadingLimits:
    """What reading one file may take.

    ``memory_mb`` is data memory beyond what the reading process holds before it begins, and
    bounds as well what the rows of a table read whole take here. ``seconds`` is computing time;
    waiting may take four times as long, for a busy machine computes slowly.
    """

    memory_mb: int = 2048
    seconds: int = 3600

    @property
    def memory(self) -> int:
        """Memory in bytes."""
        return self.memory_mb * _MIB

    @property
    def patience_s(self) -> int:
        """How long the asking process waits in all, in seconds."""
        return 4 * self.seconds


_limits = ReadingLimits()


def limit_reading(limits: ReadingLimits) -> None:
    """Let all files this process reads from now on be read within limits; an edge says it."""
    global _limits  # noqa: PLW0603 - one process is one door
    _limits = limits


def current_limits() -> ReadingLimits:
    """Return the limits of this process."""
    return _limits


def bound_memory(memory: int) -> None:
    """Let this process take no more than so many bytes of data memory beyond what it has.

    Data memory and not addresses: libraries map hundreds of megabytes that cost nothing. Only
    the soft limit is set, so that it can be taken back.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = _data_memory() + memory
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def unbound_memory() -> None:
    """Take back ``bound_memory``."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _data_memory() -> int:
    for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
        name, _, size = line.partition(":")
        if name == "VmData":
            return int(size.split()[0]) << 10
    message = "/proc/self/status does not say how much data memory this process has"
    raise RuntimeError(message)
