"""Remove values from the errors of PostgreSQL.

The values of a refused statement are what people typed: names, addresses, search texts. More
people read a log than may see these, and it is kept longer.
"""

import re

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine, ExceptionContext

# In data errors the first line repeats the value that cannot be read. In other errors it names
# tables, columns and constraints. The lines below it (DETAIL, CONTEXT) hold values too.
_OF_DATA = "22"
_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')


def without_values(error: psycopg.Error) -> str:
    """Remove the values from a PostgreSQL error and return the text that is left.

    The error itself is changed. Connection errors stay as they are: their text is the whole
    reason, and has no values.
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
    """Remove values from all errors of this engine.

    SQLAlchemy already leaves out the parameters.
    """
    sa.event.listen(engine, "handle_error", _withhold)


def _withhold(context: ExceptionContext) -> None:
    if not isinstance(context.original_exception, psycopg.Error):
        return
    words = without_values(context.original_exception)
    if context.sqlalchemy_exception is not None:
        kind = type(context.original_exception)
        context.sqlalchemy_exception.args = (f"({kind.__module__}.{kind.__name__}) {words}",)
