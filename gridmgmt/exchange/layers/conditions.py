"""Check the conditions that select features: only comparisons of fields are allowed.

A GeoPackage is a database, and GDAL passes a condition to SQLite unchanged. SQLite would also
run other statements in it, which could open and write any file that this process may write.
"""

import re

from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.layer_kinds import Kind
from gridmgmt.sentence import Sentence

MOST_CHARACTERS = 2_000

_TOKEN = re.compile(
    r"""
    \s+
  | '(?:[^']|'')*'
  | "(?:[^"]|"")*"
  | [0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?
  | [^\W0-9]\w*
  | <> | != | <= | >= | \|\| | -(?!-) | /(?!\*) | [=<>+*%(),]
    """,
    re.VERBOSE,
)
# Words that reach beyond the row or cost more than a comparison. A field with such a name must
# be in double quotes.
_REFUSED = frozenset({"exists", "match", "regexp", "select", "values", "with"})
_BEFORE_BRACKETS = frozenset({"and", "between", "cast", "in", "like", "ilike", "not", "or"})


def check_condition(shown: str, where: str) -> None:
    """Raise LayerError unless a condition has only comparisons with AND, OR and NOT.

    Parameters
    ----------
    shown : the file name for people

    Raises
    ------
    LayerError
        naming what a condition must not contain

    Examples
    --------
    >>> check_condition("a.gpkg", "street IN ('A', 'B') AND NOT (area_m2 < 1e4)")
    >>> check_condition("a.gpkg", "1 = 1; VACUUM INTO '/tmp/x'")
    Traceback (most recent call last):
    ...
    gridmgmt.errors.LayerError: a.gpkg: --where cannot hold ';'
      what to do: compare fields with values; join comparisons by AND, OR, NOT
    """
    fault = _fault(where)
    if fault:
        raise LayerError(
            shown,
            Sentence("--where cannot hold {}", repr(fault)),
            remedy=Sentence("compare fields with values; join comparisons by AND, OR, NOT"),
        )


def names_in(where: str) -> frozenset[str]:
    r"""Return the words of a condition that may name fields, in lower case.

    Examples
    --------
    >>> sorted(names_in("code = 'A1' AND \"Old code\" IN (1, 2)"))
    ['and', 'code', 'in', 'old code']
    """
    tokens = [found[0] for found in _TOKEN.finditer(where)]
    names = (
        one[1:-1].replace('""', '"') if one[0] == '"' else one
        for one in tokens
        if one[0] == '"' or one[0].isalpha() or one[0] == "_"
    )
    return frozenset(name.lower() for name in names)


def condition_of(kind: Kind, where: str) -> str:
    r"""Return a condition in the quotes that the kind of file needs.

    GDAL's own language knows names of fields without quotes only in ASCII. SQLite, which reads
    GeoPackages, takes an unknown name in double quotes for text, and then nothing is selected
    in silence; a name in backticks is never text.

    Examples
    --------
    >>> condition_of("GeoJSON", "类型 = '面' AND name <> ''")
    '"类型" = \'面\' AND name <> \'\''
    >>> condition_of("GeoPackage", '"类型" = 1')
    '`类型` = 1'
    """
    return "".join(_quoted(kind, found[0]) for found in _TOKEN.finditer(where))


def _quoted(kind: Kind, token: str) -> str:
    if kind == "GeoPackage":
        if not token.startswith('"'):
            return token
        name = token[1:-1].replace('""', '"').replace("`", "``")
        return f"`{name}`"
    return f'"{token}"' if token.isidentifier() and not token.isascii() else token


def _fault(where: str) -> str:
    if len(where) > MOST_CHARACTERS:
        return f"more than {MOST_CHARACTERS} characters"
    at, before = 0, ""
    while at < len(where):
        found = _TOKEN.match(where, at)
        if found is None:
            return where[at]
        token = found[0].lower()
        at = found.end()
        if token.isspace():
            continue
        if token in _REFUSED:
            return found[0]
        if token == "(" and _is_name(before) and before not in _BEFORE_BRACKETS:
            return f"{before}("
        before = token
    return ""


def _is_name(token: str) -> bool:
    return token[:1] in {'"', "'"} or token.isidentifier() or token[:1].isalpha()
