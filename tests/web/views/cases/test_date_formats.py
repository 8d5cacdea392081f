"""The format of dates on the pages of imports: a field, proposed where only one is meant."""

import re
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.exchange.content import format_proposals
from gridmgmt.settings import Settings
from gridmgmt.store.cases.cases import get_case
from gridmgmt.store.responsibility.duties import list_duties
from gridmgmt.store.responsibility.zones import list_zones
from tests.factories import square
from tests.services.answering import layer
from tests.services.case_city import case_file, row
from tests.web.conftest import Login, csrf_of
from tests.web.views.cases.test_case_imports import acceptor, send, try_out, work
from tests.web.views.responsibility import test_layer_imports as records

__all__ = ["acceptor"]


def in_field(page: str) -> str:
    """Return what stands in the field of the format."""
    (field,) = re.findall(r'<input[^>]*id="date_format"[^>]*>', page)
    return re.findall(r'value="([^"]*)"', field)[0]


def cases_of(folder: Path, *dates: str, **others: str) -> bytes:
    rows = [row(f"N{n}", reported_at=date, **others) for n, date in enumerate(dates)]
    return case_file(folder, rows, "given.csv").read_bytes()


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["03/04/2026", "13/04/2026"], "DD/MM/YYYY"),
        (["01/05/2015 12:40:41 PM", "12/31/2015 01:00:00 AM"], "MM/DD/YYYY hh:mm:ss A"),
        # Far behind the rows that the page shows.
        (["03/04/2026"] * 30 + ["30/04/2026"], "DD/MM/YYYY"),
        (["03/04/2026", "04/12/2026"], ""),
        (["13/04/2026"] * 30 + ["04/13/2026"], ""),
        (["13/04/2026", "2026-04-13"], ""),
        (["2026-04-13 08:00", "2026/4/14 8:00"], ""),
    ],
)
def test_a_format_is_proposed_where_every_date_fits_only_one(
    acceptor: FlaskClient, tmp_path: Path, dates: list[str], expected: str
) -> None:
    page = acceptor.get(send(acceptor, cases_of(tmp_path, *dates))).text
    assert in_field(page) == expected
    assert ("这是建议值" in page) == bool(expected)


