"""Rows of every noun as hypothesis draws them: any code, text, day, number and shape."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import GeometryArray, objects
from gridmgmt.domain.areas.area import Level
from gridmgmt.domain.areas.surroundings import (
    Group,
    GroupKind,
    GroupMember,
    RoadSegment,
    Zone,
    ZoneKind,
)
from gridmgmt.domain.codes import LONGEST_CODE, code_fault
from gridmgmt.domain.columns import has_control
from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.domain.responsibility.component import Component, ComponentState
from gridmgmt.domain.responsibility.demolition import Demolition, DemolitionMode
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import GRID_PER_DEGREE, area_m2, on_grid
from gridmgmt.services.responsibility.named_categories import category_code
from tests.exchange.test_codes_survive import TEMPTING

Draw = Callable[[st.SearchStrategy[Any]], Any]

# Texts that files and spreadsheets take for something else.
ODD_TEXTS = [
    "𠀀㐀村",
    'a "quoted", one',
    "line\nbreak",
    "line\r\nbreak",
    "old\rMac",
    "tab\there",
    "'apostrophe",
    "= not a sum",
    "-x",
    "001",
    "1e5",
    "2024-02-31",
    "NULL",
    "_x0041_",
    "_x000D_",
    "a;b|c,d",
    "&amp; <b>",
    "–",
    "网" * 100,
    "x" * 300,
    "𠀀" * 70,
    "e\u0301 ０\u200bA",
    "sep=;",
    "\ufeffBOM",
    "next\x85line",
    "C1\x9fcontrol",
    "line\u2028separator",
    "lost\ufffdthere",
    "𠀀\U0001fffe",
]


def _is_storable(text: str) -> bool:
    return text == text.strip() and text != "" and not has_control(text)


CODES = st.one_of(
    st.sampled_from(TEMPTING),
    st.text("0123456789", min_size=1, max_size=LONGEST_CODE),
    st.text(
        st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=LONGEST_CODE
    ),
).filter(lambda text: code_fault(text) is None)
TEXTS = st.one_of(
    st.sampled_from(ODD_TEXTS),
    st.sampled_from(TEMPTING),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40),
).filter(_is_storable)
NUMBERS = st.one_of(
    st.sampled_from([0.0, 0.1, 1 / 3, 1e-9, 123456789.123456789, 999999999999.9999, 5e-324]),
    st.floats(0, 1e12, exclude_max=True, allow_subnormal=False),
    st.integers(0, 10**9).map(float),
)
COUNTS = st.integers(0, 2**31 - 1)
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def spans() -> st.SearchStrategy[tuple[date | None, date | None]]:
    """The first and the last day of something, either open."""
    pairs = st.tuples(DAYS, DAYS).map(lambda pair: tuple(sorted(pair)))
    return st.one_of(
        st.just((None, None)),
        pairs,
        DAYS.map(lambda day: (day, None)),
        DAYS.map(lambda day: (None, day)),
    )


def some_codes(least: int = 1, most: int = 5, codes: Any = CODES) -> Any:
    return st.lists(codes, min_size=least, max_size=most, unique=True)


# Shapes, in steps of the storage grid

Ring = list[tuple[int, int]]

ORIGINS = st.one_of(
    st.tuples(
        st.integers(12_015_000_000, 12_016_000_000), st.integers(3_025_000_000, 3_026_000_000)
    ),
    st.tuples(
        st.integers(-17_999_000_000, 17_950_000_000), st.integers(-8_900_000_000, 8_890_000_000)
    ),
)
SIZES = st.sampled_from([3, 40, 1000, 123_457, 1_000_000])


def degrees(rings: Sequence[Ring], origin: tuple[int, int]) -> shapely.Polygon:
    at = np.array(origin)
    shell, *holes = (
        (np.array(ring, dtype=np.int64) + at) / GRID_PER_DEGREE + 0.0 for ring in rings
    )
    return shapely.Polygon(shell, holes)


def box(x: int, y: int, width: int, height: int) -> Ring:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


@st.composite
def turned(draw: Draw, ring: Ring) -> Ring:
    """The same ring begun at another vertex."""
    k = draw(st.integers(0, len(ring) - 1))
    return ring[k:] + ring[:k]


@st.composite
def parts(draw: Draw) -> list[Ring]:
    """The rings of one polygon of at most 12 sizes by 12, the outline first."""
    s = draw(SIZES)
    kind = draw(st.sampled_from(["box", "hair", "any", "holes", "touching", "star"]))
    if kind == "hair":
        # Two steps of the grid are two millimetres.
        length, rise = 12 * s, draw(st.integers(0, s))
        return [[(0, 0), (length, rise), (length, rise + 2), (0, 2)]]
    if kind == "any":
        point = st.tuples(st.integers(0, 12 * s), st.integers(0, 12 * s))
        return [draw(st.lists(point, min_size=3, max_size=3, unique=True))]
    if kind == "star":
        angles = np.sort(draw(st.lists(st.floats(0, 6.28), min_size=4, max_size=30)))
        far = draw(st.lists(st.floats(0.2, 1), min_size=len(angles), max_size=len(angles)))
        xy = 6 * s + 6 * s * np.array(far)[:, None] * np.c_[np.cos(angles), np.sin(angles)]
        return [[(int(x), int(y)) for x, y in xy]]
    outline = box(0, 0, 12 * s, 12 * s)
    holes = []
    if kind == "holes":
        places = draw(st.lists(st.sampled_from(range(16)), min_size=1, max_size=4, unique=True))
        for k in places:
            size = draw(st.integers(1, 2 * s))
            holes.append(box(s // 2 + (k % 4) * 3 * s, s // 2 + (k // 4) * 3 * s, size, size))
    if kind == "touching":
        # A hole that meets the outline in one point, and another that meets the hole.
        holes = [
            [(0, 6 * s), (3 * s, 3 * s), (3 * s, 9 * s)],
            [(3 * s, 6 * s), (6 * s, 5 * s), (6 * s, 7 * s)],
        ]
    return [draw(turned(ring)) for ring in (outline, *holes)]


@st.composite
def multipolygons(draw: Draw) -> BaseGeometry:
    """Valid outlines on the grid: holes, islands within holes, several parts, hairs."""
    origin = draw(ORIGINS)
    drawn = draw(st.lists(parts(), min_size=1, max_size=3))
    polygons = []
    for k, rings in enumerate(drawn):
        # Beside each other, so that parts do not meet.
        place = (origin[0] + k * 12_500_000, origin[1])
        polygons.append(degrees(rings, place))
        holes = [ring for ring in rings[1:] if len(ring) == 4]
        if holes and draw(st.booleans()):
            (x, y), (far, _) = min(holes[0]), max(holes[0])
            if far - x > 8:
                polygons.append(degrees([box(x + 2, y + 2, 3, 3)], place))
    return on_grid([shapely.MultiPolygon(draw(st.permutations(polygons)))])[0]


POLYGONS = multipolygons().filter(lambda shape: shape.is_valid and area_m2([shape])[0] > 0)
# Every import turns outer rings counter-clockwise before it stores them.
OUTLINES = POLYGONS.map(lambda shape: shapely.orient_polygons(shape))


@st.composite
def points(draw: Draw) -> BaseGeometry:
    x, y = draw(ORIGINS)
    return on_grid([shapely.Point(x / GRID_PER_DEGREE, y / GRID_PER_DEGREE)])[0]


@st.composite
def multilines(draw: Draw) -> BaseGeometry:
    x, y = draw(ORIGINS)
    steps = st.tuples(st.integers(0, 1_000_000), st.integers(0, 1_000_000))
    lines = draw(
        st.lists(st.lists(steps, min_size=2, max_size=8, unique=True), min_size=1, max_size=3)
    )
    return on_grid(
        [shapely.MultiLineString([np.add(line, (x, y)) / GRID_PER_DEGREE for line in lines])]
    )[0]


# Nouns

Shaped = tuple[list[Any], GeometryArray]


@st.composite
def levels_of_areas(draw: Draw) -> dict[str, LevelAreas]:
    """Streets and cells, of which the outlines say nothing about each other."""
    streets = draw(some_codes(1, 3))
    cells = draw(some_codes(1, 6))
    return {
        "street": _level(draw, "street", streets, st.none()),
        "cell": _level(draw, "cell", cells, st.sampled_from(streets)),
    }


def _level(draw: Draw, level: str, codes: list[str], parent: Any) -> LevelAreas:
    codes = sorted(codes)
    return LevelAreas(
        level,
        objects(codes),
        objects(draw(TEXTS) for _ in codes),
        objects(draw(parent) for _ in codes),
        objects(draw(OUTLINES) for _ in codes),
    )


@st.composite
def shaped(draw: Draw, record: Callable[..., Any], shape: Any) -> Shaped:
    codes = draw(some_codes())
    return [draw(record(code)) for code in codes], objects(draw(shape) for _ in codes)


def road_segments() -> Any:
    return shaped(
        lambda code: st.builds(RoadSegment, st.just(code), TEXTS, NUMBERS), multilines()
    )


def zones(categories: Sequence[str]) -> Any:
    named = maybe(st.frozensets(st.sampled_from(categories), min_size=1, max_size=4))

    def zone(code: str) -> Any:
        return st.builds(
            lambda kind, name, days, categories: Zone(code, kind, name, *days, categories),
            st.sampled_from(ZoneKind),
            TEXTS,
            spans(),
            named,
        )

    return shaped(zone, OUTLINES)


def demolitions(*, points_only: bool) -> Any:
    def demolition(code: str) -> Any:
        return st.builds(
            Demolition,
            st.just(code),
            maybe(TEXTS),
            maybe(TEXTS),
            maybe(st.sampled_from(DemolitionMode)),
            maybe(st.dates(date(1900, 1, 1), date(2026, 1, 1))),
            maybe(NUMBERS),
            st.none(),
            maybe(COUNTS),
            maybe(COUNTS),
            maybe(COUNTS),
        )

    shape = points() if points_only else OUTLINES | points()
    return shaped(demolition, shape).map(_measured)


def _measured(drawn: Shaped) -> Shaped:
    found, shapes = drawn
    sizes = area_m2(shapes).tolist()
    pairs = zip(found, shapes, sizes, strict=True)
    kept = [
        one if shape.geom_type == "Point" else type(one)(**{**vars(one), "measured_m2": size})
        for one, shape, size in pairs
    ]
    return kept, shapes


def components(classes: Sequence[str]) -> Any:
    def component(code: str) -> Any:
        return st.builds(
            Component,
            st.just(code),
            st.sampled_from(classes),
            maybe(TEXTS),
            maybe(CODES),
            maybe(TEXTS),
            maybe(CODES),
            maybe(TEXTS),
            maybe(CODES),
            maybe(TEXTS),
            maybe(st.sampled_from(ComponentState)),
            maybe(DAYS),
            maybe(DAYS),
        )

    return shaped(component, points())


@st.composite
def responders(draw: Draw, areas: Sequence[str]) -> list[Responder]:
    found: list[Responder] = []
    for code in draw(some_codes(1, 6)):
        area = draw(maybe(st.sampled_from(areas)))
        found.append(
            Responder(
                code,
                draw(st.sampled_from(ResponderKind)),
                draw(TEXTS),
                draw(maybe(TEXTS)),
                draw(maybe(st.sampled_from([one.code for one in found]))) if found else None,
                None if area is None else "cell",
                area,
            )
        )
    return found


def is_category_code(text: str) -> bool:
    try:
        return category_code(text) == text
    except ValueError:
        return False


CATEGORY_CODES = CODES.filter(is_category_code)


@st.composite
def categories(draw: Draw) -> list[Category]:
    return [
        Category(
            code,
            draw(TEXTS),
            draw(maybe(TEXTS)),
            draw(maybe(st.sampled_from(CategoryClass))),
            draw(maybe(TEXTS)),
            draw(maybe(TEXTS)),
            draw(maybe(TEXTS)),
            class_code=draw(maybe(CODES)),
        )
        for code in draw(some_codes(1, 5, CATEGORY_CODES))
    ]


@st.composite
def groups(draw: Draw, areas: Sequence[str]) -> tuple[list[Group], list[GroupMember]]:
    named = [
        Group(code, draw(st.sampled_from(GroupKind)), draw(TEXTS))
        for code in draw(some_codes(1, 3))
    ]
    members = []
    for group in named:
        for area in draw(st.lists(st.sampled_from(areas), min_size=1, max_size=4, unique=True)):
            members.append(GroupMember(group.code, "cell", area, *draw(spans())))
    return named, members


HOURS = st.sampled_from(
    ["08:00-18:00", "Mo-Fr 08:00-12:00,14:00-18:00", "22:00-06:00", "Sa,Su 09:00-17:00"]
)


@st.composite
def duties(
    draw: Draw,
    responders: Sequence[str],
    targets: dict[DutyTarget, Sequence[str]],
    categories: Sequence[str],
) -> list[Duty]:
    found: dict[object, Duty] = {}
    for _ in range(draw(st.integers(1, 6))):
        target = draw(st.sampled_from(DutyTarget))
        duty = Duty(
            0,
            draw(st.sampled_from(responders)),
            draw(st.sampled_from(DutyRole)),
            target,
            "cell" if target is DutyTarget.AREA else None,
            draw(st.sampled_from(targets[target])),
            draw(maybe(st.frozensets(st.sampled_from(categories), min_size=1, max_size=3))),
            draw(maybe(HOURS)),
            *draw(spans()),
            draw(maybe(TEXTS)),
        )
        # Two that differ by their last day alone are one duty, which ends twice.
        found.setdefault(replace(duty, valid_to=None), duty)
    return list(found.values())


@st.composite
def levels(draw: Draw) -> list[Level]:
    names = draw(
        st.lists(
            st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True),
            min_size=1,
            max_size=5,
            unique=True,
        )
    )
    patterns = st.sampled_from([r"\d{6}", "[A-Z]{2}[0-9]+", "=A.*", "(a|b)*", "甲.+"])
    return [
        Level(
            name,
            rank,
            draw(TEXTS),
            draw(TEXTS),
            draw(maybe(patterns)),
            draw(maybe(NUMBERS.filter(lambda m2: m2 > 0))),
            draw(maybe(NUMBERS)),
        )
        for rank, name in enumerate(names)
    ]
