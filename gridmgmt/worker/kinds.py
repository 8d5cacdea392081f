"""The kinds of long work there are; each is a function in a module of its own."""

from collections.abc import Mapping

from gridmgmt.worker.case_imports import case_import
from gridmgmt.worker.work import Work

KINDS: Mapping[str, Work] = {
    "case_import": case_import,
}
