"""A program that serves, run beside a test: what it says, what it answers, how it ends."""

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gridmgmt.cli.serving.needs import environment
from gridmgmt.settings import Settings


class Serving:
    """The running program; its words are gathered as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def await_words(self, pattern: str, *, most_s: float = 60.0) -> re.Match[str]:
        end = time.monotonic() + most_s
        while True:
            found = re.search(pattern, self.said)
            if found:
                return found
            ended = self.process.poll() is not None and not self._reader.is_alive()
            assert not ended, f"ended without {pattern!r}:\n{self.said}"
            assert time.monotonic() < end, f"never said {pattern!r}:\n{self.said}"
            time.sleep(0.05)

    @property
    def port(self) -> int:
        return int(self.await_words(r"the pages are at http://127\.0\.0\.1:(\d+)")[1])

    def get(self, path: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
        finally:
            connection.close()
        return answer

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        self.process.send_signal(with_signal)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(40)
        self._reader.join(10)
        return code


@contextmanager
def serving(
    settings: Settings, *args: str, cwd: Path | None = None, module: str = "gridmgmt"
) -> Iterator[Serving]:
    """Run ``gridmgmt`` with these arguments in a process group that ends with the block."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("GRIDMGMT_")}
    with subprocess.Popen(
        [sys.executable, "-m", module, *args],
        env={**environ, **environment(settings), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=cwd,
    ) as process:
        running = Serving(process)
        try:
            yield running
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
