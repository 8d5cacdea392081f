"""All exceptions of the platform, named after the situation, with its facts as attributes.

``__str__`` makes the ``Sentence`` from the attributes. Only the edges (``gridmgmt.cli``,
``web``) assign exit codes and HTTP status codes.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from gridmgmt.sentence import Sentence, joined

# So many fields of a file are offered in its place.
_MOST_FIELDS = 100


class GridMgmtError(Exception):
    """Something went wrong that can be explained to a person."""


def _with_problems(headline: Sentence, problems: Sequence[str]) -> Sentence:
    return joined("\n  - ", [headline, *problems]) if problems else headline


def _with_remedy(text: Sentence, remedy: str) -> Sentence:
    return Sentence("{}\n  what to do: {}", text, remedy)


class ProblemsError(GridMgmtError, ABC):
    """Many things went wrong together.

    ``listed`` has one sentence for each. ``subject_name`` is the name of what they are about,
    without a folder.
    """

    listed: tuple[str, ...]
    subject_name: str
    remedy: str = ""

    def __str__(self) -> str:
        return self.told(self.listed)

    def told(self, problems: Sequence[str]) -> str:
        """Return the text with other lines in the place of the problems."""
        text = _with_problems(self._headline(), problems)
        return _with_remedy(text, self.remedy) if self.remedy else text

    @abstractmethod
    def _headline(self) -> Sentence:
        """Return what went wrong, without the problems."""


class InputError(GridMgmtError):
    """An argument of a person is invalid.

    ``problems`` has one sentence for each of several problems; ``message`` contains them all.
    """

    def __init__(self, field: str, message: str, *, problems: Sequence[str] = ()) -> None:
        super().__init__(field, message)
        self.field = field
        self.message = message
        self.problems = tuple(problems) or (message,)

    def __str__(self) -> str:
        return Sentence("{}: {}", self.field, self.message)


class FieldsError(InputError):
    """Fields that a person filled in are invalid; ``by_field`` has the sentences about each."""

    def __init__(self, by_field: Mapping[str, Sequence[str]]) -> None:
        problems = [
            Sentence("{}: {}", field, problem)
            for field, some in by_field.items()
            for problem in some
        ]
        super().__init__(next(iter(by_field)), joined("; ", problems), problems=problems)
        self.by_field = {field: tuple(some) for field, some in by_field.items()}

    def __str__(self) -> str:
        return self.message


class LayerError(ProblemsError):
    """A file or a layer in it cannot be used; nothing of it was loaded.

    ``problems`` has one sentence for every faulty row or feature.
    """

    def __init__(
        self, path: object, message: str, *, problems: Sequence[str] = (), remedy: str = ""
    ) -> None:
        super().__init__(path, message)
        self.path = str(path)
        self.message = message
        self.problems = self.listed = tuple(problems)
        self.subject_name = Path(self.path).stem
        self.remedy = remedy

    @classmethod
    def of_nothing(cls, path: object, message: str) -> "LayerError":
        """Return the error of a file or a layer that has nothing in it."""
        return cls(path, message, remedy=Sentence("export the file again"))

    def _headline(self) -> Sentence:
        return Sentence("{}: {}", self.path, self.message)


class CRSError(LayerError):
    """The coordinate reference system is missing, unknown or contradicted by the numbers."""


class FieldError(LayerError):
    """A required column or attribute does not exist."""

    def __init__(self, path: object, field: str, available: Sequence[str], *more: str) -> None:
        shown = ", ".join(available[:_MOST_FIELDS]) or "none"
        if len(available) > _MOST_FIELDS:
            shown = Sentence("{} and {} more", shown, f"{len(available) - _MOST_FIELDS:,}")
        absent = Sentence("has no field {}", repr(field))
        if more:
            others = " and no field ".join(repr(one) for one in more)
            absent = Sentence("has no field {} and no field {}", repr(field), others)
        super().__init__(path, absent, remedy=Sentence("choose one of: {}", shown))
        self.fields = (field, *more)
        self.available = tuple(available)

    @classmethod
    def check(cls, path: object, wanted: Iterable[str], available: Sequence[str]) -> None:
        """Raise FieldError with all wanted fields that do not exist, if there are any."""
        missing = dict.fromkeys(field for field in wanted if field not in available)
        if missing:
            first, *more = missing
            raise cls(path, first, available, *more)


class GeometryError(LayerError):
    """Features have geometry that cannot be stored."""


class CoverageError(ProblemsError):
    """Areas do not tile their parents within the tolerance.

    ``problems`` has a sentence for each problem, ``found`` the problems of the check.
    """

    def __init__(
        self, subject: str, problems: Sequence[str], found: Sequence[object] = ()
    ) -> None:
        super().__init__(subject, problems)
        self.subject = self.subject_name = subject
        self.problems = self.listed = tuple(problems)
        self.found = tuple(found)

    def _headline(self) -> Sentence:
        return Sentence("{}: {} problem(s) block it", self.subject, len(self.problems))


class EditionError(GridMgmtError):
    """An edition is in the wrong state for an action."""


class DraftError(GridMgmtError):
    """A draft is in the wrong state for an action."""


class DraftConflictError(ProblemsError, DraftError):
    """A draft and others since changed the same differently; ``details`` are for programs."""

    def __init__(
        self,
        label: str,
        conflicts: Sequence[str],
        editions: Sequence[str] = (),
        *,
        details: Sequence[Mapping[str, object]] = (),
        remedy: str = "",
    ) -> None:
        super().__init__(label, conflicts)
        self.label = self.subject_name = label
        self.conflicts = self.listed = tuple(conflicts)
        self.editions, self.details, self.remedy = tuple(editions), tuple(details), remedy

    def _headline(self) -> Sentence:
        return Sentence(
            "draft {} conflicts with what was published since its base: {}",
            repr(self.label),
            joined(", ", self.editions),
        )


class DraftChangedError(DraftError):
    """Somebody changed a draft since this person looked at it.

    ``since`` has who did what, newest first.
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
    """The person or program may not do this."""


