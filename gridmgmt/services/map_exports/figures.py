"""The figures of a period for each area of a level, as a layer."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.arrays import ObjectArray, objects
from gridmgmt.errors import InputError
from gridmgmt.exchange.content.export_content import (
    ExportContent,
    Fact,
    Field,
    fields_for,
    fields_of,
)
from gridmgmt.geometry.coverage.changes import pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import M2_PER_KM2, area_m2
from gridmgmt.indicators.rates import COUNT_NAMES, DeadlineCounts, Rate
from gridmgmt.sentence import Sentence
from gridmgmt.services.judging.code_names import CodeNames
from gridmgmt.services.map_exports.wanted import MapExport
from gridmgmt.services.situation.map_areas import map_areas
from gridmgmt.services.situation.map_figures import CasesNotShown, MapFigures, figures
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.situation.overview import DemolitionSums, demolitions_by_area

_NO_DEMOLITIONS = DemolitionSums(0, 0.0, 0, 0.0, 0, 0, 0, 0)

FIELDS = fields_of(
    "figures",
    Field("level", "text", "", "level the area belongs to", "区域所在层级"),
    Field("code", "text", "", "code, unique within the level", "编码，同一层级内唯一"),
    Field("name", "text", "", "name of the area", "区域名称"),
    Field("parent", "text", "", "area it lies in", "上级区域的编码"),
    Field("parent_name", "text", "", "of parent", "上级区域的名称", is_beside=True),
    Field("edition", "integer", "", "number of the edition", "网格版本号"),
    Field("area_km2", "real", "km2", "on the WGS 84 ellipsoid", "按 WGS 84 椭球计算"),
    Field("cases", "integer", "", "reported in the period, 上报", "期内上报"),
    Field(
        "per_km2",
        "real",
        "1/km2",
        "cases / area_km2, in the whole period; empty: the area has no ground",
        "案件数除以面积，整个时段；空：无面积",
    ),
    Field("open", "integer", "", "neither disposed of nor closed", "未处置且未结案"),
    Field("overdue", "integer", "", "open and past the deadline", "未办结且已超期"),
    Field("on_time", "integer", "", "disposed of by the deadline", "在时限内处置"),
    Field("late", "integer", "", "disposed of after the deadline", "超过时限处置"),
    Field("without_due", "integer", "", "in no rate", "不计入比率"),
    Field(
        "due",
        "integer",
        "",
        "on_time + late + overdue, the n of both rates",
        "按期 + 超期 + 超期未处置，两个比率的分母",
    ),
    Field(
        "provisional",
        "integer",
        "",
        "of due, those whose deadline is counted in plain hours",
        "应处置中以自然时间推算时限的",
    ),
    Field(
        "on_time_pct",
        "real",
        "%",
        "on_time / due; empty where due is 0",
        "按期处置数除以应处置数；应处置为 0 时空",
    ),
    Field(
        "disposal_pct",
        "real",
        "%",
        "(on_time + late) / due; empty where due is 0",
        "已处置数除以应处置数；应处置为 0 时空",
    ),
    Field("demolished", "integer", "", "structures, in the period", "期内拆除的建筑"),
    Field("claimed_m2", "real", "m2", "sum of those that state it", "已填报的合计"),
    Field(
        "not_claimed",
        "integer",
        "",
        "of demolished, not in claimed_m2",
        "拆除处数中未计入上报面积的",
    ),
    Field(
        "measured_m2", "real", "m2", "of the footprints, geodesic", "按占地图形在椭球面上量算"
    ),
    Field(
        "not_measured",
        "integer",
        "",
        "of demolished, not in measured_m2",
        "拆除处数中未计入实测面积的",
    ),
)


def figure_content(conn: Connection, wanted: MapExport) -> ExportContent:
    """Return the figures of the areas of a level, as the map and the panel show them.

    An area without cases has zeros and empty rates. The cases beside the areas are facts of
    the file: with them the rows add up to all cases that the account may see.

    Raises
    ------
    InputError
        when the level lies above the area the file is limited to
    NotFoundError
        when the edition has no such level
    """
    level = wanted.level or ""
    codes = _codes(conn, wanted, level)
    found = figures(
        conn, wanted.edition, level, wanted.reported, as_of=wanted.as_of, area=wanted.ground
    )
    rows = zip(*(found.columns[name] for name in COUNT_NAMES), strict=True)
    counts = dict(zip(found.codes, (DeadlineCounts(*row) for row in rows), strict=True))
    picked = pick(areas_in(conn, wanted.edition, level)[level], codes)
    period = wanted.reported.period
    torn_down = demolitions_by_area(
        conn, period.first, period.last, edition=wanted.edition, level=level
    )
    shown = [counts[code] for code in picked.codes]
    return ExportContent(
        name=f"figures_{level}",
        fields=fields_for(FIELDS, wanted.language),
        columns=_columns(picked, shown, wanted.edition, torn_down)
        | _names(conn, wanted, picked),
        language=wanted.language,
        keys=[str(code) for code in picked.codes],
        geoms=picked.geoms,
        facts=(
            Fact("level", "Level", "层级", level),
            *wanted.facts,
            *_beside(found, shown, wanted),
        ),
        notes=_notes(found),
    )


def _codes(conn: Connection, wanted: MapExport, level: str) -> Sequence[str]:
    seen = map_areas(conn, wanted.edition, area=wanted.ground)
    codes = seen.codes(level)
    if wanted.ground is None:
        return codes
    below = seen.levels[seen.levels.index(wanted.ground[0]) :]
    if level not in below:
        # Its figures would be those of a part, under the name of the whole.
        raise InputError(
            field="level",
            message=Sentence(
                "{} lies above {}, to which the file is limited; choose one of: {}",
                level,
                ":".join(wanted.ground),
                ", ".join(below),
            ),
        )
    return codes


def _names(conn: Connection, wanted: MapExport, areas: LevelAreas) -> dict[str, ObjectArray]:
    """Return the columns of the names of codes, in a file for people."""
    if wanted.language is None:
        return {}
    names = CodeNames(conn, wanted.language)
    return {
        "level": objects([names.level(areas.level)] * len(areas.codes)),
        "parent_name": objects(names.parents(wanted.edition, areas.level, areas.codes)),
    }


def _columns(
    areas: LevelAreas,
    shown: Sequence[DeadlineCounts],
    edition: int,
    torn_down: dict[str | None, DemolitionSums],
) -> dict[str, Any]:
    n = len(areas.codes)
    # To a hundredth of a square metre, and densities to a millionth: a shapefile carries these
    # digits.
    km2 = [round(ground / M2_PER_KM2, 8) for ground in area_m2(areas.geoms).tolist()]
    sums = [torn_down.get(code, _NO_DEMOLITIONS) for code in areas.codes]
    columns: dict[str, Iterable[object]] = {
        "level": [areas.level] * n,
        "code": areas.codes,
        "name": areas.names,
        "parent": areas.parent_codes,
        "edition": [edition] * n,
        "area_km2": km2,
        "cases": [one.cases for one in shown],
        "per_km2": [
            round(one.cases / ground, 6) if ground else None
            for one, ground in zip(shown, km2, strict=True)
        ],
        "open": [one.open for one in shown],
        "overdue": [one.overdue for one in shown],
        "on_time": [one.on_time for one in shown],
        "late": [one.late for one in shown],
        "without_due": [one.without_due for one in shown],
        "due": [one.due for one in shown],
        "provisional": [one.provisional for one in shown],
        "on_time_pct": [_percent(one.on_time_rate) for one in shown],
        "disposal_pct": [_percent(one.disposal_rate) for one in shown],
        "demolished": [one.structures for one in sums],
        "claimed_m2": [round(float(one.claimed_m2), 2) for one in sums],
        "not_claimed": [one.without_claimed for one in sums],
        "measured_m2": [round(float(one.measured_m2), 2) for one in sums],
        "not_measured": [one.without_measured for one in sums],
    }
    return {name: objects(values) for name, values in columns.items()}


def _percent(rate: Rate) -> float | None:
    """Return a rate in percent as pages print it, or None without a denominator."""
    if not rate.denominator:
        return None
    exact = Decimal(100 * rate.numerator) / Decimal(rate.denominator)
    return float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _beside(
    found: MapFigures, shown: Sequence[DeadlineCounts], wanted: MapExport
) -> tuple[Fact, ...]:
    """Return how many cases are in the rows, and how many beside them."""
    beside: CasesNotShown = found.elsewhere
    in_rows = sum(one.cases for one in shown)
    counted = [("cases_in_rows", "Cases in the rows", "表内案件数", in_rows)]
    counted += [
        ("unlocated", "Unlocated cases", "未定位案件数", beside.unlocated),
        (
            "unlocated_here",
            "Unlocated under this edition",
            "本版本网格外案件数",
            beside.unlocated_here,
        ),
        (
            "elsewhere",
            "In no area of the rows",
            "表外区域案件数",
            beside.no_area,
        ),
        (
            "at_default",
            "At default coordinates",
            "默认坐标案件数",
            beside.default_position,
        ),
    ]
    total = sum(count for *_, count in counted)
    counted.append(("cases_in_all", "All cases of the filter", "筛选案件总数", total))
    if wanted.ground is not None:
        # A file about one area says nothing about the rest of the city.
        counted = counted[:1]
    return tuple(Fact(key, en, zh, str(count)) for key, en, zh, count in counted)


def _notes(found: MapFigures) -> tuple[str, ...]:
    if not found.is_limited:
        return ()
    return (Sentence("the figures count only the cases that your account may see"),)
