"""Answers in JSON, computed once for equal questions while nothing changes."""

import gzip
import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from flask import Response, request

from gridmgmt.domain.areas.edition import edition_shown
from gridmgmt.services.accounts.case_scopes import figures_case_scope
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.services.statistics.figures import revision
from gridmgmt.store.areas.editions import list_editions
from web.app.transaction import connection, current_settings
from web.door.access import account

# A tenth of a megabyte each, at most.
_KEPT = 200

# Who asks the same at the same time waits for one answer. Different questions share a lock by
# chance only.
_TURNS = [Lock() for _ in range(64)]


# The browser asks whether its copy is still right, because another account may see other areas.
_ASK_AGAIN = "private, no-cache"


@dataclass(frozen=True, slots=True)
class _Asked:
    question: Hashable
    make: Callable[[], bytes] = field(compare=False)


_ANSWERS: Fresh[_Asked, bytes] = Fresh(lambda _conn, asked: asked.make(), _KEPT)


def kept(make: Callable[[datetime], Mapping[str, Any]]) -> Response:
    """Answer a question about figures of cases with what ``make`` returns.

    Equal addresses get the same answer for accounts with the same sight, until a case, an
    area or the classes of the map change, a deadline passes, another edition comes into force
    or a day ends. Then, and where figures are counted in SQL, it is made anew.

    Parameters
    ----------
    make : is given the instant at which deadlines are judged
    """
    conn, now = connection(), datetime.now(UTC)
    figures = revision(conn, now)
    if figures is None:
        return compressed_json(make(now))
    scope = figures_case_scope(conn, account())
    # Which leaf areas are in sight follows from the area, as long as no area changes. They are
    # thousands of pairs, too many to keep with every answer.
    who = scope.responder_code, scope.reporter
    sight = account().area, *who, scope.leaves is None, bool(scope.leaves)
    today = now.astimezone(current_settings().tz).date()
    address = request.path, tuple(sorted(request.args.items(multi=True)))
    # An address that names no edition means the one in force.
    shown = None if "edition" in request.args else edition_shown(list_editions(conn), now)
    edition = None if shown is None else shown.number
    asked = _Asked((address, sight, today, edition, figures), lambda: _packed(make(now)))
    with _TURNS[hash(asked) % len(_TURNS)]:
        return _answer(_ANSWERS.get(conn, asked))


def compressed_json(told: Mapping[str, Any]) -> Response:
    """Return compressed JSON as an answer with a tag."""
    return _answer(_packed(told))


def compressed(content: bytes, tag: str | None = None) -> Response:
    """Return compressed JSON as an answer, decompressed for clients without gzip."""
    packed = request.accept_encodings.quality("gzip") > 0
    answer = Response(
        content if packed else gzip.decompress(content), mimetype="application/json"
    )
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = _ASK_AGAIN
    if tag is not None:
        answer.set_etag(tag, weak=True)
        answer.make_conditional(request)
    return answer


def _packed(told: Mapping[str, Any]) -> bytes:
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    # Fast, light compression: most answers are read a few times at most.
    return gzip.compress(text.encode(), compresslevel=3, mtime=0)


def _answer(content: bytes) -> Response:
    answer = compressed(content)
    answer.add_etag(weak=True)
    answer.make_conditional(request)
    return answer
