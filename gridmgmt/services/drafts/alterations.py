"""What is different about areas that exist before and after a change."""

from dataclasses import dataclass

from gridmgmt.domain.areas.attributes import AttributeChange, attribute_changes
from gridmgmt.geometry.coverage.changes import alterations, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas


@dataclass(frozen=True)
class Alteration:
    """One area whose outline, name, parent or attributes are different."""

    code: str
    redrawn: bool
    old_name: str | None
    new_name: str | None
    old_parent: str | None
    new_parent: str | None
    attributes: tuple[AttributeChange, ...] = ()

    @property
    def renamed(self) -> bool:
        """Return whether the name is different."""
        return self.old_name != self.new_name

    @property
    def moved(self) -> bool:
        """Return whether the parent is different."""
        return self.old_parent != self.new_parent


def altered(before: LevelAreas, after: LevelAreas) -> tuple[Alteration, ...]:
    """List what is different about the areas of both states, by code; equal ones are left out.

    Both are on the storage grid.
    """
    found = alterations(before, after)
    old, new = pick(before, found.codes), pick(after, found.codes)
    return tuple(
        Alteration(
            str(code),
            bool(found.geometry[n]),
            old.names[n],
            new.names[n],
            old.parent_codes[n],
            new.parent_codes[n],
            attribute_changes(old.attributes[n], new.attributes[n]),
        )
        for n, code in enumerate(found.codes)
        if found.any[n]
    )
