"""By what each case went to its responder: a letter, a component, an office, or a person."""

from collections.abc import Mapping, Sequence

from sqlalchemy.engine import Connection

from gridmgmt.domain.headings import Language
from gridmgmt.domain.judging.decision import (
    COMPONENT,
    FORCED_ADJUDICATION,
    TERRITORIAL_FALLBACK,
)
from gridmgmt.services.judging.code_names import CodeNames
from gridmgmt.store.cases.case_bases import CaseBasis, read_bases

_WORDS: Mapping[str, Mapping[Language, str]] = {
    "assigned": {"zh": "人工指派", "en": "given by a person"},
    COMPONENT: {"zh": "部件 {}", "en": "component {}"},
    TERRITORIAL_FALLBACK: {"zh": "属地兜底", "en": "the street's own office"},
    FORCED_ADJUDICATION: {"zh": "强制派遣", "en": "the district centre"},
    "duty": {"zh": "责任 {}", "en": "duty {}"},
}


def duty_sources(conn: Connection, case_nos: Sequence[str], names: CodeNames) -> dict[str, str]:
    """Return for each case with a responder by what it went there.

    A duty is called by the number of its letter, else by its own number.
    """
    return {
        case_no: _source(basis, names) for case_no, basis in read_bases(conn, case_nos).items()
    }


def _source(basis: CaseBasis, names: CodeNames) -> str:
    language = names.language
    if basis.is_assigned:
        return _WORDS["assigned"][language]
    if basis.rule == COMPONENT:
        return _WORDS[COMPONENT][language].format(basis.component)
    if basis.fallback is not None and basis.fallback in _WORDS:
        return _WORDS[basis.fallback][language]
    duty = _WORDS["duty"][language]
    letters = [names.letter(one) or duty.format(one) for one in basis.duty_ids]
    return ("、" if language == "zh" else ", ").join(dict.fromkeys(letters))
