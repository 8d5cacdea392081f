"""The roles as delivered, as the bureau reads them; held against the database by a test."""

from typing import NamedTuple


class DeliveredRole(NamedTuple):
    """A role with its names and its permissions, separated by blanks."""

    zh: str
    en: str
    permissions: str


ROLES = {
    "gis_officer": DeliveredRole(
        "网格管理员",
        "GIS officer",
        "see_overview see_map see_areas edit_drafts review_drafts publish_drafts see_duties"
        " edit_duties reroute_cases import_layers export_layers see_jobs use_api",
    ),
    "acceptor": DeliveredRole(
        "受理员",
        "Acceptor",
        "see_overview see_map see_cases see_personal report_cases place_cases import_cases"
        " see_areas see_duties see_jobs use_api",
    ),
    "duty_chief": DeliveredRole(
        "值班长",
        "Duty chief",
        "see_overview see_map see_cases see_personal report_cases place_cases assign_cases"
        " bounce_cases dispose_cases close_cases supervise_cases import_cases reroute_cases"
        " see_areas see_duties export_cases see_jobs use_api",
    ),
    "dispatcher": DeliveredRole(
        "派遣员",
        "Dispatcher",
        "see_overview see_map see_cases see_personal place_cases assign_cases bounce_cases"
        " reroute_cases see_areas see_duties see_jobs use_api",
    ),
    "responder": DeliveredRole(
        "处置单位",
        "Responder",
        "see_map see_own_cases bounce_cases dispose_cases use_api",
    ),
    "street_chief": DeliveredRole(
        "街长",
        "Street chief",
        "see_overview see_map see_cases supervise_cases see_areas see_duties",
    ),
    "collector": DeliveredRole(
        "监督员",
        "Collector",
        "see_map see_reported_cases report_cases use_api",
    ),
    "commander": DeliveredRole(
        "指挥长",
        "Commander",
        "see_overview see_map see_cases see_areas review_drafts see_duties export_cases"
        " see_jobs",
    ),
    "planner": DeliveredRole(
        "规划员",
        "Planner",
        "see_overview see_map see_cases see_areas see_duties export_layers export_cases"
        " see_jobs use_api",
    ),
    "administrator": DeliveredRole(
        "系统管理员",
        "Administrator",
        "see_overview see_map see_areas see_duties see_jobs manage_accounts manage_displays"
        " see_audit",
    ),
}
