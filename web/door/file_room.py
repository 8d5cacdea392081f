"""Check the free space for uploads before a file is received."""

from flask import request

from gridmgmt.services.files.room import FileRoom
from web.app.transaction import current_settings
from web.door.access import account, current_account

_MULTIPART = "multipart/form-data"


def room() -> FileRoom:
    """Return the storage of uploads."""
    settings = current_settings()
    return FileRoom(settings.home, settings.upload_quota_mb, settings.free_mb)


def check() -> None:
    """Check that there is room for the files of this request, before its body is read.

    Raises
    ------
    NoRoomError
        when there is not enough room for the stated length
    """
    if request.mimetype == _MULTIPART and current_account() is not None:
        room().check(account().username, request.content_length or 0)
