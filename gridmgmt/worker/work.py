"""Shared by all kinds of jobs."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.progress import Progress
from gridmgmt.settings import Settings

# Does one kind of work in the given transaction and returns its result as plain JSON values.
# Work that is only tried out rolls itself back (``conn.begin_nested()``), but its result stays.
Work = Callable[[Connection, Mapping[str, Any], Progress, str, Settings], dict[str, Any]]
