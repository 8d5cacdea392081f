"""Every exception of the platform, named after the situation and carrying its facts.

Attributes hold the facts and ``__str__`` makes the ``Sentence``. Exit codes and HTTP status
codes are given at the edges only (``gridmgmt.cli``, ``web``).
"""

from collections.abc import Iterable, Sequence

from gridmgmt.sentence import Sentence, joined


class GridMgmtError(Exception):
    """Something went wrong that a person can be told about."""


def _with_problems(headline: Sentence, problems: Sequence[str]) -> Sentence:
    return joined("\n  - ", [headline, *problems]) if problems else headline


def _with_remedy(text: Sentence, remedy: str) -> Sentence:
    return Sentence("{}\n  what to do: {}", text, remedy)


class InputError(GridMgmtError):
    """An argument given by a person cannot be used.

    ``problems`` holds one sentence each where there are several; ``message`` says them all.
    """

    def __init__(self, field: str, message: str, *, problems: Sequence[str] = ()) -> None:
        super().__init__(field, message)
        self.field = field
        self.message = message
        self.problems = tuple(problems) or (message,)

    def __str__(self) -> str:
        return Sentence("{}: {}", self.field, self.message)


class LayerError(GridMgmtError):
    """A file or a layer in it cannot be used; nothing of it was loaded.

    ``problems`` holds one sentence for every row or feature at fault.
    """

    def __init__(
        self, path: object, message: str, *, problems: Sequence[str] = (), remedy: str = ""
    ) -> None:
        super().__init__(path, message)
        self.path = str(path)
        self.message = message
        self.problems = tuple(problems)
        self.remedy = remedy

    def __str__(self) -> str:
        text = _with_problems(Sentence("{}: {}", self.path, self.message), self.problems)
        return _with_remedy(text, self.remedy) if self.remedy else text


class CRSError(LayerError):
    """The coordinate reference system is missing, unknown or contradicted by the numbers."""


class FieldError(LayerError):
    """A column or attribute that was asked for is not there."""

    def __init__(self, path: object, field: str, available: Sequence[str], *more: str) -> None:
        listed = ", ".join(available) or "none"
        wanted = " and no field ".join(repr(one) for one in (field, *more))
        super().__init__(
            path,
            Sentence("has no field {}", wanted),
            remedy=Sentence("choose one of: {}", listed),
        )
        self.fields = (field, *more)
        self.available = tuple(available)

    @classmethod
    def check(cls, path: object, wanted: Iterable[str], available: Sequence[str]) -> None:
        """Raise naming all the wanted fields that are not there, when there are any."""
        missing = dict.fromkeys(field for field in wanted if field not in available)
        if missing:
            first, *more = missing
            raise cls(path, first, available, *more)


class GeometryError(LayerError):
    """Features carry geometry that cannot be stored."""


class CoverageError(GridMgmtError):
    """Areas do not tile their parents within the tolerance.

    ``problems`` holds a sentence for each, ``found`` the problems as the check gave them.
    """

    def __init__(
        self, subject: str, problems: Sequence[str], found: Sequence[object] = ()
    ) -> None:
        super().__init__(subject, problems)
        self.subject = subject
        self.problems = tuple(problems)
        self.found = tuple(found)

    def __str__(self) -> str:
        count = len(self.problems)
        headline = Sentence("{}: {} problem(s) block it", self.subject, count)
        return _with_problems(headline, self.problems)


class EditionError(GridMgmtError):
    """An edition is in the wrong state for what was asked."""


class DraftError(GridMgmtError):
    """A draft is in the wrong state for what was asked."""


class DraftConflictError(DraftError):
    """Something published since the draft's base touches what the draft changes."""

    def __init__(
        self, label: str, conflicts: Sequence[str], editions: Sequence[str] = ()
    ) -> None:
        super().__init__(label, conflicts)
        self.label = label
        self.conflicts = tuple(conflicts)
        self.editions = tuple(editions)

    def __str__(self) -> str:
        label = repr(self.label)
        headline = (
            Sentence(
                "draft {} conflicts with what was published since its base: {}",
                label,
                joined(", ", self.editions),
            )
            if self.editions
            else Sentence("draft {} conflicts with what was published since its base", label)
        )
        remedy = Sentence(
            "compare with `edition diff`, state what is still wanted in a new draft, which"
            " rests on the newest edition, and delete this one"
        )
        return _with_remedy(_with_problems(headline, self.conflicts), remedy)


