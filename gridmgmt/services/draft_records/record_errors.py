"""What is wrong with the rows of a draft beside its areas, and what others changed of them."""

from collections.abc import Sequence

from gridmgmt.errors import DraftConflictError, DraftError, ProblemsError
from gridmgmt.sentence import Sentence, joined


class DraftRecordsError(ProblemsError, DraftError):
    """Rows that a draft states beside areas cannot be used."""

    def __init__(self, label: str, problems: Sequence[str]) -> None:
        super().__init__(label, problems)
        self.label = self.subject_name = label
        self.listed = tuple(problems)

    def _headline(self) -> Sentence:
        return Sentence(
            "draft {}: {} problem(s) of rows beside its areas; nothing was done",
            repr(self.label),
            len(self.listed),
        )


class RecordConflictError(DraftConflictError):
    """A draft states rows beside areas that others have changed since.

    Parameters
    ----------
    areas : what was published since the draft's base and conflicts with its areas, if anything
    """

    def __init__(
        self, label: str, areas: DraftConflictError | None, rows: Sequence[str]
    ) -> None:
        self._areas = areas
        remedy = Sentence(
            "look at each row; {} as a line of `draft edit` keeps what the draft states, {}"
            " lets it go, each with the number of its edit",
            '{"op": "keep_record", "edit": …}',
            '{"op": "take_back_record", "edit": …}',
        )
        if areas is None:
            super().__init__(label, rows, remedy=remedy)
        else:
            super().__init__(
                label,
                (*areas.conflicts, *rows),
                areas.editions,
                details=areas.details,
                remedy=joined("; ", [areas.remedy, remedy]),
            )

    def _headline(self) -> Sentence:
        if self._areas:
            return super()._headline()
        return Sentence("draft {} conflicts with what others changed since", repr(self.label))
