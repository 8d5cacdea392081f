"""The kinds of jobs; each is a function in its own module."""

from collections.abc import Mapping

from gridmgmt.worker.case_exports import case_export
from gridmgmt.worker.case_imports import case_import
from gridmgmt.worker.case_reroutes import case_reroute
from gridmgmt.worker.draft_impacts import draft_impact
from gridmgmt.worker.draft_publications import draft_publish
from gridmgmt.worker.edition_extensions import edition_extension
from gridmgmt.worker.work import Work

KINDS: Mapping[str, Work] = {
    "case_export": case_export,
    "case_import": case_import,
    "case_reroute": case_reroute,
    "draft_impact": draft_impact,
    "draft_publish": draft_publish,
    "edition_extension": edition_extension,
}