class TooManyAttemptsError(GridMgmtError):
    """Something was tried too often; it may be tried again after ``seconds``."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return Sentence("too many attempts; try again in {} second(s)", self.seconds)


class AccountError(GridMgmtError):
    """An account is in the wrong state for an action."""


class CaseError(GridMgmtError):
    """A case is in the wrong state for an action."""


class TransitionError(CaseError):
    """The action is not possible in the present status of the case."""

    def __init__(self, case_no: str, action: str, status: str) -> None:
        super().__init__(case_no, action, status)
        self.case_no, self.action, self.status = case_no, action, status

    def __str__(self) -> str:
        return Sentence(
            "case {} is {}: nobody can {} it now", self.case_no, self.status, self.action
        )


class CaseChangedError(CaseError):
    """Somebody else changed a case since it was shown to this person."""

    def __init__(self, case_no: str, by: str, kind: str) -> None:
        super().__init__(case_no, by, kind)
        self.case_no = case_no
        self.by = by
        self.kind = kind

    def __str__(self) -> str:
        return Sentence(
            "case {} was changed meanwhile by {} ({})", self.case_no, self.by, self.kind
        )


class OutdatedPreviewError(GridMgmtError):
    """A change of duties or of a role would do something else by now than was seen."""

    def __str__(self) -> str:
        return Sentence("others changed the same meanwhile: look again at what this would do")


class NoRoomError(GridMgmtError):
    """There is no room to store a file."""


class NotFoundError(GridMgmtError):
    """Nothing of this kind has this key; ``known`` lists the existing keys if few."""

    def __init__(
        self, kind: str, key: object, known: Sequence[str] = (), *, remedy: str = ""
    ) -> None:
        super().__init__(kind, key)
        self.kind, self.key = kind, key
        self.known, self.remedy = tuple(known), remedy

    def __str__(self) -> str:
        text = Sentence("there is no {} {}", self.kind, repr(self.key))
        if self.known:
            text = Sentence("{}; choose one of: {}", text, ", ".join(self.known))
        return _with_remedy(text, self.remedy) if self.remedy else text


class SettingsError(GridMgmtError):
    """Settings are missing or invalid; all of them are listed together."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return _with_problems(Sentence("the settings cannot be used"), self.problems)


class ReaderError(GridMgmtError):
    """The process that reads files cannot be started, or cannot be isolated."""


class FontError(GridMgmtError):
    """The machine has no font with which a document could be written."""


class StoreError(GridMgmtError):
    """The database cannot be reached or refused the work."""


class SchemaError(StoreError):
    """The database has another schema than this program was written for.

    ``found`` is its revision, None without a schema; ``known`` is the newest revision of the
    program.
    """

    def __init__(self, found: str | None, known: str) -> None:
        super().__init__(found, known)
        self.found = found
        self.known = known

    @property
    def is_newer(self) -> bool:
        """Return whether a newer program made the schema of the database."""
        # Revisions are numbers of four digits; anything else is not from this program.
        return self.found is not None and not "0000" < self.found < self.known

    def __str__(self) -> str:
        if self.is_newer:
            text = Sentence(
                "the database is at schema {}, this program knows up to {}",
                self.found,
                self.known,
            )
            return _with_remedy(text, Sentence("install the newer program, or restore a dump"))
        text = Sentence("the database has no schema, this program needs {}", self.known)
        if self.found:
            text = Sentence(
                "the database is at schema {}, this program needs {}", self.found, self.known
            )
        return _with_remedy(text, Sentence("bring its schema up with: gridmgmt db migrate"))


class ClusterError(StoreError):
    """The private PostGIS cluster cannot be made, started or trusted."""
