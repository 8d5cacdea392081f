"""The schemas of requests for figures and of their answers."""

import marshmallow as ma
from marshmallow import fields, validate

from web.api.choices import ChoiceArguments
from web.api.fields import Day, Moment, WholeNumber
from web.api.schemas import AreaNameSchema


def _said(text: str) -> dict[str, str]:
    return {"description": text}


class AreaFiguresArguments(ChoiceArguments):
    """The edition of the requested area, a period and a choice of cases."""

    edition = WholeNumber(
        validate=validate.Range(1, 10**6), metadata=_said("without it the one in force")
    )
    first = Day(
        data_key="from", metadata=_said("first day of the report; without it 30 days in all")
    )
    last = Day(
        data_key="to",
        metadata=_said("last day; without it that of the newest"),
    )


class RateSchema(ma.Schema):
    """A rate as its two counts; ``value`` is null where there is nothing to divide by."""

    numerator = fields.Integer(required=True)
    denominator = fields.Integer(required=True)
    value = fields.Float(required=True, allow_none=True)


class CountsSchema(ma.Schema):
    """Counts of cases by how they kept their deadlines, and the rates made of them."""

    cases = fields.Integer(required=True)
    open = fields.Integer(required=True)
    overdue = fields.Integer(required=True, metadata=_said("open and past the deadline"))
    on_time = fields.Integer(required=True)
    late = fields.Integer(required=True)
    without_due = fields.Integer(required=True, metadata=_said("no deadline, in no rate"))
    due = fields.Integer(required=True, metadata=_said("should be disposed of, 应处置数"))
    provisional = fields.Integer(
        required=True, metadata=_said("of due, those whose deadline is provisional")
    )
    pending = fields.Integer(required=True, metadata=_said("open and not yet due"))
    on_time_rate = fields.Nested(RateSchema, required=True)
    disposal_rate = fields.Nested(RateSchema, required=True)


class PeriodCountsSchema(ma.Schema):
    """Counts of the cases reported in a period, judged at ``as_of``."""

    first = fields.Date(required=True, data_key="from")
    last = fields.Date(required=True, data_key="to")
    as_of = Moment(required=True)
    figures = fields.Nested(CountsSchema, required=True)


class AreaFiguresSchema(PeriodCountsSchema):
    """Figures of an area of an edition, as the map shows them.

    ``figures`` leave out the cases ``at_default``. The earlier periods have as many days and
    are counted on the same ground; null where the data begin later.
    """

    edition = fields.Integer(required=True)
    area = fields.Nested(AreaNameSchema, required=True)
    chosen = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata=_said("the parameters that chose the cases"),
    )
    at_default = fields.Nested(
        CountsSchema, required=True, metadata=_said("cases at default coordinates")
    )
    before = fields.Nested(
        PeriodCountsSchema, required=True, allow_none=True, metadata=_said("the period before")
    )
    year_before = fields.Nested(
        PeriodCountsSchema, required=True, allow_none=True, metadata=_said("that of last year")
    )
