"""What a person chose about an export of cases."""

from dataclasses import dataclass, field

from gridmgmt.domain.headings import Language
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.case_pages import Order


@dataclass(frozen=True)
class CaseExport:
    """The options of an export of cases: which cases, in which order.

    ``edition``: judge every case by this edition too, without storing anything. ``level``: also
    name the area of this level. ``personal``: description and address too, which is written to
    the audit log. Times are in the time zone of ``rules``. ``language``: headings, names and
    words for people in it; None: the names of fields and values, for programs.
    """

    actor: str
    rules: JudgingRules
    edition: int | None = None
    level: str | None = None
    personal: bool = False
    wanted: CaseFilter = field(default_factory=CaseFilter)
    order: Order = field(default_factory=Order)
    language: Language | None = None
