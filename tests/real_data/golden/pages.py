"""The pages, served to one person who sends their forms."""

import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real_data.golden.command import append


@contextmanager
def served() -> Iterator[Callable[..., None]]:
    """Serve the pages, and give what sends a form: of a page, for an action, with fields."""
    command = [str(Path(sys.executable).with_name("gridmgmt")), "serve", "--without-worker"]
    log = Path(os.environ["GRIDMGMT_HOME"], "serve.log")
    with log.open("w") as stream:
        serving = subprocess.Popen([*command, "--port=0", "--workers=1"], stderr=stream)
    try:
        while (address := re.search(r"http://\S+:\d+", log.read_text())) is None:
            assert serving.poll() is None, log.read_text()
            time.sleep(0.2)
        yield _Person(address[0]).send
    finally:
        serving.terminate()
        serving.wait()


class _Person:
    def __init__(self, address: str) -> None:
        self._address = address
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def send(self, page: str, action: str = "", **fields: str) -> None:
        """Send a form with what stands hidden in it; how that was answered is kept."""
        html = self._browser.open(self._address + page).read().decode()
        hidden = re.findall(r'name="(csrf_token|seen_seq)"[^>]*value="([^"]+)"', html)
        form = urllib.parse.urlencode(fields | dict(hidden)).encode()
        try:
            status = self._browser.open(
                f"{self._address}{page}/{action}".rstrip("/"), form
            ).status
        except urllib.error.HTTPError as error:
            status = error.code
        append("pages.txt", f"{status} {page} {action}\n")
