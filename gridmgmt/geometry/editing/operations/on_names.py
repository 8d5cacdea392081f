"""Operations on what areas are called, and on whether they are there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from gridmgmt.domain.areas.attributes import AttributeValue
from gridmgmt.geometry.editing import naming_edits
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.operations.operation import EditRules, Operation


@dataclass(frozen=True)
class Rename(Operation):
    """Give an area another name."""

    op: ClassVar[str] = "rename"
    code: str
    name: str

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        return naming_edits.rename(state, self.level, self.code, self.name)


@dataclass(frozen=True)
class Recode(Operation):
    """Give an area another code; the areas in it follow."""

    op: ClassVar[str] = "recode"
    code: str
    to: str

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        return naming_edits.recode(state, self.level, self.code, self.to)


@dataclass(frozen=True)
class SetAttributes(Operation):
    """Give areas values of attributes declared for their level; null takes one away."""

    op: ClassVar[str] = "set_attributes"
    codes: tuple[str, ...]
    values: Mapping[str, AttributeValue | None]

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        declared = rules.attributes.get(self.level, {})
        return naming_edits.set_attributes(state, self.level, self.codes, self.values, declared)


@dataclass(frozen=True)
class Retire(Operation):
    """Take an area out; no areas may be left in it."""

    op: ClassVar[str] = "retire"
    code: str

    def _applied(self, state: EditState, rules: EditRules) -> EditState:
        return naming_edits.retire(state, self.level, self.code)
