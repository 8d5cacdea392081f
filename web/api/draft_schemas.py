"""The schemas of edits of drafts."""

import marshmallow as ma
from marshmallow import fields, validate

from web.api.fields import Moment, Text, WholeNumber


class EditSchema(ma.Schema):
    """Operations on a draft, in their order."""

    operations = fields.List(
        fields.Dict(keys=fields.String()),
        required=True,
        validate=validate.Length(min=1, max=1000),
        metadata={"description": "each as a line of a file of `draft edit`"},
    )
    reason = Text(metadata={"description": "why, for the log of the draft"})
    seen = WholeNumber(
        validate=validate.Range(min=0),
        metadata={"description": "the number of the last edit the author saw, 0 for none"},
    )


class EditedAreaSchema(ma.Schema):
    """An area that an operation changed."""

    level = fields.String(required=True)
    code = fields.String(required=True)
    existed = fields.Boolean(required=True)
    exists = fields.Boolean(required=True)
    moved_m2 = fields.Float(
        required=True, metadata={"description": "how its square metres change"}
    )


class OperationDoneSchema(ma.Schema):
    """An operation that was applied."""

    number = fields.Integer(required=True)
    operation = fields.String(required=True)
    areas = fields.List(fields.Nested(EditedAreaSchema), required=True)


class EditedSchema(ma.Schema):
    """What was applied, with the numbers in the log."""

    edits = fields.List(fields.Nested(OperationDoneSchema), required=True)


class LoggedEditSchema(ma.Schema):
    """An entry of the log; `of` is the edit that an undo or a redo is of."""

    number = fields.Integer(required=True)
    operation = fields.String(required=True)
    arguments = fields.Dict(keys=fields.String(), required=True)
    made_at = Moment(required=True)
    made_by = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    of = fields.Integer(required=True, allow_none=True)


class EditLogSchema(ma.Schema):
    """The log of a draft, and the numbers of the edits that stand or may be redone."""

    edits = fields.List(fields.Nested(LoggedEditSchema), required=True)
    done = fields.List(fields.Integer(), required=True)
    undone = fields.List(fields.Integer(), required=True)
