"""Load the named SQL statements from ``sql/`` beside this module."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text

_FOLDER = Path(__file__).parent / "sql"
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def _statements() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(_FOLDER.rglob("*.sql")):
        parts = _NAME.split(path.read_text("utf-8"))
        for name, body in zip(parts[1::2], parts[2::2], strict=True):
            if name in found:
                message = f"{path.name}: statement {name!r} stands twice"
                raise ValueError(message)
            if re.search(r":\w+::", body):
                message = (
                    f"{path.name}: {name}: write CAST(:x AS type), :x::type loses the bind"
                )
                raise ValueError(message)
            found[name] = body.strip()
    return found


def statement(name: str) -> TextClause:
    """Return the named statement, ready for ``conn.execute``.

    Raises
    ------
    KeyError
        when no file has a statement of that name
    """
    return text(_statements()[name])