def test_nothing_is_proposed_for_a_table_too_long_for_a_page(
    acceptor: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(format_proposals, "_ROWS_AT_ONCE", 4)
    dates = ["03/04/2026"] * 9 + ["13/04/2026"]
    for most, expected in ((10, "DD/MM/YYYY"), (9, "")):
        monkeypatch.setattr(format_proposals, "MOST_ROWS", most)
        page = acceptor.get(send(acceptor, cases_of(tmp_path, *dates))).text
        assert in_field(page) == expected


def test_all_columns_of_dates_have_to_fit(acceptor: FlaskClient, tmp_path: Path) -> None:
    one = cases_of(tmp_path, "13/04/2026", due_at="14/04/2026")
    assert in_field(acceptor.get(send(acceptor, one)).text) == "DD/MM/YYYY"
    two = cases_of(tmp_path, "13/04/2026", due_at="2026-04-14")
    assert in_field(acceptor.get(send(acceptor, two)).text) == ""
    # Far behind the rows that the page shows.
    rows = [row(f"N{n}", reported_at="13/04/2026", due_at="14/04/2026") for n in range(30)]
    rows.append(row("N30", reported_at="13/04/2026", due_at="2026-04-14"))
    three = case_file(tmp_path, rows, "given.csv").read_bytes()
    assert in_field(acceptor.get(send(acceptor, three)).text) == ""


def test_columns_with_names_of_their_own_are_looked_at_too(
    acceptor: FlaskClient, tmp_path: Path
) -> None:
    content = cases_of(tmp_path, "13/04/2026").replace(b"reported_at", b"Created Date")
    assert in_field(acceptor.get(send(acceptor, content)).text) == "DD/MM/YYYY"


def test_a_workbook_is_looked_at_too(acceptor: FlaskClient, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in cases_of(tmp_path, "03/04/2026", "13/04/2026").decode().splitlines():
        book.active.append(line.split(","))
    book.save(tmp_path / "cases.xlsx")
    content = (tmp_path / "cases.xlsx").read_bytes()
    page = acceptor.get(send(acceptor, content, "cases.xlsx")).text
    assert in_field(page) == "DD/MM/YYYY"


def test_cases_are_read_in_the_stated_format(
    acceptor: FlaskClient, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    columns = send(acceptor, cases_of(tmp_path, "03/04/2026", "04/13/2026"))
    tried = try_out(acceptor, columns, date_format="DD/MM/YYYY")
    work(engine, settings)
    page = acceptor.get(f"{tried.location}?lang=en").text
    assert "1 new" in page
    assert "&#39;04/13/2026&#39; does not fit the format DD/MM/YYYY" in page
    # Back at the columns the format stands as it was typed.
    (back,) = re.findall(r'href="([^"]*date_format[^"]*)"', page)
    assert in_field(acceptor.get(back.replace("&amp;", "&")).text) == "DD/MM/YYYY"
    acceptor.post(f"{tried.location}/apply", data={"csrf_token": csrf_of(page)})
    work(engine, settings)
    with engine.connect() as conn:
        assert get_case(conn, "N0").given.reported_at == datetime(2026, 4, 2, 16, tzinfo=UTC)


def test_what_is_no_format_is_said_beside_what_was_typed(
    acceptor: FlaskClient, tmp_path: Path
) -> None:
    columns = send(acceptor, cases_of(tmp_path, "13/04/2026"))
    page = try_out(acceptor, columns, date_format="dd/mm/yyyy").text
    assert "日期格式 dd/mm/yyyy 不可用：日期格式中没有 dd, yyyy 这样的写法" in page
    assert in_field(page) == "dd/mm/yyyy"


def test_duties_are_read_in_the_proposed_format(city: Engine, login: Login) -> None:
    officer = login("gis_officer")
    officer.get("/?lang=en")
    head = "responder_code,role,target,level,target_code,categories,valid_from,valid_to\n"
    table = f"{head}S1,dispose,area,cell,A2,*,13/04/2026,03/05/2026\n".encode()
    columns = records.send(officer, "duties", table, "duties.csv")
    assert in_field(columns.text) == "DD/MM/YYYY"
    plain = records.post(officer, columns.text, date_format="").text
    assert (
        "is no date until its format is stated: “Format of the dates” &#34;DD/MM/YYYY" in plain
    )
    refused = records.post(officer, columns.text, date_format="MM/DD/YYYY")
    assert "13/04/2026&#39; does not fit the format MM/DD/YYYY" in refused.text
    assert in_field(refused.text) == "MM/DD/YYYY"
    preview = records.post(officer, columns.text, date_format="DD/MM/YYYY")
    assert records.post(officer, preview.text).status_code == 303
    with city.connect() as conn:
        days = [(str(one.valid_from), str(one.valid_to)) for one in list_duties(conn)]
    assert ("2026-04-13", "2026-05-03") in days


def test_zones_are_read_in_the_proposed_format(
    city: Engine, login: Login, tmp_path: Path
) -> None:
    officer = login("gis_officer")
    told = {"code": "Z1", "kind": "vendor", "name": "z", "valid_from": "13.04.2026"}
    content = layer(tmp_path, [told], [square(0, 0)]).read_bytes()
    columns = records.send(officer, "zones", content, "zones.gpkg")
    assert in_field(columns.text) == "DD.MM.YYYY"
    preview = records.post(officer, columns.text, date_format="DD.MM.YYYY")
    assert records.post(officer, preview.text).status_code == 303
    with city.connect() as conn:
        assert [str(one.valid_from) for one in list_zones(conn)[0]] == ["2026-04-13"]


def test_nouns_without_dates_have_no_such_field(city: Engine, login: Login) -> None:
    officer = login("gis_officer")
    page = records.send(officer, "responders", records.SQUADS.encode(), "squads.csv").text
    assert "date_format" not in page
