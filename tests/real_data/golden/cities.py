"""The cities that are asked: where their files lie and how they are brought in."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
# What the register of Hangzhou calls its classes, and who owns the components of each.
CLASSES = {"公共厕所": "0301", "公交站点": "0204", "公共自行车租赁点": "0225"}


@dataclass(frozen=True)
class Layer:
    """A layer of areas and its fields."""

    level: str
    layer: str
    code: str
    name: str
    parent: str = ""


@dataclass(frozen=True)
class City:
    """How a city is brought in.

    ``layers`` has the topmost level first; ``columns`` are those of the file of cases.
    ``editions`` are label, first day, --tolerance-m2, --where and, if it is another, the layer.
    ``drafts`` are checked, never published: label, level and the options of their import.
    ``duties_on`` is the level for whose areas responders are made up.
    """

    folder: Path
    tz: str
    layers: tuple[Layer, ...]
    cases: str
    columns: dict[str, str]
    areas: str = "areas.gpkg"
    editions: tuple[tuple[str, str, str, str, str], ...] = ()
    drafts: tuple[tuple[str, str, str], ...] = ()
    duties_on: str = ""

    def column(self, field: str) -> str:
        return self.columns.get(field, field)

    def case_rows(self) -> Iterator[dict[str, str]]:
        yield from _rows(self.folder / self.cases)

    @property
    def register(self) -> Path:
        return self.folder / "city_components.csv.gz"

    def components(self) -> Iterator[dict[str, str]]:
        if self.register.exists():
            yield from _rows(self.register)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


CITIES = {
    "hangzhou": City(
        DATA / "hangzhou_xiacheng",
        "Asia/Shanghai",
        (
            Layer("street", "streets", "street_code", "street"),
            Layer("community", "communities", "community_code", "community", "street_code"),
            Layer("cell", "grids", "grid_code", "grid_name", "community_code"),
        ),
        "grid_events.csv.gz",
        {"case_no": "event_id", "category": "type", "channel": "platform"},
        editions=(("2018", "2018-01-01", "1", "", ""),),
        drafts=(
            ("raw", "cell", "--layer grids_raw --code grid_code --name grid_name"),
            (
                "raw-as-one",
                "cell",
                "--layer grids_raw --code grid_code --name grid_name --on-duplicate dissolve",
            ),
        ),
        duties_on="community",
    ),
    "chicago": City(
        DATA / "chicago311",
        "America/Chicago",
        (Layer("district", "wards_2015_2023", "ward", "ward"),),
        "cases.csv.gz",
        {
            "case_no": "case_id",
            "category": "type",
            "reported_at": "created",
            "closed_at": "closed",
            "description": "nature",
        },
        editions=(
            ("2003", "2003-05-05", "7000", "ward <> 'OUT'", "wards_2003_2015"),
            ("2015", "2015-05-18", "1", "", ""),
        ),
        drafts=(
            ("out", "district", "--layer wards_2003_2015 --code ward --name ward"),
            (
                "out-as-one",
                "district",
                "--layer wards_2003_2015 --code ward --name ward --on-duplicate dissolve",
            ),
        ),
        duties_on="district",
    ),
    "la": City(
        DATA / "la311",
        "America/Los_Angeles",
        (
            Layer("bureau", "lapd_bureaus", "name", "name"),
            Layer("division", "lapd_divisions", "division", "name_uc", "bureau"),
            Layer(
                "car_area",
                "lapd_basic_car_areas",
                "basic_car_area",
                "basic_car_area",
                "division",
            ),
            Layer(
                "reporting_district",
                "lapd_reporting_districts",
                "reporting_district",
                "reporting_district",
                "basic_car_area",
            ),
        ),
        "cases.csv.gz",
        {
            "case_no": "case_id",
            "category": "requesttype",
            "reported_at": "createddate",
            "due_at": "servicedate",
            "closed_at": "closeddate",
            "channel": "requestsource",
        },
        editions=(("2017", "2017-01-01", "1", "", ""),),
        drafts=(
            ("nc", "bureau", "--layer neighborhood_councils_2019 --code nc --name name"),
            (
                "nc-as-one",
                "bureau",
                (
                    "--layer neighborhood_councils_2019 --code nc --name name"
                    " --on-duplicate dissolve"
                ),
            ),
        ),
        duties_on="division",
    ),
    # `gridmgmt demo` brings it in; its files lie in the home.
    "sample": City(
        Path("demo"),
        "Asia/Shanghai",
        tuple(
            Layer(level, layer, "code", "name")
            for level, layer in (
                ("district", "district"),
                ("street", "streets"),
                ("community", "communities"),
                ("cell", "cells"),
            )
        ),
        "synthetic_cases.csv.gz",
        {},
        areas="synthetic_areas.gpkg",
    ),
}
