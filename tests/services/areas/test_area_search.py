"""The area that somebody means by what they type."""

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.errors import InputError
from gridmgmt.services.areas.area_search import (
    LONGEST,
    MOST_OFFERED,
    area_written,
    find_areas,
    meant,
)
from tests.factories import make_edition, make_level, square, two_streets


@pytest.fixture
def conn(conn: Connection) -> Connection:
    """Streets 青桥街道 (S1), 红桥街道 (S2); cells 一 (C1), 二 (C2), and S1, which is in S2."""
    make_edition(
        conn,
        {
            "street": make_level(
                "street",
                {"S1": square(0, 0), "S2": square(1, 0)},
                names={"S1": "青桥街道", "S2": "红桥街道"},
            ),
            "cell": make_level(
                "cell",
                {"C1": square(0, 0, 0.5, 1), "C2": square(0.5, 0, 0.5, 1), "S1": square(1, 0)},
                parents={"C1": "S1", "C2": "S1", "S1": "S2"},
                names={"C1": "一", "C2": "二", "S1": "S1"},
            ),
        },
    )
    return conn


def found(conn: Connection, text: str, most: int = MOST_OFFERED) -> list[tuple[str, str]]:
    return [(one.level, one.code) for one in find_areas(conn, text, "zh", most=most)]


def test_areas_of_every_level_are_found_by_code_name_and_the_area_above(
    conn: Connection,
) -> None:
    assert found(conn, "c1") == [("cell", "C1")]
    assert found(conn, "红桥") == [("street", "S2"), ("cell", "S1")]
    assert found(conn, "青桥 二") == [("cell", "C2")]
    assert found(conn, "二 青桥") == [("cell", "C2")]
    assert found(conn, "青桥 三") == []
    # A code at the end of other words means nothing.
    assert found(conn, "XC1") == []


def test_the_likeliest_comes_first_and_no_more_than_asked_for(conn: Connection) -> None:
    assert found(conn, "S1") == [("street", "S1"), ("cell", "S1")]
    # Names that begin with the text before those that only lie in such an area.
    assert found(conn, "青桥街道") == [("street", "S1"), ("cell", "C1"), ("cell", "C2")]
    assert found(conn, "青桥街道", most=1) == [("street", "S1")]


@pytest.mark.parametrize("text", ["", " ", "\x00", "x" * (LONGEST + 1), "%", "_"])
def test_what_means_nothing_finds_nothing(conn: Connection, text: str) -> None:
    assert found(conn, text) == []


def test_what_is_offered_says_what_it_is_and_is_read_again(conn: Connection) -> None:
    [one] = find_areas(conn, "C1", "zh")
    assert (one.written, one.note) == (
        "一 · 青桥街道 · 单元网格 C1",
        "青桥街道 · 单元网格 C1",
    )
    for language in ("zh", "en"):
        for text in ("C1", "S1", "S2", "一"):
            for offered in find_areas(conn, text, language):  # type: ignore[arg-type]
                key = (offered.level, offered.code)
                assert found(conn, offered.written) == [key]
                assert meant(conn, offered.written, field="area") == key
                assert area_written(conn, key, language) == offered.written  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("", None),
        ("  ", None),
        ("C2", ("cell", "C2")),
        ("cell:S1", ("cell", "S1")),
        ("单元网格:S1", ("cell", "S1")),
        ("street:S1", ("street", "S1")),
        ("青桥街道", ("street", "S1")),
        ("二", ("cell", "C2")),
        ("青桥 二", ("cell", "C2")),
    ],
)
def test_a_typed_text_means_an_area(
    conn: Connection, text: str, area: tuple[str, str] | None
) -> None:
    assert meant(conn, text, field="area") == area


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("S9", "no edition has an area 'S9'"),
        ("cell:S9", "no edition has an area 'S9' on level cell"),
        ("street:C1", "the code exists as cell"),
        # A code that only ends in that of an area means no area.
        ("XC1", "no edition has an area 'XC1'"),
        ("S1", "means 2 areas: 青桥街道 · 街道 S1, 红桥街道 · 单元网格 S1"),
        ("桥", "means 5 areas"),
    ],
)
def test_what_means_none_or_several_is_refused_with_words(
    conn: Connection, text: str, told: str
) -> None:
    with pytest.raises(InputError, match=told) as refused:
        meant(conn, text, field="area")
    assert refused.value.field == "area"


def test_an_area_of_an_older_edition_is_still_meant_by_its_code(conn: Connection) -> None:
    make_edition(conn, two_streets())
    assert found(conn, "C1") == []
    assert meant(conn, "C1", field="area") == ("cell", "C1")
    assert area_written(conn, ("cell", "C1"), "zh") == "cell:C1"
    assert meant(conn, "cell:C1", field="area") == ("cell", "C1")


def test_many_are_counted_instead_of_named(conn: Connection) -> None:
    codes = {f"N{n:02}": square(n / 25, 0, 1 / 25, 1) for n in range(25)}
    make_edition(
        conn,
        {
            "street": make_level("street", {"S1": square(0, 0)}),
            "cell": make_level("cell", codes, parents=dict.fromkeys(codes, "S1")),
        },
    )
    assert len(found(conn, "N")) == MOST_OFFERED
    with pytest.raises(InputError, match="more than 20 areas"):
        meant(conn, "N", field="area")
    assert meant(conn, "N24", field="area") == ("cell", "N24")
