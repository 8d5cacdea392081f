"""The schemas of edits and reviews of drafts."""

import marshmallow as ma
from marshmallow import fields, validate

from gridmgmt.domain.areas.draft import DraftStatus
from gridmgmt.domain.areas.draft_record import RecordKind
from gridmgmt.domain.areas.review import LONGEST_REMARK, ReviewStep
from web.api.fields import Code, Moment, Text, WholeNumber


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


class EditedRowSchema(ma.Schema):
    """What a draft states about a duty, a zone, a member of a group or a road segment.

    `before` and `after` are the row by the columns of its file, null where the draft states
    nothing about it.
    """

    kind = fields.String(required=True, validate=validate.OneOf([str(k) for k in RecordKind]))
    name = fields.String(required=True)
    before = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    after = fields.Dict(keys=fields.String(), required=True, allow_none=True)


class OperationDoneSchema(ma.Schema):
    """An operation that was applied; `row` is null for one on areas."""

    number = fields.Integer(required=True)
    operation = fields.String(required=True)
    areas = fields.List(fields.Nested(EditedAreaSchema), required=True)
    row = fields.Nested(EditedRowSchema, required=True, allow_none=True)


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


class RemarkSchema(ma.Schema):
    """What is to be changed in an area, or in the whole draft (without level and code)."""

    text = Text(
        LONGEST_REMARK, required=True, metadata={"description": "what is to be changed"}
    )
    level = Text()
    code = Code()


class ReturnSchema(ma.Schema):
    """The comments with which a draft is returned."""

    comments = fields.List(
        fields.Nested(RemarkSchema), load_default=list, validate=validate.Length(max=1000)
    )


class ApproveSchema(ma.Schema):
    """What is approved."""

    digest = fields.String(
        required=True,
        validate=validate.Length(equal=64),
        metadata={"description": "of the submission that was looked at"},
    )


class ReviewStepSchema(ma.Schema):
    """A step of a review; `on_edition` was the newest edition then."""

    number = fields.Integer(required=True)
    step = fields.String(
        required=True, validate=validate.OneOf([str(one) for one in ReviewStep])
    )
    made_at = Moment(required=True)
    made_by = fields.String(required=True)
    digest = fields.String(required=True)
    on_edition = fields.Integer(required=True, allow_none=True)


class ReviewCommentSchema(ma.Schema):
    """A comment on the newest submission."""

    level = fields.String(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    text = fields.String(required=True)
    made_at = Moment(required=True)
    made_by = fields.String(required=True)


class DraftReviewSchema(ma.Schema):
    """Where the review of a draft stands.

    `digest` is that of the newest submission; `authors` may not approve the draft.
    """

    status = fields.String(
        required=True, validate=validate.OneOf([str(one) for one in DraftStatus])
    )
    base_edition = fields.Integer(required=True, allow_none=True)
    edition = fields.Integer(required=True, allow_none=True)
    digest = fields.String(required=True, allow_none=True)
    authors = fields.List(fields.String(), required=True)
    steps = fields.List(fields.Nested(ReviewStepSchema), required=True)
    comments = fields.List(fields.Nested(ReviewCommentSchema), required=True)
