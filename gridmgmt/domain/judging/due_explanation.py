"""Explain the deadline of a case in a sentence, in English or Chinese."""

from datetime import tzinfo

from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.headings import Language
from gridmgmt.domain.judging.explanation_words import said
from gridmgmt.domain.moments import shown


def explain_due(given: GivenCase, language: Language, tz: tzinfo) -> list[str]:
    """Explain by which time limit a case is due; nothing where none is stored with it."""
    if given.due_limit is None:
        return []
    if given.due_at is None:
        return [said(language, "limit_only", limit=given.due_limit)]
    key = "due_provisional" if given.due_provisional else "due_otherwise"
    return [said(language, key, limit=given.due_limit, at=shown(given.due_at, tz))]
