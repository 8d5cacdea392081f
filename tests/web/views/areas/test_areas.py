"""The tree of areas and one area, as pages and on maps."""

from datetime import UTC, datetime

import pytest
from shapely.geometry import mapping
from sqlalchemy.engine import Engine

from gridmgmt.domain.areas.allowed_gaps import AllowedGap, with_gaps
from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeKind
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.store.areas.attributes import store_attributes
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.duties import add_duties
from tests.factories import make_edition, make_level, square, two_streets
from tests.web.conftest import Login

A = ("street", "A")


def codes(answer: object) -> list[str]:
    """The codes of features, from their labels."""
    found = answer.get_json()["features"]  # type: ignore[attr-defined]
    return [one["properties"]["label"] for one in found]


@pytest.fixture
def redrawn(city: Engine) -> Engine:
    """A second edition in which A1 gave its eastern half to a new A5."""
    levels = two_streets()
    geoms = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    geoms["A1"], geoms["A5"] = square(0, 0, 0.25, 0.5), square(0.25, 0, 0.25, 0.5)
    levels["cell"] = make_level("cell", geoms, parents={code: code[0] for code in geoms})
    with city.begin() as conn:
        make_edition(conn, levels, effective_from=datetime(2026, 6, 1, tzinfo=UTC))
    return city


def test_without_an_edition_the_page_says_what_to_do(login: Login) -> None:
    page = login("gis_officer").get("/areas?lang=en")
    assert "No edition has been published yet" in page.text
    assert 'href="/drafts"' in page.text


def test_the_tree_lists_a_level_with_its_map(city: Engine, login: Login) -> None:
    client = login("commander")
    page = client.get("/areas?lang=en")
    assert page.status_code == 200
    assert 'href="/areas/street/A?edition=1"' in page.text
    assert 'href="/areas/cell/A1?edition=1"' not in page.text
    assert codes(client.get("/areas/page.json")) == ["A", "B"]
    found = client.get("/areas?q=a1&level=").text
    assert "/areas/cell/A1" in found
    assert "/areas/cell/A2" not in found


def test_nothing_found_says_how_to_go_on(city: Engine, login: Login) -> None:
    page = login("commander").get("/areas?q=nowhere&lang=en")
    assert "No area matches" in page.text


def test_one_area_shows_what_is_around_it_and_who_answers(city: Engine, login: Login) -> None:
    client = login("commander")
    page = client.get("/areas/cell/A1?lang=en&on=2026-03-02")
    assert page.status_code == 200
    assert "Who answers here" in page.text
    assert "一中队" in page.text
    around = "/areas/around.json?edition=1&area=cell:A1&part="
    assert codes(client.get(around + "area")) == ["A1"]
    assert codes(client.get(around + "parent")) == ["A"]
    assert codes(client.get(around + "neighbours")) == ["A2", "A3", "A4"]
    street = "/areas/around.json?edition=1&area=street:A&part=children"
    assert codes(client.get(street)) == ["A1", "A2", "A3", "A4"]


def test_the_duties_of_an_area_name_their_categories(redrawn: Engine, login: Login) -> None:
    codes = {f"E{n}1": f"类别{n}" for n in range(3)}
    with redrawn.begin() as conn:
        put_categories(conn, [Category(*one) for one in codes.items()])
        named = Duty(0, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A1", frozenset(codes))
        add_duties(conn, [named])
    page = login("gis_officer").get("/areas/cell/A1?edition=2&lang=en").text
    for name in codes.values():
        assert name in page
    assert "3 categories" in page


def test_the_history_says_what_an_edition_changed(redrawn: Engine, login: Login) -> None:
    client = login("gis_officer")
    page = client.get("/areas/cell/A1?edition=2&lang=en").text
    assert "Redrawn: gained 0 m²" in page
    assert "/editions/1/diff/2?level=cell&amp;q=A1" in page
    missing = client.get("/areas/cell/A5?edition=1&lang=en")
    assert missing.status_code == 200
    assert "Edition 1 has no such area" in missing.text


def test_attributes_and_allowed_gaps_stand_on_the_page_and_in_the_history(
    city: Engine, login: Login
) -> None:
    pond = AllowedGap("西塘<b>", "水面", mapping(square(0, 0, 0.5, 0.25)))
    levels = two_streets()
    levels["cell"].attributes[0] = {"grade": 2.0, "land_use": "居住"}
    levels["street"].attributes[0] = with_gaps({}, [pond])
    kinds = AttributeKind.TEXT, AttributeKind.NUMBER
    with city.begin() as conn:
        declared = [
            AreaAttribute("cell", "land_use", "用地类别", "Land use", kinds[0]),
            AreaAttribute("cell", "grade", "管理等级", "Grade", kinds[1]),
        ]
        store_attributes(conn, declared)
        make_edition(conn, levels, effective_from=datetime(2026, 6, 1, tzinfo=UTC))
    client = login("commander")
    page = client.get("/areas/cell/A1?edition=2&lang=en").text
    # In the order in which they are declared, with a number as people write it.
    assert page.index("<dt>Land use</dt><dd>居住</dd>") < page.index("<dt>Grade</dt><dd>2</dd>")
    assert "Grade: – → 2" in page
    assert "<dt>Grade</dt>" not in client.get("/areas/cell/A1?edition=1&lang=en").text
    assert "管理等级：– → 2" in client.get("/areas/cell/A1?edition=2&lang=zh").text
    page = client.get("/areas/street/A?edition=2&lang=en").text
    assert "<dt>Allowed gaps</dt><dd>西塘&lt;b&gt; " in page
    assert "Allowed gaps: – → 西塘&lt;b&gt;" in page
    told = client.get("/editions/1/diff/2?level=cell&lang=en").text
    assert "Land use: – → 居住" in told


def test_an_area_nobody_ever_had_and_a_bad_edition_are_told(city: Engine, login: Login) -> None:
    client = login("gis_officer")
    assert client.get("/areas/cell/Z9").status_code == 404
    assert client.get("/areas?edition=99").status_code == 404
    assert client.get("/areas?edition=x").status_code == 400
    assert client.get("/areas?after=x").status_code == 400
    assert client.get("/areas/around.json?edition=1").status_code == 404


def test_an_account_limited_to_a_street_sees_nothing_beside_it(
    city: Engine, login: Login
) -> None:
    client = login("street_chief", area=A)
    assert codes(client.get("/areas/page.json?level=cell")) == ["A1", "A2", "A3", "A4"]
    assert "/areas/street/B" not in client.get("/areas?level=street").text
    assert client.get("/areas/cell/A2").status_code == 200
    assert client.get("/areas/cell/B1").status_code == 404
    around = "/areas/around.json?edition=1&area=cell:A2&part=neighbours"
    assert codes(client.get(around)) == ["A1", "A3", "A4"]
    assert client.get("/areas/around.json?edition=1&area=cell:B1").status_code == 404
    assert codes(client.get("/editions/1/shapes.json")) == ["A1", "A2", "A3", "A4"]


def test_names_from_data_are_escaped(login: Login, engine: Engine) -> None:
    bad = "<img src=x onerror=alert(1)>"
    levels = two_streets()
    levels["street"] = make_level(
        "street", {"A": square(0, 0), "B": square(1, 0)}, names={"A": bad, "B": bad}
    )
    with engine.begin() as conn:
        make_edition(conn, levels)
    client = login("gis_officer")
    for address in ("/areas", "/areas/street/A", "/areas/cell/A1", "/editions/1"):
        assert bad not in client.get(address).text