class DraftChangedError(DraftError):
    """Somebody worked on a draft since the one who asks looked at it.

    ``since`` holds who did what, the newest first.
    """

    def __init__(self, label: str, since: Sequence[tuple[str, str]]) -> None:
        super().__init__(label, since)
        self.label = label
        self.since = tuple(since)

    def __str__(self) -> str:
        done = ", ".join(f"{action} by {actor}" for actor, action in self.since)
        return Sentence(
            "draft {} was changed since you looked at it: {}; look again",
            repr(self.label),
            done,
        )


class NotAllowedError(GridMgmtError):
    """The one who asks may not do this."""


class TooManyAttemptsError(GridMgmtError):
    """Something was tried too often; it may be tried again after ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return Sentence("too many attempts; try again in {} second(s)", self.seconds)


class AccountError(GridMgmtError):
    """An account is in the wrong state for what was asked."""


class CaseError(GridMgmtError):
    """A case is in the wrong state for what was asked."""


class TransitionError(CaseError):
    """What was asked cannot be done to a case that stands where this one does."""

    def __init__(self, case_no: str, action: str, status: str) -> None:
        super().__init__(case_no, action, status)
        self.case_no = case_no
        self.action = action
        self.status = status

    def __str__(self) -> str:
        return Sentence(
            "case {} is {}: nobody can {} it now", self.case_no, self.status, self.action
        )


class CaseChangedError(CaseError):
    """Somebody else changed a case since it was shown to the one who acts on it."""

    def __init__(self, case_no: str, by: str, kind: str) -> None:
        super().__init__(case_no, by, kind)
        self.case_no = case_no
        self.by = by
        self.kind = kind

    def __str__(self) -> str:
        return Sentence(
            "case {} was changed meanwhile by {} ({})", self.case_no, self.by, self.kind
        )


class NoRoomError(GridMgmtError):
    """There is no room to keep a file."""


class NotFoundError(GridMgmtError):
    """Nothing of this kind has this key; ``known`` are those there are, where they are few."""

    def __init__(self, kind: str, key: object, known: Sequence[str] = ()) -> None:
        super().__init__(kind, key)
        self.kind = kind
        self.key = key
        self.known = tuple(known)

    def __str__(self) -> str:
        text = Sentence("there is no {} {}", self.kind, repr(self.key))
        if not self.known:
            return text
        return Sentence("{}; choose one of: {}", text, ", ".join(self.known))


class SettingsError(GridMgmtError):
    """Settings are missing or malformed; all of them are listed at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return _with_problems(Sentence("the settings cannot be used"), self.problems)


class ReaderError(GridMgmtError):
    """The process that reads files cannot be started, or not be kept from other files."""


class StoreError(GridMgmtError):
    """The database cannot be reached or refused the work."""


class SchemaError(StoreError):
    """The database has another schema than this program was written for.

    ``found`` is its revision, None where it has no schema; ``known`` the newest revision the
    program knows.
    """

    def __init__(self, found: str | None, known: str) -> None:
        super().__init__(found, known)
        self.found = found
        self.known = known

    @property
    def is_newer(self) -> bool:
        """Whether the database was made by a newer program than this one."""
        # Numbers of four digits; whatever else stands there, this program did not make it.
        return self.found is not None and not "0000" < self.found < self.known

    def __str__(self) -> str:
        if self.is_newer:
            text = Sentence(
                "the database is at schema {}, this program knows up to {}",
                self.found,
                self.known,
            )
            remedy = Sentence("install the newer program, or restore a dump")
            return _with_remedy(text, remedy)
        text = (
            Sentence(
                "the database is at schema {}, this program needs {}", self.found, self.known
            )
            if self.found
            else Sentence("the database has no schema, this program needs {}", self.known)
        )
        return _with_remedy(text, Sentence("bring its schema up with: gridmgmt db migrate"))


class ClusterError(StoreError):
    """The private PostGIS cluster cannot be made, started or trusted."""
