"""What PostgreSQL says when it refuses a statement, without the values that were in it.

They are what people typed: names, addresses, what was searched for. A log is read by others
than those who may see these, and kept longer.
"""

import re

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine, ExceptionContext

# Of faults of the data the first line repeats what cannot be read; of all others it names
# tables, columns and constraints. The lines below it (DETAIL, CONTEXT) hold values too.
_OF_DATA = "22"
_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')


def without_values(error: psycopg.Error) -> str:
    """Take the values out of an error of PostgreSQL, for good, and return what it still says.

    Errors of the connection are left as they are: there the words are the whole reason.
    """
    if error.sqlstate is None:
        return str(error)
    first = str(error).partition("\n")[0]
    if error.sqlstate.startswith(_OF_DATA):
        first = _QUOTED.sub('"…"', first)
    words = f"{first} [{error.sqlstate}]"
    error.args = (words,)
    return words


def withhold_values(engine: Engine) -> None:
    """Let no error of this engine carry values; their parameters it does not show anyway."""
    sa.event.listen(engine, "handle_error", _withhold)


def _withhold(context: ExceptionContext) -> None:
    if not isinstance(context.original_exception, psycopg.Error):
        return
    words = without_values(context.original_exception)
    if context.sqlalchemy_exception is not None:
        kind = type(context.original_exception)
        context.sqlalchemy_exception.args = (f"({kind.__module__}.{kind.__name__}) {words}",)
