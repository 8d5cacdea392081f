"""The names of the codes and persons in an explanation."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Names:
    """The names of codes; a code without a name is shown as the code.

    ``levels`` have (Chinese, English) by level, ``areas`` names by (level, code), ``places``
    those of groups, road segments and zones by (target, code). ``people`` are the names of
    accounts by user name.
    """

    levels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    areas: Mapping[tuple[str, str], str] = field(default_factory=dict)
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)
    responders: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)

    def person(self, username: str) -> str:
        """Return the name of a person, or the user name where no name is known.

        Examples
        --------
        >>> Names(people={"wang": "王伟"}).person("wang"), Names().person("wang")
        ('王伟', 'wang')
        """
        return self.people.get(username) or username
