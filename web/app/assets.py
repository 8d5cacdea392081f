"""URLs of static files with a fingerprint, so that browsers may keep the files for ever."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, url_for


@cache
def _fingerprint(path: Path, changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset(filename: str) -> str:
    """Return the URL of a static file.

    Raises
    ------
    FileNotFoundError
        when there is no such file; the set-up installs the browser libraries
    """
    folder = current_app.static_folder
    assert folder is not None
    path = Path(folder) / filename
    mark = _fingerprint(path, path.stat().st_mtime_ns)
    return url_for("static", filename=filename, v=mark)


def init_app(app: Flask) -> None:
    """Make ``asset`` available in templates."""
    app.jinja_env.globals["asset"] = asset
