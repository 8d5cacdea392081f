"""The schemas of API requests and answers, which also document them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from gridmgmt.domain.cases.case import (
    CaseEventKind,
    CaseMark,
    CaseStatus,
    UnlocatedReason,
    UnroutedReason,
)
from gridmgmt.domain.cases.case_texts import LONGEST_TEXT
from web.api.choices import ChoiceArguments
from web.api.fields import AreaKey, Code, Day, DecimalNumber, Moment, Text, WholeNumber

MOST = 500
# Wide enough for metres on any plane, and for degrees.
_WITHIN = validate.Range(-1e8, 1e8)


def _said(text: str) -> dict[str, str]:
    return {"description": text}


def _words(kinds: Any) -> validate.OneOf:
    return validate.OneOf([str(one) for one in kinds])


def _nullable(kinds: Any) -> validate.OneOf:
    return validate.OneOf([*(str(one) for one in kinds), None])


class ErrorSchema(ma.Schema):
    """An error."""

    status = fields.Integer(required=True, metadata=_said("the status code"))
    message = fields.String(required=True)
    errors = fields.Dict(
        keys=fields.String(),
        metadata=_said("where arguments are unfit: by location (query, json) and name"),
    )
    reference = fields.String(metadata=_said("under which the log says more"))


class NoArguments(ma.Schema):
    """An operation without query parameters."""


class OneCaseArguments(ma.Schema):
    """The requested parts of a case."""

    personal = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata=_said("description, address and phones too; every such reading is audited"),
    )


class CaseArguments(ChoiceArguments):
    """A filter of cases."""

    first = Day(data_key="from", metadata=_said("reported on this day or later"))
    last = Day(data_key="to", metadata=_said("reported on this day or earlier"))
    status = fields.String(validate=_words(CaseStatus))
    area = AreaKey(metadata=_said("level:code; all that lie in it"))
    edition = WholeNumber(
        validate=validate.Range(1, 10**6),
        metadata=_said("by whose borders the area is meant; without it the one in force"),
    )
    unlocated = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
    limit = WholeNumber(load_default=100, validate=validate.Range(1, MOST))
    after = Text(metadata=_said("the case that the page before ended with"))


class AreaArguments(ma.Schema):
    """A filter of areas and the edition."""

    edition = WholeNumber(
        validate=validate.Range(1, 10**6), metadata=_said("without it the one in force")
    )
    level = Text(metadata=_said("without it and a parent the topmost one"))
    parent = AreaKey(metadata=_said("level:code; only what lies directly in it"))
    limit = WholeNumber(load_default=100, validate=validate.Range(1, MOST))
    after = AreaKey(metadata=_said("the area that the page before ended with"))


class OneAreaArguments(ma.Schema):
    """The edition of the requested area."""

    edition = WholeNumber(
        validate=validate.Range(1, 10**6), metadata=_said("without it the one in force")
    )
    on = Moment(metadata=_said("the edition in force then; not together with edition"))


class LocateArguments(ma.Schema):
    """A position and a time."""

    lon = DecimalNumber(
        required=True, validate=_WITHIN, metadata=_said("degrees, or easting in metres")
    )
    lat = DecimalNumber(
        required=True, validate=_WITHIN, metadata=_said("degrees, or northing in metres")
    )
    crs = Text(metadata=_said("EPSG:n, gcj02, bd09 or a name of the deployment's own table"))
    at = Moment(metadata=_said("the edition in force then; without it now"))


class ReportSchema(ma.Schema):
    """A case to be reported."""

    case_no = Code(metadata=_said("without it one is given, and nothing tells a repetition"))
    category = Code(required=True)
    reported_at = Moment(metadata=_said("without it now"))
    due_at = Moment(
        metadata=_said(
            "without it the deadline follows from the time limit of the category, and is"
            " provisional; if the category has several, none is set unless due_limit says which"
        )
    )
    due_limit = Text(
        metadata=_said("the time limit of the category that applies, as it is written there")
    )
    lon = DecimalNumber(validate=_WITHIN, metadata=_said("degrees, or easting in metres"))
    lat = DecimalNumber(validate=_WITHIN, metadata=_said("degrees, or northing in metres"))
    crs = Text(metadata=_said("EPSG:n, gcj02, bd09 or a name of the deployment's own table"))
    accuracy_m = DecimalNumber(validate=validate.Range(0, 1e6))
    channel = Text()
    description = Text(LONGEST_TEXT)
    address = Text(LONGEST_TEXT)


class PositionSchema(ma.Schema):
    """A position in degrees, EPSG:4326."""

    lon = fields.Float(required=True)
    lat = fields.Float(required=True)


class GivenPositionSchema(ma.Schema):
    """The position as it was sent."""

    x = fields.Float(required=True)
    y = fields.Float(required=True)
    crs = fields.String(required=True, allow_none=True)


class CaseSchema(ma.Schema):
    """A case with its present state."""

    case_no = fields.String(required=True)
    category = fields.String(required=True)
    status = fields.String(required=True, validate=_words(CaseStatus))
    reported_at = Moment(required=True)
    due_at = Moment(required=True, allow_none=True)
    due_limit = fields.String(
        required=True, allow_none=True, metadata=_said("the time limit it is due by")
    )
    due_provisional = fields.Boolean(
        required=True,
        metadata=_said(
            "whether due_at was computed from due_limit in plain hours, nights and holidays"
            " included"
        ),
    )
    disposed_at = Moment(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    position = fields.Nested(PositionSchema, required=True, allow_none=True)
    given = fields.Nested(GivenPositionSchema, required=True, allow_none=True)
    accuracy_m = fields.Float(required=True, allow_none=True)
    edition = fields.Integer(required=True, allow_none=True)
    level = fields.String(required=True, allow_none=True)
    area = fields.String(required=True, allow_none=True)
    on_boundary = fields.Boolean(required=True)
    snapped = fields.Boolean(required=True)
    distance_m = fields.Float(required=True, allow_none=True)
    candidates = fields.List(fields.String(), required=True)
    unlocated_reason = fields.String(
        required=True, allow_none=True, validate=_nullable(UnlocatedReason)
    )
    responder = fields.String(required=True, allow_none=True)
    unrouted_reason = fields.String(
        required=True, allow_none=True, validate=_nullable(UnroutedReason)
    )
    marks = fields.List(fields.String(validate=_words(CaseMark)), required=True)
    description = fields.String(allow_none=True, metadata=_said("only with personal=true"))
    address = fields.String(allow_none=True, metadata=_said("only with personal=true"))


class SentenceSchema(ma.Schema):
    """The same sentence in Chinese and in English."""

    zh = fields.String(required=True)
    en = fields.String(required=True)


class AlikeSchema(ma.Schema):
    """An open case that may be a duplicate; ``hours`` later, negative if earlier."""

    case_no = fields.String(required=True)
    metres = fields.Float(required=True)
    hours = fields.Float(required=True)


class ReportedSchema(CaseSchema):
    """A case that was just reported, with its possible duplicates.

    ``due_limits`` are the time limits of its category, and ``due_note`` says what became of
    them: which of them gave the deadline, or why none was set.
    """

    alike = fields.List(fields.Nested(AlikeSchema), required=True)
    due_limits = fields.List(fields.String(), required=True)
    due_note = fields.Nested(SentenceSchema, required=True, allow_none=True)


class EventSchema(ma.Schema):
    """An event of a case."""

    seq = fields.Integer(required=True)
    kind = fields.String(required=True, validate=_words(CaseEventKind))
    happened_at = Moment(required=True)
    actor = fields.String(required=True)
    detail = fields.Dict(keys=fields.String(), required=True)


class CaseStorySchema(CaseSchema):
    """A case with its events."""

    events = fields.List(fields.Nested(EventSchema), required=True)


class CasePageSchema(ma.Schema):
    """Cases, newest first; ``next`` is the value for ``after``, null at the end."""

    cases = fields.List(fields.Nested(CaseSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class SentencesSchema(ma.Schema):
    """The same sentences in Chinese and in English."""

    zh = fields.List(fields.String(), required=True)
    en = fields.List(fields.String(), required=True)


class ExplanationSchema(ma.Schema):
    """Why a case went to its responder."""

    case_no = fields.String(required=True)
    sentences = fields.Nested(SentencesSchema, required=True)
    trace = fields.Dict(keys=fields.String(), required=True)
    same_again = fields.Boolean(
        required=True, metadata=_said("whether judging it once more gives the same answer")
    )
    phones = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata=_said("of the responders involved; only with personal=true"),
    )


class AreaNameSchema(ma.Schema):
    """An area with its name."""

    level = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)


class AreaSchema(AreaNameSchema):
    """An area of an edition; ``children`` is the number of areas directly below it."""

    parent = fields.String(required=True, allow_none=True)
    area_m2 = fields.Float(required=True)
    children = fields.Integer(required=True)


class AreaPageSchema(ma.Schema):
    """Areas; ``next`` is the value for ``after``, null at the end."""

    edition = fields.Integer(required=True)
    areas = fields.List(fields.Nested(AreaSchema), required=True)
    next = fields.String(required=True, allow_none=True)


class GeometrySchema(ma.Schema):
    """A GeoJSON MultiPolygon, longitude and latitude."""

    type = fields.String(required=True, validate=validate.OneOf(["MultiPolygon"]))
    coordinates = fields.List(
        fields.List(fields.List(fields.List(fields.Float()))), required=True
    )


class AllowedGapSchema(ma.Schema):
    """Ground of an area that is meant to lie in none of the areas in it."""

    name = fields.String(required=True)
    reason = fields.String(required=True)
    geometry = fields.Nested(GeometrySchema, required=True)


class OneAreaSchema(AreaSchema):
    """An area with its outline and the areas it lies in, nearest first."""

    edition = fields.Integer(required=True)
    within = fields.List(fields.Nested(AreaNameSchema), required=True)
    attributes = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "values by attribute, text or number; unknown ones are absent"
        },
    )
    gaps = fields.List(fields.Nested(AllowedGapSchema), required=True)
    geometry = fields.Nested(GeometrySchema, required=True)


class LocationSchema(ma.Schema):
    """The location of a position; ``areas`` has the smallest area first."""

    lon = fields.Float(required=True)
    lat = fields.Float(required=True)
    at = Moment(required=True)
    edition = fields.Integer(required=True, allow_none=True)
    areas = fields.List(fields.Nested(AreaNameSchema), required=True)
    candidates = fields.List(fields.String(), required=True)
    on_boundary = fields.Boolean(required=True)
    snapped = fields.Boolean(required=True)
    distance_m = fields.Float(required=True, allow_none=True)
    unlocated_reason = fields.String(
        required=True, allow_none=True, validate=_nullable(UnlocatedReason)
    )
