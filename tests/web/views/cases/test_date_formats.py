"""The format of dates on the pages of imports: a field, proposed where only one is meant."""

import re
from datetime import UTC, date, datetime
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
    (typed,) = re.findall(r'<textarea[^>]*id="date_format"[^>]*>([^<]*)</textarea>', page)
    return str(typed)


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
    assert ("建议值：" in page) == bool(expected)


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
    fits = {"reported_at": "13/04/2026", "due_at": "14/04/2026"}
    for name in fits:
        rows = [row(f"N{n}", **fits) for n in range(30)]
        rows.append(row("N30", **{**fits, name: "2026-04-14"}))
        last = case_file(tmp_path, rows, "given.csv").read_bytes()
        assert in_field(acceptor.get(send(acceptor, last)).text) == ""


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


def test_a_format_is_proposed_for_the_text_beside_cells_that_are_dates(
    acceptor: FlaskClient, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    lines = cases_of(tmp_path, "03/04/2026", "13/04/2026").decode().splitlines()
    for line in lines:
        book.active.append(line.split(","))
    column = lines[0].split(",").index("reported_at") + 1
    book.active.cell(2, column).value = date(2026, 4, 2)
    book.save(tmp_path / "cases.xlsx")
    content = (tmp_path / "cases.xlsx").read_bytes()
    page = acceptor.get(send(acceptor, content, "cases.xlsx")).text
    assert in_field(page) == "DD/MM/YYYY"


SEVERAL = "DD/MM/YYYY\r\n\r\nvalid_to=MM/DD/YYYY\r\nD MMM YYYY"


def test_several_formats_are_written_on_lines_of_their_own(
    city: Engine, login: Login, settings: Settings
) -> None:
    officer = login("gis_officer")
    officer.get("/?lang=en")
    head = "responder_code,role,target,level,target_code,categories,valid_from,valid_to\n"
    rows = ("03/04/2026,05/03/2026", "4 Apr 2026,06/03/2026", "2026-04-05,12/31/9999")
    table = head + "".join(f"S1,dispose,area,cell,A2,*,{row}\n" for row in rows)
    columns = records.send(officer, "duties", table.encode(), "duties.csv")
    preview = records.post(officer, columns.text, date_format=SEVERAL)
    assert records.post(officer, preview.text).status_code == 303
    with city.connect() as conn:
        days = {(str(one.valid_from), str(one.valid_to)) for one in list_duties(conn)}
    assert {
        ("2026-04-03", "2026-05-03"),
        ("2026-04-04", "2026-06-03"),
        ("2026-04-05", "None"),
    } <= days
    refused = records.post(officer, columns.text, date_format="DD/MM/YYYY\nMM/DD/YYYY").text
    told = "state one of them for this field: “Format of the dates” &#34;valid_from=DD/MM/YYYY"
    assert told in refused
    # What was typed stands there as it was.
    assert in_field(refused) == "DD/MM/YYYY\nMM/DD/YYYY"
    other = records.post(officer, columns.text, date_format="due_at=MM/DD/YYYY").text
    assert "there is no field of dates due_at; choose of valid_from, valid_to" in other


def test_cases_are_read_in_several_formats(
    acceptor: FlaskClient, engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    content = cases_of(tmp_path, "03/04/2026", "4.4.2026", due_at="05/03/2026")
    stated = "DD/MM/YYYY\r\nD.M.YYYY\r\ndue_at=MM/DD/YYYY"
    tried = try_out(acceptor, send(acceptor, content), date_format=stated)
    work(engine, settings)
    page = acceptor.get(f"{tried.location}?lang=en").text
    assert "2 new" in page
    (back,) = re.findall(r'href="([^"]*date_format[^"]*)"', page)
    field = in_field(acceptor.get(back.replace("&amp;", "&")).text)
    assert field.split() == stated.split()
    acceptor.post(f"{tried.location}/apply", data={"csrf_token": csrf_of(page)})
    work(engine, settings)
    with engine.connect() as conn:
        given = get_case(conn, "N1").given
    assert given.reported_at == datetime(2026, 4, 3, 16, tzinfo=UTC)
    assert given.due_at == datetime(2026, 5, 2, 16, tzinfo=UTC)


def test_nouns_without_dates_have_no_such_field(city: Engine, login: Login) -> None:
    officer = login("gis_officer")
    page = records.send(officer, "responders", records.SQUADS.encode(), "squads.csv").text
    assert "date_format" not in page
