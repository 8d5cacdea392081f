"""The choice of cases as parameters of API requests, the same wherever cases are counted."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from gridmgmt.domain.case_choice import CHOSEN, CaseChoice
from gridmgmt.domain.responsibility.category import CategoryClass
from web.api.fields import Chosen, Text
from web.pages.case_filters import as_set


def _said(text: str) -> dict[str, str]:
    return {"description": text}


class ChoiceArguments(ma.Schema):
    """A choice of cases, the same wherever cases are listed or counted."""

    open = fields.Boolean(
        truthy={"true"}, falsy={"false"}, metadata=_said("neither disposed of nor closed")
    )
    overdue = fields.Boolean(
        truthy={"true"}, falsy={"false"}, metadata=_said("open and past the deadline")
    )
    category = Text()
    category_class = Chosen(
        data_key="class", metadata={"enum": [str(one) for one in CategoryClass]}
    )
    major_class = Text(metadata=_said("of the category, 大类"))
    responder = Text()
    channel = Chosen(metadata=_said("several with commas; one with a comma in double quotes"))
    weekday = Chosen(
        metadata=_said("of the report on the bureau's clock: 1 Monday to 7 Sunday, with commas")
    )
    hour = Chosen(
        metadata=_said("of the report on the bureau's clock: 0 to 23, several with commas")
    )

    @ma.post_load
    def choose(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Add the choice that the parameters make."""
        given = {**data, "class": data.get("category_class")}
        texts = {name: str(given[name]) for name in CHOSEN if given.get(name)}
        return {**data, "choice": as_set(CaseChoice.read(texts))}
