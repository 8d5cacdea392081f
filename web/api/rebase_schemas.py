"""The schemas of conflicts of drafts with publications, and of repairs."""

import marshmallow as ma
from marshmallow import fields, validate

from gridmgmt.geometry.merging.divergence import Diverged, Take


class RebaseArguments(ma.Schema):
    """Whose version stands where a draft and the editions since changed the same."""

    take = fields.String(
        validate=validate.OneOf([str(one) for one in Take]),
        metadata={"description": "`mine`: the draft's, `theirs`: what was published"},
    )


class ConflictSchema(ma.Schema):
    """Something that a draft and the editions since its base changed differently.

    `base`, `mine` (of the draft) and `theirs` (as published) are GeoJSON geometries of a
    border, and texts of a name or a parent; null otherwise. `mine_m2` and `theirs_m2` say what
    lies between the border of the base and either.
    """

    matter = fields.String(
        required=True, validate=validate.OneOf([str(one) for one in Diverged])
    )
    level = fields.String(required=True)
    codes = fields.List(fields.String(), required=True)
    by = fields.String(required=True, allow_none=True)
    message = fields.String(required=True)
    base = fields.Raw(required=True, allow_none=True)
    mine = fields.Raw(required=True, allow_none=True)
    theirs = fields.Raw(required=True, allow_none=True)
    mine_m2 = fields.Float(required=True, allow_none=True)
    theirs_m2 = fields.Float(required=True, allow_none=True)
    at = fields.List(fields.Float(), required=True, allow_none=True)


class PendingRebaseSchema(ma.Schema):
    """What stands against putting a draft on the newest edition.

    `onto` is null if it rests on that; `worse` says what both together make unsound.
    """

    onto = fields.Integer(required=True, allow_none=True)
    conflicts = fields.List(fields.Nested(ConflictSchema), required=True)
    worse = fields.String(required=True, allow_none=True)


class CombinedAreaSchema(ma.Schema):
    """An area that is not as the draft stated it before."""

    level = fields.String(required=True)
    code = fields.String(required=True)


class RebasedSchema(ma.Schema):
    """The edition on which a draft was put, null if it rested on the newest."""

    onto = fields.Integer(required=True, allow_none=True)
    combined = fields.List(fields.Nested(CombinedAreaSchema), required=True)


class RepairSchema(ma.Schema):
    """An operation that mends a problem, and how much ground it moves."""

    operation = fields.Dict(keys=fields.String(), required=True)
    problem = fields.String(required=True)
    moved_m2 = fields.Float(required=True)


class RepairsSchema(ma.Schema):
    """What a check finds, operations for it in turn, and what is left after them."""

    problems = fields.Integer(required=True)
    repairs = fields.List(fields.Nested(RepairSchema), required=True)
    left = fields.List(fields.String(), required=True)
