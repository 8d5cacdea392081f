"""The operations of an edit in words."""

from flask import Flask

from gridmgmt.geometry.editing import operations
from gridmgmt.services.draft_records.operations import RECORD_OPERATIONS
from gridmgmt.services.drafts import edit_logs
from web.words.operation_words import OPERATIONS, operations_said


def test_every_operation_has_words() -> None:
    other = {edit_logs.IMPORT, edit_logs.TAKE_BACK, edit_logs.REVERT, edit_logs.REBASE}
    assert {*OPERATIONS} == {*operations.OPERATIONS, *RECORD_OPERATIONS, *other}


def test_the_operations_of_an_edit_are_named_once_and_of_many_the_first(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert operations_said(["fill", "split", "fill"]) == "filled a gap, split an area"
        assert operations_said([*OPERATIONS][:5]).count(", ") == 4
        assert operations_said([*OPERATIONS][:6]) == operations_said([*OPERATIONS][:5]) + "…"
    with app.test_request_context("/"):
        assert operations_said(["split", "of another time"]) == "拆分区域、of another time"
