"""An nginx of the tests, with the project's own configuration (``deploy/nginx``)."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmgmt.cli.serving.needs import free_port
from tests.attacks.slow_clients import HOST

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "deploy" / "nginx" / "gridmgmt.conf"
# That of the machine, or the one that `make proof` has fetched.
PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:{ROOT}/.venv/bin")

_MAIN = """
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/gridmgmt.conf;
}}
"""


def adapted(text: str, *, port: int, other: int, pages: int) -> str:
    """Change what belongs to a deployment: addresses, names and the certificate."""
    changes = {
        "listen 443 ssl http2;": f"listen {HOST}:{port};",
        "listen 80 default_server;": f"listen {HOST}:{other} default_server;",
        "listen 80;": f"listen {HOST}:{other};",
        "server 127.0.0.1:8000;": f"server {HOST}:{pages};",
        "/opt/gridmgmt/": f"{ROOT}/",
        "access_log /var/log/nginx/gridmgmt.log;": "",
    }
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    lines = text.splitlines()
    return "\n".join(line for line in lines if not line.strip().startswith("ssl_"))


@contextmanager
def nginx_before(pages: int, folder: Path) -> Iterator[int]:
    """Run nginx in front of the pages until the end of the block; yields its port."""
    assert PROGRAM is not None
    port = free_port(HOST, 20_000)
    other = free_port(HOST, port + 1)
    text = CONFIGURATION.read_text("utf-8")
    (folder / "gridmgmt.conf").write_text(adapted(text, port=port, other=other, pages=pages))
    main = folder / "nginx.conf"
    # As root its workers would be nobody, whom a clone under /root is closed to.
    user = "user root;" if os.getuid() == 0 else ""
    main.write_text(_MAIN.format(user=user, folder=folder))
    command = [PROGRAM, "-p", str(folder), "-c", str(main)]
    subprocess.run([*command, "-t", "-q"], check=True)
    with subprocess.Popen(command) as process:
        try:
            until = time.monotonic() + 10
            while not (folder / "pid").exists() or not (folder / "pid").read_text().strip():
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait(20)
