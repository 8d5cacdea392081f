"""Demolitions of unlawful structures."""

from enum import StrEnum


class DemolitionMode(StrEnum):
    """Who took the structure down."""

    SELF = "self"
    ASSISTED = "assisted"
    FORCED = "forced"
