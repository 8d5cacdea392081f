"""Classes of components, and the class that a word in a file means."""

from collections.abc import Iterable, Mapping

from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.domain.responsibility.component import class_digits
from gridmgmt.sentence import Sentence


class ComponentClasses:
    """The classes that categories know, by all their names.

    Parameters
    ----------
    categories : only mapped ones count
    words : word of a file -> class, category or name of one
    for_all : class of components whose column and code state none
    """

    def __init__(
        self,
        categories: Iterable[Category],
        words: Mapping[str, str] | None = None,
        for_all: str | None = None,
    ) -> None:
        self._words, self._for_all = dict(words or {}), for_all
        known = [one for one in categories if one.mapped]
        self._by_category = {one.code: one.component_class for one in known}
        # Digits in a code mean the list of components, never that of events.
        fixed = [one for one in known if one.category_class is not CategoryClass.EVENT]
        self._digits = {one.component_class for one in fixed}
        self._by_name: dict[str, set[str]] = {}
        for one in fixed:
            for name in (one.name, one.minor_class):
                if name:
                    self._by_name.setdefault(name, set()).add(one.component_class)

    def of(self, word: str | None, code: str) -> str:
        """Return the class of a component by its row, else by its code.

        Raises
        ------
        ValueError
            naming the class that no category knows, or saying that the class is missing
        """
        if word is None and self._for_all is not None:
            word = self._for_all
        if word is not None:
            return self._called(self._words.get(word, word))
        # Read from a code of 16 digits, and never guessed (DECISIONS 33).
        digits = class_digits(code)
        if digits is None:
            raise ValueError(
                Sentence(
                    "class_code is empty, and code {} does not have the 16 digits "
                    "that would state it: name a column with --map class_code=…, "
                    "or a class with --class",
                    repr(code),
                )
            )
        if digits in self._words:
            return self._called(self._words[digits])
        if digits not in self._digits:
            raise _unknown(digits)
        return digits

    def _called(self, word: str) -> str:
        if word in self._digits:
            return word
        if word in self._by_category:
            return self._by_category[word]
        named = self._by_name.get(word, set())
        # Only a person knows which of several classes with this name is meant.
        if len(named) > 1:
            raise ValueError(
                Sentence(
                    "{}: {} may be any of {}",
                    "class_code",
                    repr(word),
                    ", ".join(sorted(named)),
                )
            )
        if not named:
            raise _unknown(word)
        return next(iter(named))


def _unknown(word: str) -> ValueError:
    return ValueError(
        Sentence("{}: no category is about components of class {}", "class_code", repr(word))
    )


def class_names(categories: Iterable[Category]) -> dict[str, str]:
    """Return a name for each class.

    It is the minor class of its categories, else the name of a category.
    """
    names: dict[str, str] = {}
    for one in categories:
        if one.category_class is not CategoryClass.EVENT or one.class_code is None:
            names.setdefault(one.component_class, one.minor_class or one.name)
    return names
