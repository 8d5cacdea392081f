"""The schemas of the history of an area."""

import marshmallow as ma
from marshmallow import fields, validate

from gridmgmt.domain.areas.area_history import AreaEvent
from web.api.fields import Moment


class AreaEditionSchema(ma.Schema):
    """An edition."""

    number = fields.Integer(required=True)
    label = fields.String(required=True)
    effective_from = Moment(required=True)


class AreaStateSchema(ma.Schema):
    """An area as it is in an edition."""

    name = fields.String(required=True)
    parent_code = fields.String(required=True, allow_none=True)
    area_m2 = fields.Float(required=True)
    attributes = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "values by attribute, text or number; unknown ones are absent"
        },
    )


class GroundShareSchema(ma.Schema):
    """Ground from or to an area; without a code from or to none."""

    code = fields.String(required=True, allow_none=True)
    m2 = fields.Float(required=True)
    share = fields.Float(required=True)


class AreaStepSchema(ma.Schema):
    """What one edition did to an area; the shares of `came` and of `went` sum to 1 each."""

    edition = fields.Nested(AreaEditionSchema, required=True)
    event = fields.String(
        required=True, validate=validate.OneOf([str(one) for one in AreaEvent])
    )
    before = fields.Nested(AreaStateSchema, required=True, allow_none=True)
    after = fields.Nested(AreaStateSchema, required=True, allow_none=True)
    redrawn = fields.Boolean(required=True)
    came = fields.List(fields.Nested(GroundShareSchema), required=True)
    went = fields.List(fields.Nested(GroundShareSchema), required=True)


class AreaHistorySchema(ma.Schema):
    """What each edition did to an area, oldest first."""

    level = fields.String(required=True)
    code = fields.String(required=True)
    steps = fields.List(fields.Nested(AreaStepSchema), required=True)
