"""Who may state duties, zones, members of groups and road segments in a draft."""

from collections.abc import Iterable

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.draft_record import RecordKind
from gridmgmt.errors import NotAllowedError
from gridmgmt.services.accounts.accounts import why_not
from gridmgmt.services.draft_records.operations import RecordOperation
from gridmgmt.services.workbench.editing import AnyOperation
from web.door.access import account, may


def refuse_rows(operations: Iterable[AnyOperation]) -> None:
    """Refuse rows that the account of this request could not change beside a draft either.

    Raises
    ------
    NotAllowedError
        when the account has none of the permissions that one of the operations needs
    """
    for one in operations:
        if not isinstance(one, RecordOperation):
            continue
        needed = {Permission.EDIT_DUTIES, Permission.IMPORT_LAYERS}
        if one.of is not None:
            is_duty = one.of is RecordKind.DUTY
            needed = {Permission.EDIT_DUTIES if is_duty else Permission.IMPORT_LAYERS}
        if not any(map(may, needed)):
            raise NotAllowedError(why_not(account()))
