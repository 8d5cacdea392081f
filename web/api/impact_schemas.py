"""The schemas of the impact of a draft."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from gridmgmt.domain.job import JobStatus
from gridmgmt.domain.responsibility.duty import DutyRole
from web.api.fields import Moment, Text, WholeNumber
from web.api.schemas import MOST

_KINDS = ("duty", "group_member", "station")


def _said(text: str) -> dict[str, str]:
    return {"description": text}


def _text(*, none: bool = False, said: str | None = None) -> fields.String:
    return fields.String(
        required=True, allow_none=none, metadata={} if said is None else _said(said)
    )


def _count(said: str | None = None) -> fields.Integer:
    return fields.Integer(required=True, metadata={} if said is None else _said(said))


def _listed(schema: type[ma.Schema] | fields.Field[Any], said: str | None = None) -> Any:
    inner = schema if isinstance(schema, fields.Field) else fields.Nested(schema)
    return fields.List(inner, required=True, metadata={} if said is None else _said(said))


class ImpactArguments(ma.Schema):
    """A part of the open cases that change their disposer."""

    limit = WholeNumber(load_default=100, validate=validate.Range(0, MOST))
    after = Text(metadata=_said("the case that the page before ended with"))


class CaseMoveSchema(ma.Schema):
    """How many open cases would go from a responder to another; null: nobody."""

    from_responder = _text(none=True)
    to_responder = _text(none=True)
    cases = _count()


class MovingCaseSchema(ma.Schema):
    """An open case that would change its disposer, with its leaf areas; null: none."""

    case_no = _text()
    from_responder = _text(none=True)
    to_responder = _text(none=True)
    from_area = _text(none=True)
    to_area = _text(none=True)


class LostAndGainedSchema(ma.Schema):
    """What a responder loses and gains."""

    lost = fields.Float(required=True)
    gained = fields.Float(required=True)


class ResponderImpactSchema(ma.Schema):
    """What a responder loses and gains in a role; null: nobody disposes."""

    responder = _text(none=True)
    role = fields.String(
        required=True, validate=validate.OneOf([role.value for role in DutyRole])
    )
    km2 = fields.Nested(LostAndGainedSchema, required=True)
    road_km = fields.Nested(LostAndGainedSchema, required=True)
    components = fields.Nested(LostAndGainedSchema, required=True)
    open_cases = fields.Nested(LostAndGainedSchema, required=True)
    year_cases = fields.Nested(LostAndGainedSchema, required=True)


class HeirSchema(ma.Schema):
    """An area that has a share of the ground of an area that is gone."""

    code = _text()
    share = fields.Float(required=True)


class LeftDutySchema(ma.Schema):
    """What points at an area that is gone, and the areas it is proposed for."""

    kind = fields.String(required=True, validate=validate.OneOf(_KINDS))
    level = _text()
    code = _text()
    responder = _text(none=True)
    role = _text(none=True)
    duty = fields.Integer(required=True, allow_none=True)
    group = _text(none=True)
    heirs = _listed(HeirSchema, "who has the ground, the largest share first")


class BareAreaSchema(ma.Schema):
    """An area left without a duty, and the duties proposed for it."""

    level = _text()
    code = _text()
    name = _text(none=True)
    from_code = _text(none=True, said="the area from which most of its ground came")
    uncovered = _listed(fields.String(), "categories that no duty covers any more")
    duties = _listed(fields.Integer(), "the duties that held on its ground before")


class MovedPlaceSchema(ma.Schema):
    """A demolition or zone that changes its areas or streets."""

    code = _text()
    name = _text(none=True)
    leaves_before = _listed(fields.String())
    leaves_after = _listed(fields.String())
    streets_before = _listed(fields.String())
    streets_after = _listed(fields.String())


class StreetCountsSchema(ma.Schema):
    """The cases of a year; on time ÷ (on time + late + overdue) is the rate."""

    cases = _count()
    open = _count()
    overdue = _count()
    on_time = _count()
    late = _count()
    without_due = _count()
    provisional = _count()


class StreetRatesSchema(ma.Schema):
    """A street by its borders before and after; null: there is no such street."""

    level = _text()
    code = _text()
    name = _text(none=True)
    before = fields.Nested(StreetCountsSchema, required=True, allow_none=True)
    after = fields.Nested(StreetCountsSchema, required=True, allow_none=True)


class ImpactSchema(ma.Schema):
    """What a draft changes, compared with its base by the duties of today."""

    draft = _text()
    base_edition = fields.Integer(required=True, allow_none=True)
    now = Moment(required=True)
    since = Moment(required=True, metadata=_said("the beginning of the year that ends now"))
    leaf_areas = _count("how many leaf areas the draft touches")
    judged = _count("how many cases were judged before and after")
    moving = _count("how many open cases change their disposer")
    held = _count("how many more stay, since a person decided who has them")
    moves = _listed(CaseMoveSchema)
    cases = _listed(MovingCaseSchema)
    responders = _listed(ResponderImpactSchema)
    left_duties = _listed(LeftDutySchema)
    bare_areas = _listed(BareAreaSchema)
    demolitions = _listed(MovedPlaceSchema)
    zones = _listed(MovedPlaceSchema)
    streets = _listed(StreetRatesSchema, "those whose counts change")
    other_streets = _count("how many streets keep their counts")


class ImpactJobSchema(ma.Schema):
    """A job that measures the impact of a large draft."""

    number = _count()
    status = fields.String(
        required=True, validate=validate.OneOf([one.value for one in JobStatus])
    )
    step = _text(none=True)
    done = _count()
    total = _count("0 while it is unknown")
    error = _text(none=True)
    impact = fields.Nested(ImpactSchema, required=True, allow_none=True)
