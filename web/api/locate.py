"""Locate a position, for programs."""

from datetime import UTC, datetime
from typing import Any

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.services.files.datums import remote_datum
from gridmgmt.services.judging.point_answers import locate_position
from web.api import schemas
from web.api.operations import Operations
from web.app.transaction import connection, current_settings
from web.door.access import account, allow

bp = Operations("api_locate", __name__, description="Where a position lies")


@bp.operation(
    "GET", "/locate", query=schemas.LocateArguments, gives={200: schemas.LocationSchema}
)
@allow(Permission.SEE_AREAS, Permission.REPORT_CASES)
def locate(args: dict[str, Any]) -> Any:
    """Return the areas at a position, by the edition in force at a time."""
    settings = current_settings()
    at = args.get("at") or datetime.now(UTC)
    return locate_position(
        connection(),
        (args["lon"], args["lat"]),
        at=at,
        datum=remote_datum(args.get("crs"), settings.crs_table),
        candidate_m=settings.candidate_m,
        snap_m=settings.snap_m,
        top=account().area,
    )
